"""What the client states of its system: a dated copy, its own until it is handed over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from audits.actions import statements, system_entries
from audits.models.statements import ScopeEntry, ScopeStatement
from audits.queries.statements import (
    against_the_library,
    against_the_one_before,
    content,
    current,
    entries,
    standing,
)
from audits.rules.system_entries import Told
from tenants.errors import Invalid, NotVisible, Refused, StaleVersion
from tenants.models import TrailEntry
from tenants.rules.engagements import Terms
from tests import factories
from tests.conftest import as_

SERVICE = Told("service", "SV-01", "Payroll", "We run payrolls.", facts={"used_by": "Employers"})
CHANGE = Told("change", "CH-01", "New host", "We moved.", facts={"changed_on": "2026-03-01"})


def at_home(world, who="client"):
    return as_(getattr(world, who), world.client_organization)


@pytest.fixture
def service(world):
    with at_home(world):
        return system_entries.add(world.client_organization, SERVICE, by=world.client)


def stated(world, kind="service", **more):
    with at_home(world):
        return statements.take(world.engagement, kind, by=world.client, **more)


def handed_over(world, kind="service", **more):
    draft = stated(world, kind, **more)
    with at_home(world):
        return statements.hand_over(draft, by=world.client)


def seen_by_the_firm(world):
    with as_(world.lead, world.firm):
        return list(ScopeStatement.objects.visible_to(world.lead))


def test_a_draft_is_the_clients_alone_until_it_is_handed_over_ac_03(world, service):
    draft = stated(world)
    assert seen_by_the_firm(world) == []
    with as_(world.lead, world.firm):
        assert not ScopeStatement.objects.exists()
        assert not ScopeEntry.objects.exists()
        assert current(world.engagement, "service") is None
        with pytest.raises(NotVisible):
            ScopeStatement.objects.find(world.lead, draft.pk)
        assert not TrailEntry.objects.filter(verb="stated").exists()
    with at_home(world, "owner"), pytest.raises(PermissionDenied):
        statements.hand_over(draft, by=world.owner)
    with at_home(world):
        with pytest.raises(StaleVersion):
            statements.hand_over(draft, by=world.client, version=9)
        statements.hand_over(draft, by=world.client, version=1)
    with as_(world.lead, world.firm):
        (entry,) = entries(world.engagement, "service")
        assert (entry.title, entry.facts) == ("Payroll", {"used_by": "Employers"})
        assert TrailEntry.objects.filter(verb="handed_over").exists()
        with pytest.raises(PermissionDenied):
            statements.take(world.engagement, "service", by=world.lead)


def test_what_was_handed_over_stays_and_the_next_takes_its_place(world, service):
    first = handed_over(world)
    with at_home(world):
        told = replace(SERVICE, title="Payroll and tax")
        system_entries.change(service, told, by=world.client)
        assert current(world.engagement, "service").entries.get().title == "Payroll"
        (changed,) = against_the_library(first).changed
        assert changed.fields == ("title",)
        with pytest.raises(IntegrityError, match="stays as it was"), transaction.atomic():
            ScopeStatement.objects.filter(pk=first.pk).update(none_reason="x", none_said=True)
        with pytest.raises(IntegrityError, match="stays as it was"), transaction.atomic():
            ScopeEntry.objects.create(
                engagement=world.engagement, statement=first, entry_id=first.pk, ref="X",
                title="X", text="X",
            )  # fmt: skip
        with pytest.raises(Refused, match="already"):
            statements.hand_over(first, by=world.client)
        with pytest.raises(Refused, match="stays in the file"):
            statements.drop(first, by=world.client)
    second = handed_over(world)
    with at_home(world):
        assert second.number == 2
        assert against_the_one_before(second).changed[0].fields == ("title",)
        assert against_the_library(second).is_empty
        assert content(world.engagement, ["service"])["service"]["number"] == 2


def test_a_draft_gives_way_to_the_next_or_is_thrown_away(world, service):
    first, second = stated(world), stated(world)
    assert (first.number, second.number) == (1, 1)
    with at_home(world):
        assert ScopeStatement.objects.get() == second
        statements.drop(second, by=world.client, version=1)
        assert not ScopeStatement.objects.exists()
        assert not ScopeEntry.objects.exists()


def test_none_is_said_with_a_reason_and_not_against_the_list(world, service):
    with at_home(world):
        with pytest.raises(Refused, match="Your list has services"):
            statements.take(world.engagement, "service", none_reason="None", by=world.client)
        with pytest.raises(Invalid, match="say here that there are none"):
            statements.take(world.engagement, "incident", by=world.client)
    none = handed_over(world, "incident", none_reason="Nothing broke a promise.")
    assert none.none_said
    with as_(world.lead, world.firm):
        assert entries(world.engagement, "incident") == []
        said = content(world.engagement, ["incident"])["incident"]
        assert (said["none"], said["entries"]) == ("Nothing broke a promise.", [])


def test_all_that_changed_is_taken_and_handed_over_at_once(world, service):
    with at_home(world):
        told = Told("vendor", "VE-01", "Printer", "Prints.", facts={"does": "Prints"})
        system_entries.add(world.client_organization, told, by=world.client)
        made = statements.take_all(world.engagement, by=world.client)
        assert [each.kind for each in made] == ["service", "vendor"]
        assert statements.take_all(world.engagement, by=world.client) == []
        given = statements.hand_over_all(world.engagement, by=world.client)
        assert all(each.handed_over_at for each in given)
        rows = {row.kind: row for row in standing(world.engagement, world.client, own=True)}
        assert rows["vendor"].current
        assert rows["vendor"].behind.is_empty
        assert rows["commitment"].current is None
        system_entries.retire(service, on=date(2026, 11, 1), by=world.client)
        rows = {row.kind: row for row in standing(world.engagement, world.client, own=True)}
        assert rows["service"].behind.removed == (("SV-01", "Payroll"),)
    with as_(world.lead, world.firm):
        rows = {row.kind: row for row in standing(world.engagement, world.lead, own=False)}
        assert rows["vendor"].behind is None


def test_rt_07_no_changes_are_stored_in_a_type_1(world):
    with at_home(world):
        system_entries.add(world.client_organization, CHANGE, by=world.client)
    draft = stated(world, "change")
    with at_home(world):
        assert draft.entries.get().title == "New host"
    one_day = Terms("SOC2", "T1", ("security",), as_of=date(2026, 9, 30))
    lead, firm, client = world.lead, world.firm, world.client_organization
    other = factories.engagement(firm, client, lead, title="A day", terms=one_day)
    factories.assigned(other, client, world.client, "client_admin")
    with at_home(world):
        with pytest.raises(Invalid, match="RT-07: a Type 1 report speaks of one day"):
            statements.take(other, "change", by=world.client)
        with pytest.raises(IntegrityError, match="RT-07"), transaction.atomic():
            ScopeStatement.objects.create(
                engagement=other, client=client, kind="change", number=1, made_by=world.client
            )


def test_nothing_is_stated_once_the_report_is_released_or_the_file_closed(world, service):
    draft = stated(world)
    factories.moved_to(world, "released")
    with at_home(world):
        with pytest.raises(Refused, match="released"):
            statements.hand_over(draft, by=world.client)
        with pytest.raises(IntegrityError, match="LK-04"), transaction.atomic():
            ScopeStatement.objects.filter(pk=draft.pk).update(handed_over_at="2026-11-20T10:00Z")
    factories.moved_to(world, "withdrawn")
    with at_home(world), pytest.raises(Refused):
        statements.take(world.engagement, "service", by=world.client)
