"""Controls of an engagement: dated, mapped to its own basis, kept when the library moves on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from audits.actions import controls, library_controls, scope
from audits.models import Control, ControlMapping, ControlObjective, EngagementControl
from tenants.errors import Invalid, NotVisible, Refused, StaleVersion
from tenants.models import TrailEntry
from tenants.rules.engagements import Terms
from tests import factories
from tests.audits.helpers import fill_library, take_all
from tests.conftest import as_


@pytest.fixture
def taken(world):
    fill_library(world, 3)
    take_all(world)


def test_the_whole_library_is_taken_with_its_mapping_to_this_basis_only_rt_20(world):
    fill_library(world)
    done = take_all(world)
    assert (done.taken, done.refreshed, done.unchanged) == (84, 0, 0)
    with as_(world.lead, world.firm):
        mapped = ControlMapping.objects.filter(engagement=world.engagement)
        assert mapped.count() == done.mapped > 84
        covered = set(mapped.values_list("scope_item__identifier", flat=True))
        assert covered == set(world.engagement.scope_items.values_list("identifier", flat=True))
        one = EngagementControl.objects.get(ref="ELC-01")
        assert (one.narrative_number, one.systems, one.taken_by) == (1, ["HRIS"], world.lead)
        assert len(one.evidence) == 4


def test_a_soc_1_over_the_same_library_rolls_up_its_objectives_only_rt_20(world):
    fill_library(world)
    soc1 = factories.engagement(
        world.firm, world.client_organization, world.lead,
        terms=Terms("SOC1", "T1", as_of=date(2026, 9, 30)),
    )  # fmt: skip
    with as_(world.lead, world.firm):
        chosen = ControlObjective.objects.visible_to(world.lead).values_list("pk", flat=True)
        scope.take_objectives(soc1, list(chosen), by=world.lead)
        controls.take_controls(soc1, None, by=world.lead)
        items = soc1.scope_items.filter(controls__isnull=False).distinct()
        assert items.count() == 22
        assert not soc1.scope_items.exclude(basis="objective").exists()


def test_taking_again_changes_only_what_the_library_tells_otherwise(world, taken):
    with as_(world.lead, world.firm):
        first = {one.ref: (one.pk, one.version) for one in EngagementControl.objects.all()}
    with as_(world.client, world.client_organization):
        control = Control.objects.get(ref="ELC-02")
        told = library_controls.told_of(control)
        library_controls.edit_control(
            control, replace(told, narrative="Told anew.", criteria=("CC1.2",)), by=world.client
        )
    with as_(world.lead, world.firm):
        assert EngagementControl.objects.get(ref="ELC-02").narrative != "Told anew."
        done = controls.take_controls(world.engagement, None, by=world.lead)
        assert (done.taken, done.refreshed, done.unchanged, done.mapped) == (0, 1, 2, 0)
        again = {one.ref: (one.pk, one.version) for one in EngagementControl.objects.all()}
        assert again == first | {"ELC-02": (first["ELC-02"][0], 2)}
        snapshot = EngagementControl.objects.get(ref="ELC-02")
        assert (snapshot.narrative, snapshot.narrative_number) == ("Told anew.", 2)
        assert snapshot.mappings.count() == 2  # a mapping once taken is the firm's to change
        assert TrailEntry.objects.filter(verb="controls_taken").count() == 2
        controls.take_controls(world.engagement, None, by=world.lead)
        assert TrailEntry.objects.filter(verb="controls_taken").count() == 2


def test_some_controls_are_taken_and_a_foreign_one_refuses_them_all(world):
    fill_library(world, 3)
    with as_(world.lead, world.firm):
        some = list(Control.objects.values_list("pk", flat=True))[:2]
        with pytest.raises(NotVisible):
            controls.take_controls(world.engagement, [*some, uuid4()], by=world.lead)
        assert not EngagementControl.objects.exists()
        assert controls.take_controls(world.engagement, some, by=world.lead).taken == 2


def test_a_retired_control_is_not_taken(world):
    fill_library(world, 3)
    with as_(world.client, world.client_organization):
        control = Control.objects.get(ref="ELC-03")
        library_controls.retire(control, on=date(2026, 1, 1), by=world.client)
    assert take_all(world).taken == 2
    with as_(world.lead, world.firm), pytest.raises(Refused, match="ELC-03 is retired"):
        controls.take_controls(world.engagement, [control.pk], by=world.lead)


def test_a_control_is_mapped_with_a_reason_and_unmapped(world, taken, as_lead):
    control = EngagementControl.objects.get(ref="ELC-01")
    item = world.engagement.scope_items.get(identifier="CC5.3")
    controls.map_control(control, item, " It is a\npolicy. ", by=as_lead, version=1)
    assert control.mappings.get(scope_item=item).rationale == "It is a policy."
    controls.map_control(control, item, "Another.", by=as_lead)
    assert control.mappings.count() == 3
    with pytest.raises(StaleVersion):
        controls.unmap(control, item, by=as_lead, version=1)
    controls.unmap(control, item, by=as_lead)
    with pytest.raises(NotVisible):
        controls.unmap(control, item, by=as_lead)
    verbs = TrailEntry.objects.filter(subject_id=control.pk).values_list("verb", flat=True)
    assert list(verbs) == ["unmapped", "mapped", "mapped"]
    assert TrailEntry.objects.filter(verb="unmapped").get().detail == {"scope_item": "CC5.3"}


def test_what_cannot_be_mapped_is_refused(world, taken):
    other = factories.engagement(world.firm, world.client_organization, world.lead)
    with as_(world.lead, world.firm):
        control = EngagementControl.objects.get(ref="ELC-01")
        item = world.engagement.scope_items.get(identifier="CC5.3")
        with pytest.raises(Invalid):
            controls.map_control(control, item, "x" * 301, by=world.lead)
        foreign = other.scope_items.get(identifier="CC5.3")
        with pytest.raises(NotVisible):
            controls.map_control(control, foreign, by=world.lead)
        past_the_action = (
            "INSERT INTO audits_controlmapping (id, version, engagement_id, control_id, "
            "scope_item_id, rationale) VALUES (gen_random_uuid(), 1, %s, %s, %s, '')"
        )
        with (
            pytest.raises(IntegrityError, match="controlmapping_scope_item_link"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(past_the_action, [world.engagement.pk, control.pk, foreign.pk])
        scope.leave_out(item, reason="Not here.", by=world.lead)
        with pytest.raises(Refused, match="left out"):
            controls.map_control(control, item, by=world.lead)


def test_a_control_is_dropped_with_its_mappings(world, taken, as_lead):
    control = EngagementControl.objects.get(ref="ELC-01")
    with pytest.raises(StaleVersion):
        controls.drop_control(control, by=as_lead, version=9)
    controls.drop_control(control, by=as_lead, version=1)
    assert not EngagementControl.objects.filter(ref="ELC-01").exists()
    assert not ControlMapping.objects.filter(control=control.pk).exists()
    assert TrailEntry.objects.get(verb="dropped").subject_label.startswith("ELC-01")


def test_only_those_in_charge_take_map_and_drop(world, taken):
    for who, organization in (
        (world.auditor, world.firm),
        (world.reviewer, world.firm),
        (world.client, world.client_organization),
    ):
        with as_(who, organization):
            control = EngagementControl.objects.visible_to(who).get(ref="ELC-01")
            item = world.engagement.scope_items.first()
            for attempt in (
                lambda w=who: controls.take_controls(world.engagement, None, by=w),
                lambda w=who, c=control, i=item: controls.map_control(c, i, by=w),
                lambda w=who, c=control, i=item: controls.unmap(c, i, by=w),
                lambda w=who, c=control: controls.drop_control(c, by=w),
            ):
                with pytest.raises(PermissionDenied):
                    attempt()
