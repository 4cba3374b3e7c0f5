"""The client writes down its system; nobody else reads it."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, ProgrammingError, transaction

from audits.actions import system_entries
from audits.models.system import SystemEntry, SystemEntryLink
from audits.queries.system_entries import counts, linked_from, listed, next_ref
from audits.rules.system_entries import Told
from tenants.errors import Invalid, NotVisible, Refused, StaleVersion
from tenants.models import TrailEntry
from tests.conftest import as_

SERVICE = Told("service", "SV-01", "Payroll", "We run payrolls.", facts={"used_by": "Employers"})
HOST = Told("subservice", "SO-01", "Northgate Cloud", "Hosts the platform.",
            facts={"does": "Hosting", "needed_for": "Doors", "watched": "SOC 2"})  # fmt: skip
EXPECTED = Told("csoc", "CS-01", "Doors are locked", "Data centres are guarded.",
                facts={"answers_to": ["cc6.4"]})  # fmt: skip


def at_home(world, who="client"):
    return as_(getattr(world, who), world.client_organization)


def added(world, told=SERVICE, who="client", **more):
    with at_home(world, who):
        by = getattr(world, who)
        return system_entries.add(world.client_organization, told, by=by, **more)


def test_an_administrator_writes_every_entry_and_a_control_owner_their_own(world):
    shared = added(world)
    own = added(world, HOST, "owner", related=[shared.pk])
    assert (shared.owner, own.owner) == (None, world.owner)
    with at_home(world, "owner"):
        system_entries.change(own, HOST, by=world.owner, version=1)
        with pytest.raises(PermissionDenied, match="somebody else's"):
            system_entries.change(shared, SERVICE, by=world.owner)
    with at_home(world):
        told = system_entries.told_of(own)
        system_entries.change(own, told, owner=world.owner, by=world.client)
        with pytest.raises(Invalid, match="control owners"):
            system_entries.change(own, told, owner=world.contributor, by=world.client)
        system_entries.change(shared, SERVICE, owner=world.owner, by=world.client)
    with at_home(world, "owner"):
        system_entries.retire(shared, on=date(2026, 11, 1), by=world.owner)
    with at_home(world, "contributor"), pytest.raises(PermissionDenied):
        system_entries.add(world.client_organization, SERVICE, by=world.contributor)


def test_a_firm_reads_no_entry_cm_07(world):
    own = added(world)
    with as_(world.lead, world.firm):
        assert not SystemEntry.objects.filter(pk=own.pk).exists()
        with pytest.raises(NotVisible):
            SystemEntry.objects.find(world.lead, own.pk)
        with pytest.raises(ProgrammingError), transaction.atomic():
            SystemEntry.objects.create(
                client=world.client_organization, kind="service", ref="X", title="X", text="X"
            )
        with pytest.raises(PermissionDenied):
            system_entries.add(world.client_organization, SERVICE, by=world.lead)
    with at_home(world, "executive"):
        assert SystemEntry.objects.find(world.executive, own.pk) == own


def test_what_is_related_follows_from_the_two_kinds(world):
    service, host = added(world), added(world, HOST)
    with at_home(world):
        with pytest.raises(Invalid, match="Say of which subservice"):
            system_entries.add(world.client_organization, EXPECTED, by=world.client)
        with pytest.raises(Invalid, match=r"is not related to a service \(SV-01\)"):
            system_entries.add(
                world.client_organization, EXPECTED, related=[service.pk], by=world.client
            )
        with pytest.raises(NotVisible):
            system_entries.add(
                world.client_organization, EXPECTED, related=[uuid4()], by=world.client
            )
        assert not SystemEntry.objects.filter(ref="CS-01").exists()
    expected = added(world, EXPECTED, related=[host.pk])
    with at_home(world):
        assert expected.facts == {"answers_to": ["CC6.4"]}
        (link,) = linked_from(host)
        assert (link.source, link.relation) == (expected, "expected_of")
        system_entries.change(host, HOST, related=[service.pk], by=world.client)
        system_entries.change(host, HOST, by=world.client)
        assert SystemEntryLink.objects.get(source=host).target == service
        system_entries.change(host, HOST, related=[], by=world.client)
        assert not SystemEntryLink.objects.filter(source=host).exists()


def test_a_link_stays_with_its_client(world):
    ours = added(world)
    with as_(world.outsider, world.other_client):
        theirs = system_entries.add(world.other_client, HOST, by=world.outsider)
    with at_home(world), pytest.raises(IntegrityError), transaction.atomic():
        SystemEntryLink.objects.create(
            client=world.client_organization, source_id=ours.pk, target_id=theirs.pk,
            relation="touches",
        )  # fmt: skip


def test_references_that_are_neither_criterion_nor_objective_are_refused(world):
    told = Told("cuec", "UE-01", "Input is approved", "Before it is sent.",
                facts={"answers_to": ["CC6.1", "CC66.1"]})  # fmt: skip
    with at_home(world), pytest.raises(Invalid, match=r"“CC66.1” is neither") as refused:
        system_entries.add(world.client_organization, told, by=world.client)
    assert refused.value.field == "answers_to"


def test_an_entry_is_retired_and_brought_back(world):
    own = added(world)
    with at_home(world):
        assert next_ref(world.client_organization, "service") == "SV-02"
        system_entries.retire(own, on=date(2026, 11, 1), by=world.client, version=1)
        assert counts(world.client, world.client_organization)["service"] == 0
        assert not listed(world.client, world.client_organization).exists()
        with pytest.raises(Refused, match="is retired"):
            system_entries.retire(own, on=date(2026, 11, 2), by=world.client)
        with pytest.raises(StaleVersion):
            system_entries.bring_back(own, by=world.client, version=1)
        system_entries.bring_back(own, by=world.client, version=2)
        with pytest.raises(Refused, match="not retired"):
            system_entries.bring_back(own, by=world.client)
        found = listed(world.client, world.client_organization, kind="service", words="payroll")
        assert [each.ref for each in found] == ["SV-01"]
        told = TrailEntry.objects.filter(subject_id=own.pk).values_list("verb", flat=True)
        assert sorted(told) == ["added", "brought_back", "retired"]


def test_kind_and_id_stay(world):
    own = added(world)
    with at_home(world):
        told = Told("service", "SV-99", "Payroll and tax", "More.", facts={"used_by": "Employers"})
        system_entries.change(own, told, by=world.client)
        assert (own.ref, own.title, own.version) == ("SV-01", "Payroll and tax", 2)
        with pytest.raises(Refused, match="another entry"):
            system_entries.add(world.client_organization, SERVICE, by=world.client)
