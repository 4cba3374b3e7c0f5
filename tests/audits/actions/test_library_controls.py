"""One control at a time: who may, what is refused, which version stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import ProgrammingError, transaction

from audits.actions import library_controls, library_objectives
from audits.models import Control, ControlObjective, Narrative
from tenants.errors import Invalid, NotVisible, Refused, StaleVersion
from tenants.models import TrailEntry
from tests.audits.helpers import fill_library
from tests.conftest import as_


@pytest.fixture
def told(world):
    return fill_library(world, 2)[0]


@pytest.fixture
def control(told, as_client):
    return Control.objects.get(ref=told.ref)


def test_a_control_is_added_with_all_it_says(world, told, as_client):
    new = replace(told, ref="NEW-1", systems=("hris", "Vault"), objectives=("CO-14",))
    control = library_controls.add_control(world.client_organization, new, by=as_client)
    assert library_controls.told_of(control) == replace(new, systems=("HRIS", "Vault"))
    assert ControlObjective.objects.get().ref == "CO-14"
    assert TrailEntry.objects.get(verb="added").subject_label.startswith("NEW-1")
    with pytest.raises(Refused, match="NEW-1"):
        library_controls.add_control(world.client_organization, new, by=as_client)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"title": ""}, "title_missing"),
        ({"frequency": "often"}, "frequency_unknown"),
        ({"criteria": ("CC6.9",)}, "unknown_criterion"),
        ({"objectives": ("CO-99",)}, "unknown_objective"),
    ],
)
def test_a_control_that_says_too_little_or_wrong_is_refused(world, told, as_client, wrong, code):
    with pytest.raises(Invalid) as refused:
        library_controls.add_control(
            world.client_organization, replace(told, ref="NEW-1", **wrong), by=as_client
        )
    assert refused.value.code == code
    assert Control.objects.count() == 2


def test_an_edit_changes_what_it_tells_and_raises_the_version(control, told, as_client):
    told = replace(told, title="Another title", criteria=("CC1.1", "CC2.2"), systems=())
    library_controls.edit_control(control, told, by=as_client, version=1)
    assert (control.title, control.version) == ("Another title", 2)
    assert not control.systems.exists()
    entry = TrailEntry.objects.get(verb="changed")
    assert set(entry.detail["fields"]) == {"title", "criteria", "systems"}
    with pytest.raises(StaleVersion):
        library_controls.edit_control(control, told, by=as_client, version=1)
    library_controls.edit_control(control, told, by=as_client)  # the same again: no entry
    assert TrailEntry.objects.filter(verb="changed").count() == 1
    with pytest.raises(Invalid, match="keeps its id"):
        library_controls.edit_control(control, replace(told, ref="X"), by=as_client)


def test_a_narrative_told_anew_is_the_next_version_and_the_former_stays(control, as_client):
    newest = library_controls.set_narrative(
        control, "Told anew.", by=as_client, effective_from=date(2026, 1, 1)
    )
    assert (newest.number, newest.effective_from) == (2, date(2026, 1, 1))
    with pytest.raises(Invalid, match="as before"):
        library_controls.set_narrative(control, " Told anew. ", by=as_client)
    with pytest.raises(Invalid, match="narrative"):
        library_controls.set_narrative(control, "", by=as_client)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Narrative.objects.filter(pk=newest.pk).update(text="Overwritten.")


def test_a_control_is_retired_and_brought_back(control, as_client):
    library_controls.retire(control, on=date(2026, 6, 30), by=as_client, version=1)
    assert (control.retired_on, control.version) == (date(2026, 6, 30), 2)
    with pytest.raises(Refused):
        library_controls.retire(control, on=date(2026, 7, 1), by=as_client)
    library_controls.bring_back(control, by=as_client)
    assert control.retired_on is None
    with pytest.raises(Refused):
        library_controls.bring_back(control, by=as_client)


def test_nr_14_a_mapping_says_why(control, as_client):
    library_controls.say_why(control, "CC1.1", " It sets\nthe tone. ", by=as_client)
    assert control.criterion_links.get(criterion="CC1.1").rationale == "It sets the tone."
    with pytest.raises(NotVisible):
        library_controls.say_why(control, "CC9.9", "No.", by=as_client)
    with pytest.raises(Invalid):
        library_controls.say_why(control, "CC1.1", "x" * 301, by=as_client)


def test_only_the_clients_administrator_edits(world, told, today):
    for who, organization in (
        (world.lead, world.firm),
        (world.owner, world.client_organization),
        (world.executive, world.client_organization),
    ):
        with as_(who, organization):
            control = Control.objects.find(who, Control.objects.get(ref=told.ref).pk)
            for attempt in (
                lambda c=control, w=who: library_controls.edit_control(c, told, by=w),
                lambda c=control, w=who: library_controls.set_narrative(c, "x", by=w),
                lambda c=control, w=who: library_controls.retire(c, on=today, by=w),
                lambda c=control, w=who: library_controls.say_why(c, "CC1.1", "x", by=w),
                lambda w=who: library_objectives.propose_objectives_from_catalog(
                    world.client_organization, ["CO-01"], by=w
                ),
            ):
                with pytest.raises(PermissionDenied):
                    attempt()


def test_a_control_of_another_client_is_not_found(world, told):
    with as_(world.client, world.client_organization):
        pk = Control.objects.get(ref=told.ref).pk
    with as_(world.outsider, world.other_client), pytest.raises(NotVisible):
        Control.objects.find(world.outsider, pk)


def test_objectives_are_taken_from_the_catalog_once_and_stated_otherwise(world, as_client):
    client = world.client_organization
    take = library_objectives.propose_objectives_from_catalog
    assert [one.ref for one in take(client, ["CO-01", "CO-14"], by=as_client)] == ["CO-01", "CO-14"]
    assert take(client, ["CO-14"], by=as_client) == []
    with pytest.raises(NotVisible):
        take(client, ["CO-99"], by=as_client)
    objective = ControlObjective.objects.get(ref="CO-01")
    same = {"group": "itgc", "domain": "Access", "title": "Ours"}
    library_objectives.edit_objective(objective, **same, text="Ours.", by=as_client, version=1)
    assert (objective.text, objective.version) == ("Ours.", 2)
    with pytest.raises(StaleVersion):
        library_objectives.edit_objective(objective, **same, text="x", by=as_client, version=1)
    with pytest.raises(Invalid, match="RT-08"):
        library_objectives.edit_objective(
            objective, **same | {"group": "x"}, text="x", by=as_client
        )
    add = library_objectives.add_objective
    add(client, ref="PAY-1", **same, text="Pay runs are complete.", by=as_client)
    with pytest.raises(Refused, match="PAY-1"):
        add(client, ref="PAY-1", **same, text="Again.", by=as_client)


def test_systems_have_one_name_each(world, told, as_client):
    client = world.client_organization
    vault = library_objectives.add_system(client, name=" Vault  One ", by=as_client)
    assert vault.name == "Vault One"
    with pytest.raises(Refused, match="vault one"):
        library_objectives.add_system(client, name="vault one", by=as_client)
    library_objectives.rename_system(vault, name="VAULT ONE", by=as_client, version=1)
    with pytest.raises(Refused):
        library_objectives.rename_system(vault, name="hris", by=as_client)
    with pytest.raises(StaleVersion):
        library_objectives.rename_system(vault, name="Two", by=as_client, version=1)
