"""The classic mistake is refused wherever it is tried, in words that teach (RT-02, RT-03)."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from audits.actions import library_objectives, scope
from audits.models import ScopeItem
from tenants.rules.engagements import Terms
from tests import factories
from tests.conftest import as_
from tests.evidence.import_helpers import csv_list, good_row, hand_in, rows_of
from tests.programs import program_of

SOC1 = Terms("SOC1", "T2", (), period_start=factories.PERIOD.period_start,
             period_end=factories.PERIOD.period_end)  # fmt: skip
INSERT = """INSERT INTO audits_scopeitem (id, version, engagement_id, client_id, basis,
    criterion_id, objective_id, identifier, series, category, common, title, text, position,
    relevant, reason) VALUES (gen_random_uuid(), 1, %s, %s, %s, %s, %s, 'X', 'X', '', false, 'X',
    'X', 99, true, '')"""


@pytest.fixture
def objectives(world):
    with as_(world.client, world.client_organization):
        return library_objectives.propose_objectives_from_catalog(
            world.client_organization, ["CO-01", "CO-13"], world.client
        )


@pytest.fixture
def soc1(world, objectives):
    """A SOC 1 beside the SOC 2, with one objective in scope."""
    made = factories.engagement(world.firm, world.client_organization, world.lead, terms=SOC1)
    with as_(world.lead, world.firm):
        scope.take_objectives(made, [objectives[0].pk], world.lead)
    return made


def by_portal(world, engagement, objectives):
    browser = Client()
    browser.force_login(world.lead, backend="allauth.account.auth_backends.AuthenticationBackend")
    to_soc1 = engagement.basis == "objective"
    page = reverse(
        f"audits:scope_{'categories' if to_soc1 else 'objectives'}", args=[engagement.pk]
    )
    sent = {"categories": ["security"], "looked": "1", "version": engagement.version}
    answer = browser.post(page, sent if to_soc1 else {"objectives": [str(objectives[1].pk)]})
    assert answer.status_code == 400
    return answer.content.decode()


def by_api(world, engagement, objectives):
    program = program_of(world.lead, world.firm)
    body = {"engagement": str(engagement.pk)}
    if engagement.basis == "objective":
        body["categories"] = ["security"]
        answer = program.post("scope-items/change_categories/", body)
    else:
        body["objectives"] = [str(objectives[1].pk)]
        answer = program.post("scope-items/take_objectives/", body)
    assert answer.status_code == 400
    return answer.json()["detail"]


def by_import(world, engagement, objectives):
    wrong = "CC6.1" if engagement.basis == "objective" else "CO-13"
    world.engagement = engagement
    with as_(world.lead, world.firm):
        row = rows_of(hand_in(world, csv_list(good_row(1, criteria=wrong)), "list.csv"))[2]
    assert row.plan == "error"
    return str(row.messages)


def by_sql(world, engagement, objectives):
    to_soc1 = engagement.basis == "objective"
    values = ("criterion", "CC6.1", None) if to_soc1 else ("objective", None, objectives[1].pk)
    return _inserted(world, engagement, values)


def _inserted(world, engagement, values):
    """What the database says to a scope item written past all actions."""
    given = [engagement.pk, engagement.client_id, *values]
    refused = pytest.raises(IntegrityError)
    with (
        as_(world.lead, world.firm), connection.cursor() as cursor, refused as found,
        transaction.atomic(),
    ):  # fmt: skip
        cursor.execute(INSERT, given)
    return str(found.value)


WAYS = (by_portal, by_api, by_import, by_sql)


def identifiers(world, engagement):
    with as_(world.lead, world.firm):
        rows = ScopeItem.objects.filter(engagement=engagement)
        return list(rows.values_list("identifier", flat=True))


@pytest.mark.parametrize("way", WAYS)
def test_rt_02_no_way_leads_a_criterion_into_a_soc_1(world, soc1, objectives, way):
    said = way(world, soc1, objectives)
    assert "SOC 1" in said
    assert "control objective" in said, "the cure"
    assert identifiers(world, soc1) == ["CO-01"]


@pytest.mark.parametrize("way", WAYS)
def test_rt_03_no_way_leads_an_objective_into_a_soc_2(world, objectives, way):
    before = identifiers(world, world.engagement)
    said = way(world, world.engagement, objectives)
    assert "SOC 2" in said
    assert "rust services criteri" in said, "the cure"
    assert identifiers(world, world.engagement) == before


def test_rt_02_and_rt_03_a_disguised_item_is_refused_by_the_database_too(world, soc1, objectives):
    for engagement, values in (
        (soc1, ("objective", "CC6.1", None)),
        (world.engagement, ("criterion", None, objectives[1].pk)),
    ):
        assert _inserted(world, engagement, values).startswith("RT-0")
