"""Evidence comes in: who may add it, what is kept of it, and how it is taken back."""

from __future__ import annotations

import hashlib
import io
from datetime import date
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from evidence.actions import files
from evidence.errors import FileTooLarge
from evidence.models import EvidenceFile, EvidenceLink, EvidenceRequest, FileVersion
from evidence.storage import evidence_store
from tenants.actions import assignments
from tenants.errors import Invalid, NotVisible, Refused, StaleVersion
from tenants.models import Assignment, OutboxEntry, Relationship, TrailEntry
from tests import factories
from tests.conftest import as_
from tests.evidence import requests as at
from tests.evidence.requests import stored


def verbs(row: Any) -> list[str]:
    entries = TrailEntry.objects.filter(subject_id=row.pk).order_by("at", "id")
    return list(entries.values_list("verb", flat=True))


def test_an_upload_keeps_the_bytes_and_their_hash(world):
    row = at.sent(world)
    link = at.upload(world, row)
    version = link.file_version
    assert version.sha256 == hashlib.sha256(at.CSV).hexdigest()
    assert (version.number, version.size_bytes, version.name) == (1, len(at.CSV), "vendors.csv")
    with evidence_store().open(version.storage_key) as stored_bytes:
        assert stored_bytes.read() == at.CSV
    assert row.status == "in_progress"
    with as_(world.client, world.client_organization):
        assert {"uploaded", "start"} <= set(verbs(row))


def test_a_watcher_reads_along_and_adds_nothing(world):
    other = factories.member(world.client_organization, "control_owner", name="Wanda Watcher")
    factories.assigned(world.engagement, world.client_organization, other, "control_owner")
    row = at.sent(world, watchers=[other.pk])
    with as_(other, world.client_organization):
        assert EvidenceRequest.objects.visible_to(other).get() == row
    with pytest.raises(PermissionDenied):
        at.upload(world, row, other)
    assert stored() == []


@pytest.mark.parametrize("who", ["owner", "contributor", "client"])
def test_owner_contributor_and_administrator_add_files(world, who):
    row = at.sent(world, contributors=[world.contributor.pk])
    assert at.upload(world, row, getattr(world, who)).added_by == getattr(world, who)


@pytest.mark.parametrize(
    ("claim", "refusal"),
    [({"declared_sha256": "0" * 64}, "SHA-256"), ({"declared_bytes": 3}, "size"),
     ({"declared_bytes": 300}, "size")],
)  # fmt: skip
def test_a_lie_about_size_or_hash_keeps_nothing_upl_5(world, claim, refusal):
    row = at.sent(world)
    with pytest.raises(Invalid, match=refusal):
        at.upload(world, row, **claim)
    assert stored() == []
    with as_(world.owner, world.client_organization):
        assert not EvidenceLink.objects.exists()
        row.refresh_from_db()
    assert row.status == "open"


@pytest.mark.parametrize(("more", "refused"), [(-1, False), (0, False), (1, True)])
def test_the_size_limit_holds_at_its_edge_upl_7(world, settings, more, refused):
    settings.EVIDENCE_LIMIT_BYTES = 1000
    row = at.sent(world)
    if not refused:
        assert at.upload(world, row, content=b"x" * (1000 + more))
        return
    with pytest.raises(FileTooLarge):
        at.upload(world, row, content=b"x" * (1000 + more))
    assert stored() == []


@pytest.mark.parametrize("status", ["submitted", "under_review", "accepted", "withdrawn"])
def test_nothing_is_added_while_the_client_is_not_to_act(world, status):
    row = at.AT[status](world)
    before = stored()
    with pytest.raises(Refused):
        at.upload(world, row, content=b"late")
    assert stored() == before


def test_a_right_lost_while_the_bytes_arrive_keeps_nothing_acc_12(world):
    row = at.sent(world)

    class Revoking(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            with as_(world.client, world.client_organization):
                for assignment in Assignment.objects.filter(person=world.owner):
                    assignments.unassign(assignment, by=world.client)
            return super().read(size)

    with as_(world.owner, world.client_organization), pytest.raises(NotVisible):
        files.upload(row, files.Upload(Revoking(at.CSV), "a.csv"), by=world.owner)
    assert stored() == []


def test_a_new_version_keeps_the_old_one_upl_6(world):
    row = at.sent(world)
    first = at.upload(world, row).file_version
    second = at.upload(world, row, content=b"name\nB\n", replaces=first).file_version
    assert (second.file_id, second.number) == (first.file_id, 2)
    assert len(stored()) == 2


def test_one_file_answers_many_requests_of_one_firm_only_rq_07(world):
    row, other = at.sent(world), at.sent(world, title="Vendor reviews")
    version = at.upload(world, row).file_version
    with as_(world.owner, world.client_organization):
        files.link(other, version, by=world.owner)
        files.link(other, version, by=world.owner)  # twice changes nothing
        assert EvidenceLink.objects.count() == 2
    second_firm = factories.organization("firm", "Third Firm LLP")
    partner = factories.member(second_firm, "partner")
    with as_(partner, second_firm):
        Relationship.objects.create(firm=second_firm, client=world.client_organization)
    elsewhere = factories.engagement(second_firm, world.client_organization, partner)
    factories.assigned(elsewhere, world.client_organization, world.owner, "control_owner")
    there = SimpleNamespace(**{**vars(world), "lead": partner, "firm": second_firm,
                               "engagement": elsewhere})  # fmt: skip
    asked = at.sent(there)
    with as_(world.owner, world.client_organization), pytest.raises(Invalid, match="no such file"):
        files.link(asked, version, by=world.owner)
    with pytest.raises(Invalid, match="no such file"):
        at.upload(world, asked, replaces=version)


def test_a_file_taken_off_before_it_is_handed_over_is_erased(world):
    row = at.sent(world)
    link = at.upload(world, row)
    with as_(world.owner, world.client_organization):
        files.unlink(link, by=world.owner)
        assert OutboxEntry.objects.filter(task=files.ERASE, subject=link.file_version_id).exists()
        version = FileVersion.objects.get(pk=link.file_version_id)
    assert version.erased_at


def test_what_was_handed_over_is_withdrawn_with_a_reason_until_accepted_ev_05(world):
    row = at.submitted(world)
    with as_(world.owner, world.client_organization):
        link = EvidenceLink.objects.get(evidence_request=row)
        with pytest.raises(Refused):
            files.unlink(link, by=world.owner)
        with pytest.raises(Invalid, match="why"):
            files.withdraw_file(link, by=world.owner, note=" ")
        assert files.withdraw_file(link, by=world.owner, note="Wrong client's data.").erased_at
    row = at.accepted(world, title="Another")
    with as_(world.owner, world.client_organization):
        link = EvidenceLink.objects.get(evidence_request=row)
        with pytest.raises(Refused, match="accepted"):
            files.withdraw_file(link, by=world.owner, note="Too late.")


def test_dates_of_a_file_run_forward_and_their_version_counts(world):
    row = at.sent(world)
    link = at.upload(world, row)
    with as_(world.owner, world.client_organization):
        with pytest.raises(Invalid, match="backwards"):
            files.set_coverage(link, {"covers_to": date(2020, 1, 1)}, by=world.owner)
        changed = files.set_coverage(
            link, {"covers_to": date(2026, 6, 30)}, by=world.owner, version=1
        )
        assert changed.version == 2
        with pytest.raises(StaleVersion):
            files.set_coverage(link, {"covers_to": None}, by=world.owner, version=1)


def test_every_download_is_in_the_chain_of_custody_ev_03(world):
    row = at.submitted(world)
    with as_(world.auditor, world.firm):
        link = EvidenceLink.objects.get(evidence_request=row)
        files.note_download(link, by=world.auditor)
        entry = TrailEntry.objects.get(verb="downloaded")
        assert entry.detail["sha256"] == link.file_version.sha256
    with as_(world.client, world.client_organization):  # who reads what is the firm's own matter
        assert not TrailEntry.objects.filter(verb="downloaded").exists()


def test_a_version_follows_one_that_its_uploader_does_not_see_ten_4(world):
    """A file's next version is in a restricted request; the owner adds another all the same."""
    first = at.upload(world, at.sent(world)).file_version
    hidden = at.sent(world, owner=world.client, sensitivity="restricted")
    with as_(world.client, world.client_organization):
        files.link(hidden, first, by=world.client)
    at.upload(world, hidden, world.client, replaces=first)
    with as_(world.owner, world.client_organization):
        assert FileVersion.objects.visible_to(world.owner).count() == 1
    again = at.upload(world, at.sent(world), replaces=first)
    assert (again.file_version.file_id, again.file_version.number) == (first.file_id, 3)


def test_the_data_migration_counts_versions_and_asserts_how_many_ten_12(world):
    row = at.sent(world)
    first = at.upload(world, row).file_version
    at.upload(world, row, replaces=first)
    at.upload(world, row, content=b"other,1\n")
    fill = import_module("evidence.migrations.0004_fill_version_counts_and_clients").fill
    with as_(world.client, world.client_organization), transaction.atomic():
        EvidenceFile.objects.update(version_count=1)
        fill(None, SimpleNamespace(connection=connection))
        counts = EvidenceFile.objects.order_by("created_at").values_list("version_count", flat=True)
        assert sorted(counts) == [1, 2]
