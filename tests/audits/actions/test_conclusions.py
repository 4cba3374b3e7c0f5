"""Conclusions on controls and items: proposed, taken or said otherwise (DV-04 to DV-06)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from audits.actions import conclusions, control_plans, sign_offs
from audits.actions.control_plans import Thought
from audits.models import ControlMapping, EngagementControl, ScopeItem
from audits.models.conclusions import ControlConclusion, DependencyReview, ScopeItemConclusion
from audits.queries.conclusions import roll_up
from audits.queries.papers import standing
from tenants.errors import Invalid, NotVisible, Refused, StaleVersion
from tenants.models import TrailEntry
from tenants.queries.findings import open_findings
from tests import factories
from tests.audits.deviating import concluded, explained, found, sampled
from tests.audits.helpers import fill_library, take_all
from tests.audits.testing import concluded as design_concluded
from tests.audits.testing import control_of, walked
from tests.conftest import as_


@pytest.fixture
def tested(world):
    """Two controls for one item, the first with a suitable design."""
    fill_library(world, 2)
    take_all(world)
    factories.moved_to(world, "fieldwork")
    with as_(world.lead, world.firm):
        first, second = EngagementControl.objects.order_by("ref")
        ControlMapping.objects.all().delete()
        item = ScopeItem.objects.filter(relevant=True).order_by("position").first()
        for control in (first, second):
            ControlMapping.objects.create(
                engagement=world.engagement, control=control, scope_item=item, rationale="Why."
            )
    world.item = item.pk
    walked(world)
    design_concluded(world, "suitably_designed")
    return world


def item_of(world):
    return ScopeItem.objects.select_related("engagement").get(pk=world.item)


def failing(world):
    """The first control, not effective by a systematic deviation."""
    test = sampled(world, deviating=1)
    for row in found(world):
        explained(world, row, nature="systematic")
    concluded(world, test)
    with as_(world.senior, world.firm):
        return conclusions.conclude_control(control_of(world), by=world.senior)


def other(world):
    rows = EngagementControl.objects.select_related("engagement").order_by("-ref")
    return rows.first()


def said(world, rule):
    with as_(world.lead, world.firm):
        stands = open_findings(world.engagement, "review")
    return [each.finding.text for each in stands if each.finding.rule == rule]


def test_controls_without_deviations_are_taken_together_under_a_name(tested):
    concluded(tested, sampled(tested))
    with as_(tested.auditor, tested.firm), pytest.raises(PermissionDenied):
        conclusions.take_controls(tested.engagement, by=tested.auditor)
    with as_(tested.senior, tested.firm):
        (row,) = conclusions.take_controls(tested.engagement, by=tested.senior)
        assert (row.value, row.proposed, row.tested, row.rate) == ("effective", "effective", 25, 0)
        assert conclusions.take_controls(tested.engagement, by=tested.senior) == []
        (entry,) = TrailEntry.objects.filter(subject_type="controlconclusion")
        assert (entry.zone, entry.detail) == ("firm", {"value": "effective"})
    with as_(tested.client, tested.client_organization):
        assert not ControlConclusion.objects.exists()


def test_another_value_than_proposed_needs_a_reason(tested):
    concluded(tested, sampled(tested))
    with as_(tested.senior, tested.firm):
        control = control_of(tested)
        with pytest.raises(Invalid) as refused:
            conclusions.conclude_control(control, "not_effective", by=tested.senior)
        assert refused.value.field == "reason"
        row = conclusions.conclude_control(
            control, "not_effective", reason="The owner told us of more.", by=tested.senior
        )
        assert row.proposed == "effective"
        with pytest.raises(IntegrityError, match="why_it_differs"), transaction.atomic():
            ControlConclusion.objects.update(reason="")
        with pytest.raises(StaleVersion):
            conclusions.conclude_control(control, by=tested.senior, version=7)
        with pytest.raises(Invalid, match="not tested"):
            conclusions.conclude_control(other(tested), by=tested.senior)
        with pytest.raises(Invalid, match="came to"):
            conclusions.conclude_control(control, "odd", by=tested.senior)
    factories.moved_to(tested, "acceptance")
    with as_(tested.senior, tested.firm), pytest.raises(Refused):
        conclusions.conclude_control(control_of(tested), by=tested.senior)


def test_dv_05_an_item_whose_key_controls_all_failed_is_not_met(tested):
    assert failing(tested).value == "not_effective"
    with as_(tested.senior, tested.firm):
        control_plans.plan(other(tested), Thought(key=False), by=tested.senior)
        with pytest.raises(PermissionDenied):
            conclusions.conclude_item(item_of(tested), by=tested.senior)
    with as_(tested.lead, tested.firm):
        with pytest.raises(Invalid, match="DV-05"):
            conclusions.conclude_item(item_of(tested), "met", reason="It is fine.", by=tested.lead)
        row = conclusions.conclude_item(item_of(tested), by=tested.lead)
        assert (row.value, row.proposed) == ("not_met", "not_met")
        with pytest.raises(IntegrityError, match="DV-05"), transaction.atomic():
            ScopeItemConclusion.objects.update(value="met", reason="So.")
        control_plans.plan(other(tested), Thought(key=True), by=tested.lead)
        conclusions.conclude_control(
            other(tested), "effective", reason="Seen by internal audit.", by=tested.lead
        )
        with pytest.raises(Invalid, match="others give enough"):
            conclusions.conclude_item(item_of(tested), by=tested.lead)
        row = conclusions.conclude_item(
            item_of(tested), reason="The second catches the same.", by=tested.lead
        )
        assert row.value == "met_with_deviations"


def test_dv_05_a_later_failure_below_reopens_an_item_that_was_met(tested):
    concluded(tested, sampled(tested))
    with as_(tested.lead, tested.firm):
        control_plans.plan(other(tested), Thought(key=False), by=tested.lead)
        conclusions.take_controls(tested.engagement, by=tested.lead)
        (row,) = conclusions.take_items(tested.engagement, by=tested.lead)
        assert row.value == "met"
        before = standing(tested.engagement, "scope_item_conclusion", row.pk).content_hash
        conclusions.conclude_control(
            control_of(tested), "not_effective", reason="More was found.", by=tested.lead
        )
        now = standing(tested.engagement, "scope_item_conclusion", row.pk)
        assert now.content_hash != before
    assert len(said(tested, "DV-05")) == 1


def test_dv_04_a_compensating_control_supports_only_once_it_is_effective_itself(tested):
    test = sampled(tested, deviating=1)
    (row,) = found(tested)
    with as_(tested.lead, tested.firm):
        second = other(tested)
        control_plans.plan(second, Thought(key=False), by=tested.lead)
    explained(tested, row, nature="systematic", compensating=second.pk,
              compensating_why="It reviews every grant within the month.")  # fmt: skip
    concluded(tested, test)
    with as_(tested.lead, tested.firm):
        conclusions.conclude_control(control_of(tested), by=tested.lead)
        conclusions.conclude_item(item_of(tested), by=tested.lead)
        with pytest.raises(IntegrityError, match="DV-05"), transaction.atomic():
            ScopeItemConclusion.objects.update(value="met", reason="Compensated.")
        conclusions.conclude_control(
            other(tested), "effective", reason="Tested beside it.", by=tested.lead
        )
        kept = conclusions.conclude_item(
            item_of(tested), reason="The review catches it.", by=tested.lead
        )
        assert kept.value == "met_with_deviations"


def test_dv_06_what_rests_on_a_failed_control_is_looked_at_again(tested):
    with as_(tested.senior, tested.firm):
        first, second = control_of(tested), other(tested)
        control_plans.plan(second, Thought(dependents_of=[first.pk]), by=tested.senior)
        with pytest.raises(NotVisible):
            conclusions.review_dependency(first, second, "holds", "Seen.", by=tested.senior)
    failing(tested)
    assert len(said(tested, "DV-06")) == 1
    with as_(tested.senior, tested.firm):
        first, second = control_of(tested), other(tested)
        with pytest.raises(Invalid) as refused:
            conclusions.review_dependency(first, second, "holds", " ", by=tested.senior)
        assert refused.value.field == "reason"
        row = conclusions.review_dependency(
            first, second, "falls", "It reads that list.", by=tested.senior
        )
        line = roll_up(tested.engagement).controls[second.pk]
        assert (line.proposal.value, "DV-06" in line.proposal.why) == ("not_effective", True)
        with pytest.raises(IntegrityError, match="dv_06"), transaction.atomic():
            DependencyReview.objects.filter(pk=row.pk).update(reason="")
    assert said(tested, "DV-06") == []
    with as_(tested.senior, tested.firm):
        conclusions.conclude_control(
            second, "effective", reason="It was run otherwise.", by=tested.senior
        )
    assert "falls with" in said(tested, "DV-06")[0]


def test_review_asks_for_every_control_and_item_and_the_partner_sees_unmet_ones(tested):
    texts = said(tested, "§14")
    assert len([text for text in texts if text.endswith("is not concluded.")]) >= 3
    failing(tested)
    with as_(tested.lead, tested.firm):
        control_plans.plan(other(tested), Thought(key=False), by=tested.lead)
        row = conclusions.conclude_item(item_of(tested), by=tested.lead)
        now = standing(tested.engagement, "scope_item_conclusion", row.pk)
        assert now.levels == ("prepared", "reviewed", "partner_reviewed")
        sign_offs.sign(
            tested.engagement, "scope_item_conclusion", row.pk, "prepared",
            seen=now.content_hash, by=tested.lead,
        )  # fmt: skip
    with as_(tested.senior, tested.firm):
        now = standing(tested.engagement, "scope_item_conclusion", row.pk)
        with pytest.raises(Refused):
            sign_offs.sign(
                tested.engagement, "scope_item_conclusion", row.pk, "reviewed",
                seen=now.content_hash, by=tested.senior,
            )  # fmt: skip


def test_the_numbers_are_the_same_for_who_sees_less(tested):
    concluded(tested, sampled(tested))
    with as_(tested.lead, tested.firm):
        key = control_of(tested).pk
        whole = roll_up(tested.engagement).controls[key].facts
    with as_(tested.reviewer, tested.firm):
        assert roll_up(tested.engagement).controls[key].facts == replace(whole)
