"""Importing the sample control set: whole, once, and again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from audits.actions import library
from audits.models import Control, ControlObjective, Narrative, System
from tenants.errors import Invalid
from tenants.models import TrailEntry
from tests.conftest import as_

SAMPLE = Path(__file__).parents[3] / "grc" / "sample" / "sample-control-set.csv"


@pytest.fixture
def told(as_client, world):
    return library.read(world.client_organization, SAMPLE.read_bytes(), by=as_client).controls


def test_the_sample_set_fills_the_library_at_once(world, as_client, told):
    done = library.import_controls(world.client_organization, told, by=as_client)
    assert (done.created, done.updated, done.unchanged) == (84, 0, 0)
    controls = Control.objects.visible_to(as_client)
    assert controls.count() == 84
    assert controls.values("criteria").distinct().count() == 61
    assert ControlObjective.objects.visible_to(as_client).count() == 22
    assert set(Narrative.objects.values_list("number", flat=True)) == {1}
    entry = TrailEntry.objects.get(verb="controls_imported")
    assert entry.organization_id == world.client_organization.pk
    assert entry.detail == {"created": 84, "updated": 0, "unchanged": 0}


def test_a_second_import_of_the_same_set_changes_nothing(world, as_client, told):
    library.import_controls(world.client_organization, told, by=as_client)
    before = [list(rows.values()) for rows in (Control.objects, Narrative.objects, System.objects)]
    done = library.import_controls(world.client_organization, told, by=as_client)
    assert (done.created, done.updated, done.unchanged) == (0, 0, 84)
    after = [list(rows.values()) for rows in (Control.objects, Narrative.objects, System.objects)]
    assert after == before
    assert TrailEntry.objects.filter(verb="controls_imported").count() == 1


def test_a_narrative_told_otherwise_becomes_its_next_version(world, as_client, told):
    library.import_controls(world.client_organization, told, by=as_client)
    told[0] = replace(told[0], narrative=told[0].narrative + " Told anew.")
    done = library.import_controls(world.client_organization, told, by=as_client)
    assert (done.created, done.updated, done.unchanged) == (0, 1, 83)
    assert done.changes[0].changed == ("narrative",)
    versions = Narrative.objects.filter(control__ref=told[0].ref)
    assert [narrative.number for narrative in versions] == [2, 1]
    assert versions[0].text.endswith("Told anew.")


def test_links_and_attributes_follow_the_list_and_systems_match_in_any_case(world, as_client, told):
    library.import_controls(world.client_organization, told[:3], by=as_client)
    one = replace(told[0], owner_role="Head of HR", systems=("hris",), criteria=("CC1.5", "CC5.3"))
    done = library.import_controls(world.client_organization, [one], by=as_client)
    assert set(done.changes[0].changed) == {"owner_role", "criteria"}
    control = Control.objects.get(ref=one.ref)
    assert control.version == 2
    assert {link.criterion_id for link in control.criterion_links.all()} == {"CC1.5", "CC5.3"}
    assert [system.name for system in control.systems.all()] == ["HRIS"]


def test_a_column_the_list_has_not_leaves_the_library_as_it_is(world, as_client, told):
    library.import_controls(world.client_organization, told[:1], by=as_client)
    silent = replace(told[0], systems=None, criteria=None, objectives=None, evidence=None)
    done = library.import_controls(world.client_organization, [silent], by=as_client)
    assert done.unchanged == 1
    assert Control.objects.get().criterion_links.count() == 2


def test_a_preview_says_the_same_and_writes_nothing(world, as_client, told):
    seen = library.preview_controls(world.client_organization, told, by=as_client)
    assert (seen.created, seen.updated, seen.unchanged) == (84, 0, 0)
    assert not Control.objects.exists()


def test_one_refused_row_refuses_the_list(world, as_client):
    text = SAMPLE.read_text().replace("monthly,it_dependent_manual", "fortnightly,robotic", 1)
    with pytest.raises(Invalid, match="Row 2, frequency: “fortnightly”") as refused:
        library.import_control_list(world.client_organization, text, by=as_client)
    assert refused.value.code == "frequency_unknown"
    assert "Nothing was imported" in refused.value.message
    assert not Control.objects.exists()


def test_the_firm_reads_the_library_and_writes_none_of_it(world, told):
    with as_(world.client, world.client_organization):
        library.import_controls(world.client_organization, told[:2], by=world.client)
    with as_(world.lead, world.firm):
        assert Control.objects.visible_to(world.lead).count() == 2
        with pytest.raises(PermissionDenied):
            library.import_controls(world.client_organization, told, by=world.lead)
        assert Control.objects.update(title="Ours") == 0  # the wall alone
    with as_(world.owner, world.client_organization), pytest.raises(PermissionDenied):
        library.import_controls(world.client_organization, told, by=world.owner)
    for who, organization in (
        (world.outsider, world.other_client),
        (world.colleague, world.firm),
        (world.rival, world.other_firm),
    ):
        with as_(who, organization):
            assert not Control.objects.visible_to(who).exists()
            assert not Control.objects.exists()


def test_an_import_takes_the_same_statements_whatever_its_size(world, as_client, told):
    more = [replace(one, ref=f"{n}/{one.ref}") for n in range(6) for one in told]
    counts = []
    for some in (told[50:], more):
        with CaptureQueriesContext(connection) as captured, transaction.atomic():
            library.import_controls(world.client_organization, some, by=as_client)
            transaction.set_rollback(True)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 22
