"""What evidence requests name stays; what planning leaves open holds it up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from audits.actions import controls, scope
from audits.models import EngagementControl
from tenants.actions import engagements
from tenants.choices import EngagementKind
from tenants.errors import Invalid, MoveRefused, Refused
from tenants.queries.findings import open_findings
from tenants.rules.engagements import Terms
from tests import factories
from tests.audits.actions.test_scope import SOC1
from tests.audits.helpers import fill_library, take_all
from tests.conftest import as_
from tests.evidence import requests

TYPE_1 = Terms("SOC2", "T1", ("security",), as_of=date(2026, 9, 30))


@pytest.fixture
def named(world):
    """A draft request that names ELC-01 and A1.3."""
    fill_library(world, 3)
    take_all(world)
    with as_(world.lead, world.firm):
        control = EngagementControl.objects.get(ref="ELC-01")
        item = world.engagement.scope_items.get(identifier="A1.3")
    requests.draft(world, controls=[control.pk], scope_items=[item.pk])
    return control


def test_a_control_that_a_request_names_is_not_dropped(world, named):
    with as_(world.lead, world.firm):
        with pytest.raises(Refused, match="ELC-01 is named by"):
            controls.drop_control(named, by=world.lead)
        assert EngagementControl.objects.filter(pk=named.pk).exists()


def test_rt_04_a_criterion_that_a_request_names_goes_only_when_confirmed(world, named):
    with as_(world.lead, world.firm):
        with pytest.raises(Refused, match=r"A1\.3"):
            scope.change_categories(world.engagement, ["security"], by=world.lead)
        assert world.engagement.scope_items.count() == 38
        scope.change_categories(world.engagement, ["security"], by=world.lead, confirmed=True)
        assert world.engagement.scope_items.count() == 33
        asked = world.engagement.evidence_requests.get()
        assert not asked.scope_items.exists()


def test_rt_07_a_type_1_holds_no_sample_in_the_action_or_in_the_database(world):
    type_1 = factories.engagement(world.firm, world.client_organization, world.lead, terms=TYPE_1)
    world.engagement = type_1
    with pytest.raises(Invalid, match="RT-07"):
        requests.draft(world, kind="sample", owner=None)
    row = requests.draft(world, owner=None)
    with (
        as_(world.lead, world.firm),
        pytest.raises(IntegrityError, match="RT-07"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE evidence_evidencerequest SET kind = 'sample' WHERE id = %s", [row.pk]
        )


def found_at_planning(engagement):
    return [each.finding for each in open_findings(engagement, "planning")
            if each.finding.rule in ("RT-04", "RT-08")]  # fmt: skip


def test_rt_04_planning_ends_when_every_item_has_a_control_or_is_left_out(world):
    fill_library(world)
    take_all(world)
    factories.moved_to(world, "planning")
    with as_(world.lead, world.firm):
        item = world.engagement.scope_items.get(identifier="A1.3")
        for mapping in item.mappings.select_related("control__engagement"):
            controls.unmap(mapping.control, item, by=world.lead)
        (hole,) = found_at_planning(world.engagement)
        assert hole.text == "1 item has no control yet (A1.3)."
        with pytest.raises(MoveRefused):
            engagements.move(world.engagement, "finish_planning", by=world.lead)
        scope.leave_out(item, reason="No recovery is promised.", by=world.lead)
        assert found_at_planning(world.engagement) == []


@pytest.mark.parametrize(
    ("terms", "rule", "words"),
    [
        (SOC1, "RT-08", "Nothing is examined yet."),
        (replace(TYPE_1), "RT-04", "33 items have no control"),
    ],
)
def test_planning_is_held_up_by_an_empty_scope(world, terms, rule, words):
    engagement = factories.engagement(
        world.firm, world.client_organization, world.lead, terms=terms
    )
    with as_(world.lead, world.firm):
        (hole,) = found_at_planning(engagement)
    assert (hole.rule, words in hole.text) == (rule, True)


def test_a_readiness_assessment_starts_with_an_empty_scope_and_goes_its_own_way(world):
    engagement = factories.engagement(
        world.firm, world.client_organization, world.lead, terms=SOC1,
        kind=EngagementKind.READINESS,
    )  # fmt: skip
    with as_(world.lead, world.firm):
        with pytest.raises(MoveRefused, match="begin acceptance"):
            engagements.move(engagement, "begin", by=world.lead)
        engagements.move(engagement, "start", by=world.lead)
        assert engagement.status == "active"
        with pytest.raises(IntegrityError, match="engagement_status_fits_kind"):
            factories.arrange(engagement, status="planning")
