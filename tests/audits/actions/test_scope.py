"""The frozen scope: RT-01 to RT-06 in the actions, and in the database for whoever passes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from audits.actions import controls, scope
from audits.actions.library_objectives import propose_objectives_from_catalog
from audits.models import ControlMapping, ControlObjective, EngagementControl, ScopeItem
from tenants.actions import engagements
from tenants.choices import EngagementKind, Role
from tenants.errors import Invalid, NotVisible, Refused
from tenants.models import Engagement, TrailEntry
from tenants.rules.engagements import Terms
from tests import factories
from tests.audits.helpers import fill_library, take_all
from tests.conftest import as_

SOC1 = Terms("SOC1", "T2", period_start=date(2025, 10, 1), period_end=date(2026, 9, 30))
SOC2 = factories.PERIOD


def raw(sql: str, *values: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.fixture
def soc1(world):
    return factories.engagement(world.firm, world.client_organization, world.lead, terms=SOC1)


@pytest.fixture
def objectives(world):
    with as_(world.client, world.client_organization):
        return propose_objectives_from_catalog(
            world.client_organization, ["CO-01", "CO-02", "CO-14"], by=world.client
        )


def test_rt_04_a_soc_2_freezes_the_common_criteria_and_those_of_its_categories(world, as_lead):
    items = world.engagement.scope_items
    assert items.filter(common=True).count() == 33
    assert items.filter(common=False).count() == 3 + 2
    first = items.first()
    assert (first.identifier, first.series, first.criterion_id) == ("CC1.1", "CC1", "CC1.1")
    assert first.title
    assert first.text


def test_rt_04_a_readiness_assessment_freezes_the_same(world):
    readiness = factories.engagement(
        world.firm, world.client_organization, world.lead, kind=EngagementKind.READINESS,
        terms=replace(SOC2, categories=("security",)),
    )  # fmt: skip
    with as_(world.lead, world.firm):
        assert readiness.scope_items.count() == 33


def test_rt_04_other_categories_add_and_remove_their_criteria(world, as_lead):
    kept = world.engagement.scope_items.get(identifier="A1.1")
    change = scope.change_categories(
        world.engagement, ["security", "availability", "privacy"], by=as_lead
    )
    assert change.added[0] == "P1.1"
    assert len(change.added) == 18
    assert change.removed == ("C1.1", "C1.2")
    assert world.engagement.scope_items.count() == 33 + 3 + 18
    assert world.engagement.scope_items.get(identifier="A1.1").pk == kept.pk
    entry = TrailEntry.objects.get(verb="scope_changed")
    assert entry.person_id == as_lead.pk
    assert entry.detail["removed"] == ["C1.1", "C1.2"]


def test_rt_04_a_criterion_in_use_goes_only_when_confirmed(world):
    fill_library(world)
    take_all(world)
    with as_(world.lead, world.firm):
        orphans = scope.effect_of(world.engagement, ["security"]).orphaned
        assert set(orphans) == {"A1.1", "A1.2", "A1.3", "C1.1", "C1.2"}
        with pytest.raises(Refused, match=r"A1\.1 \(\d+ uses\)"):
            scope.change_categories(world.engagement, ["security"], by=world.lead)
        world.engagement.refresh_from_db()
        assert world.engagement.scope_items.count() == 38
        assert "availability" in world.engagement.categories
        before = ControlMapping.objects.count()
        scope.change_categories(world.engagement, ["security"], by=world.lead, confirmed=True)
        assert world.engagement.scope_items.count() == 33
        assert ControlMapping.objects.count() == before - sum(orphans.values())


def test_rt_04_a_criterion_is_left_out_with_a_reason_by_a_leader_and_taken_back(world):
    with as_(world.lead, world.firm):
        item = world.engagement.scope_items.get(identifier="CC6.4")
        with pytest.raises(Invalid, match="RT-04"):
            scope.leave_out(item, reason=" ", by=world.lead)
        scope.leave_out(item, reason="No premises of its own.", by=world.lead)
        assert not item.relevant
        assert item.decided_by == world.lead
        with pytest.raises(Refused):
            scope.leave_out(item, reason="Again.", by=world.lead)
        scope.take_back(item, by=world.lead)
        assert item.relevant
        assert item.reason == ""
        with pytest.raises(Refused):
            scope.take_back(item, by=world.lead)
    for who, organization in (
        (world.senior, world.firm),
        (world.client, world.client_organization),
    ):
        with as_(who, organization), pytest.raises(PermissionDenied):
            scope.leave_out(item, reason="No.", by=who)


def test_rt_04_the_database_keeps_no_item_left_out_without_reason_and_name(world, as_lead):
    with pytest.raises(IntegrityError, match="scope_item_left_out_with_reason_rt_04"):
        raw("UPDATE audits_scopeitem SET relevant = false")


def test_rt_02_a_soc_1_takes_objectives_of_its_client_and_no_criterion(world, soc1, objectives):
    with as_(world.lead, world.firm):
        assert not soc1.scope_items.exists()
        scope.take_objectives(soc1, [one.pk for one in objectives], by=world.lead)
        items = list(soc1.scope_items.all())
        assert [item.identifier for item in items] == ["CO-01", "CO-02", "CO-14"]
        assert items[2].series == objectives[2].domain
        with pytest.raises(Invalid, match="RT-02") as refused:
            scope.add_criterion(soc1, "CC6.1", by=world.lead)
        assert refused.value.code == "criterion_in_soc1"


def test_rt_02_the_database_refuses_a_criterion_in_a_soc_1(world, soc1):
    row = """INSERT INTO audits_scopeitem (id, version, engagement_id, client_id, basis,
        criterion_id, objective_id, identifier, series, category, common, title, text, position,
        relevant, reason) VALUES (gen_random_uuid(), 1, %s, %s, %s, 'CC6.1', NULL, 'CC6.1', 'CC6',
        'security', true, 't', 't', 1, true, '')"""
    with as_(world.lead, world.firm):
        with pytest.raises(IntegrityError, match="RT-02: trust services criteria are not a basis"):
            raw(row, soc1.pk, soc1.client_id, "criterion")
        with pytest.raises(IntegrityError, match="RT-02"):
            raw(row, soc1.pk, soc1.client_id, "objective")


def test_rt_03_a_soc_2_takes_no_objective(world, objectives, as_lead):
    with pytest.raises(Invalid, match="RT-03") as refused:
        scope.take_objectives(world.engagement, [objectives[0].pk], by=as_lead)
    assert refused.value.code == "objective_in_soc2"
    with pytest.raises(Invalid, match="RT-04"):
        scope.add_criterion(world.engagement, "P1.1", by=as_lead)
    scope.add_criterion(world.engagement, "CC1.1", by=as_lead)  # stands there already


def test_rt_03_the_database_refuses_an_objective_in_a_soc_2(world, objectives, as_lead):
    with pytest.raises(IntegrityError, match="RT-03: control objectives are not a basis"):
        raw(
            """INSERT INTO audits_scopeitem (id, version, engagement_id, client_id, basis,
            objective_id, identifier, series, category, common, title, text, position, relevant,
            reason) VALUES (gen_random_uuid(), 1, %s, %s, 'objective', %s, 'CO-01', 'x', '', false,
            't', 't', 1, true, '')""",
            world.engagement.pk, world.engagement.client_id, objectives[0].pk,
        )  # fmt: skip


def test_a_soc_1_keeps_the_words_it_took_and_drops_what_is_not_chosen(world, soc1, objectives):
    with as_(world.lead, world.firm):
        scope.take_objectives(soc1, [objectives[0].pk, objectives[1].pk], by=world.lead)
    with as_(world.client, world.client_organization):
        ControlObjective.objects.filter(ref="CO-02").update(text="Told otherwise.")
    with as_(world.lead, world.firm):
        change = scope.take_objectives(soc1, [objectives[1].pk, objectives[2].pk], by=world.lead)
        assert (change.added, change.removed) == (("CO-14",), ("CO-01",))
        assert soc1.scope_items.get(identifier="CO-02").text != "Told otherwise."
        with pytest.raises(Invalid):
            scope.take_objectives(soc1, [], by=world.lead)
        with pytest.raises(Refused, match="list of objectives"):
            scope.leave_out(soc1.scope_items.first(), reason="No.", by=world.lead)


def test_objectives_of_another_client_are_not_there(world, soc1):
    with as_(world.outsider, world.other_client):
        foreign = propose_objectives_from_catalog(world.other_client, ["CO-01"], by=world.outsider)
    with as_(world.lead, world.firm), pytest.raises(NotVisible):
        scope.take_objectives(soc1, [foreign[0].pk], by=world.lead)


def test_another_basis_empties_the_scope_first(world, as_lead):
    engagements.set_terms(world.engagement, terms=SOC1, by=as_lead)
    assert not world.engagement.scope_items.exists()
    engagements.set_terms(world.engagement, terms=SOC2, by=as_lead)
    assert world.engagement.scope_items.count() == 38


def test_another_basis_is_refused_while_controls_are_mapped(world):
    fill_library(world, 3)
    take_all(world)
    with as_(world.lead, world.firm), pytest.raises(Refused, match=r"CC1\.1"):
        engagements.set_terms(world.engagement, terms=SOC1, by=world.lead)


@pytest.mark.parametrize(
    ("other", "rule", "constraint", "values"),
    [
        ({"report_type": "SOC4"}, "RT-01", "rt_0[14]", "report_type='SOC4'"),
        ({"categories": ()}, "RT-04", "categories_fit_report_type_rt_04", "categories='{}'"),
        (
            {"report_type": "SOC3", "exam_type": "T1"},
            "RT-05",
            "soc3_covers_a_period_rt_05",
            (
                "report_type='SOC3', exam_type='T1', as_of='2026-01-01', period_start=null, "
                "period_end=null"
            ),
        ),
        ({"period_end": None}, "RT-06", "dates_fit_exam_type_rt_06", "period_end=null"),
        ({"period_start": None}, "RT-06", "dates_fit_exam_type_rt_06", "period_start=null"),
        ({"exam_type": "T1"}, "RT-06", "dates_fit_exam_type_rt_06", "exam_type='T1'"),
    ],
)
def test_rt_01_04_05_06_hold_in_the_action_and_in_the_database(
    world, as_lead, other, rule, constraint, values
):
    with pytest.raises(Invalid, match=rule):
        engagements.set_terms(world.engagement, terms=replace(SOC2, **other), by=as_lead)
    with pytest.raises(IntegrityError, match=constraint):
        raw(f"UPDATE tenants_engagement SET {values}")


def test_rt_01_the_types_are_frozen_when_acceptance_ends(world):
    moves = (("begin", Role.MANAGER), ("take_on", Role.PARTNER))
    factories.taken_on(world, *moves)
    factories.arrange(world.engagement, status="acceptance")  # stepping back thaws nothing
    with as_(world.partner, world.firm):
        with pytest.raises(Invalid, match="RT-01"):
            engagements.set_terms(
                world.engagement, terms=replace(SOC2, report_type="SOC3"), by=world.partner
            )
        with pytest.raises(IntegrityError, match="RT-01"):
            raw("UPDATE tenants_engagement SET report_type = 'SOC3'")


def test_a_closed_engagement_keeps_its_scope(world, as_lead):
    with as_(world.partner, world.firm):
        engagements.move(world.engagement, "withdraw", by=world.partner, note="No assertion.",
                         told_client="By letter.")  # fmt: skip
    with as_(world.lead, world.firm):
        item = world.engagement.scope_items.first()
        with pytest.raises(Refused, match="withdrawn"):
            scope.leave_out(item, reason="No.", by=world.lead)
        with pytest.raises(Refused, match="withdrawn"):
            controls.take_controls(world.engagement, None, by=world.lead)


def test_nobody_outside_sees_scope_or_controls(world):
    fill_library(world, 2)
    take_all(world)
    for who, organization in (
        (world.outsider, world.other_client),
        (world.colleague, world.firm),
        (world.rival, world.other_firm),
    ):
        with as_(who, organization):
            for model in (ScopeItem, EngagementControl, ControlMapping):
                assert not model.objects.visible_to(who).exists()
                assert not model.objects.exists()
            assert not Engagement.objects.exists()
