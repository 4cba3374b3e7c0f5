"""Packages: what is in them, that they are the same each time, and how they fail."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from evidence.actions import (
    evidence_requests,
    files,
    leftovers,
    package_building,
    packages,
    request_talk,
)
from evidence.archive import Progress
from evidence.models import EvidenceLink, FileVersion, PackageEntry
from evidence.storage import FileStore, evidence_store, object_key
from tenants import acting, outbox, tasks
from tenants.errors import MoveRefused, Refused
from tenants.models import Notice, OutboxEntry, TrailEntry
from tests import factories
from tests.conftest import as_
from tests.evidence.packages import (
    again,
    answered,
    asked_for,
    assembled,
    bytes_of,
    sent,
    unpacked,
    uploaded,
    work_off,
)


def store() -> FileStore:
    found = evidence_store()
    assert isinstance(found, FileStore)
    return found


def under_the_engagement(world: Any) -> Any:
    return acting.acting(acting.Actor(engagement_id=world.engagement.pk))


def the_work(package: Any) -> OutboxEntry:
    with acting.acting(acting.Actor(system=True)):
        return OutboxEntry.objects.filter(
            task=package_building.ASSEMBLE, subject=package.pk
        ).latest("created_at")


def let_the_lease_end(row: OutboxEntry) -> None:
    with acting.acting(acting.Actor(system=True)):
        OutboxEntry.objects.filter(pk=row.pk).update(leased_until=None)


def test_a_package_holds_every_file_handed_over_and_verifies(world, tmp_path):
    row = answered(world, b"name,tier\nAcme,1\n")
    package = assembled(world)
    held = unpacked(package)
    path = next(path for path in held if path.startswith("30-evidence/"))
    assert path.startswith(f"30-evidence/{row.ref}/1-")
    assert held[path] == b"name,tier\nAcme,1\n"
    assert (package.status, package.number, package.problem) == ("ready", 1, "")
    assert package.size_bytes == len(bytes_of(package))
    target = tmp_path / "package.zip"
    target.write_bytes(bytes_of(package))
    (tmp_path / "verify.py").write_bytes(held["verify.py"])
    command = [sys.executable, str(tmp_path / "verify.py"), str(target)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
    assert package.manifest_sha256 in checked.stdout


def test_counts_in_the_manifest_equal_the_database_pk_02(world):
    answered(world, b"first")
    row = sent(world, "Access review")
    with as_(world.lead, world.firm):
        request_talk.comment(row, text="Which quarter?", by=world.lead)
        request_talk.note(row, text="Ask again on Monday.", by=world.lead)
    package = assembled(world)
    manifest = json.loads(unpacked(package)["manifest.json"])
    with under_the_engagement(world):
        expected = {
            "evidence_requests": 2, "messages": 1, "submissions": 1, "firm_notes": 1,
            "evidence_links": EvidenceLink.objects.filter(handed_over_at__isnull=False).count(),
            "file_versions": FileVersion.objects.count(), "withdrawn_files": 0,
            "scope_items": world.engagement.scope_items.count(),
            "controls": world.engagement.controls.count(), "control_mappings": 0,
        }  # fmt: skip
        shared = TrailEntry.objects.exclude(zone="client").exclude(
            verb__in=["begin", "publish"], subject_type="package"
        )
        assert manifest["records"] == {**expected, "trail_entries": shared.count()}
        assert package.entry_count + 4 == manifest["counts"]["files"] + 3


def test_the_client_s_drafts_and_its_part_of_the_trail_stay_out(world):
    row = sent(world)
    uploaded(world, row, b"a draft of the client", "draft-only.txt")
    with as_(world.owner, world.client_organization):
        request_talk.answer(row, {"text": "Half an answer"}, by=world.owner)
    held = unpacked(assembled(world))
    everything = b"".join(held.values())
    for secret in (b"a draft of the client", b"draft-only", b"Half an answer"):
        assert secret not in everything
    _, *trail = [json.loads(line) for line in held["60-audit-trail/trail.jsonl"].splitlines()]
    assert {line["entry"]["zone"] for line in trail if "entry" in line} == {"shared", "firm"}
    assert {line["zone"] for line in trail if "closed" in line} == {"client"}


def test_no_other_client_is_named_in_a_package_pk_05(world):
    other_client = factories.known_client(world.firm, world.lead, "Brightwater Sibling")
    other = factories.engagement(world.firm, other_client, world.lead)
    answered(world, b"ours")
    everything = b"".join(unpacked(assembled(world)).values())
    for foreign in (other_client, other, world.other_firm, world.other_client):
        assert str(foreign.pk).encode() not in everything
        assert str(foreign).encode() not in everything


def test_a_file_for_two_requests_lies_with_each_and_a_withdrawn_one_leaves_its_line(world):
    first = sent(world, "First")
    linked = uploaded(world, first, b"both", "Zugänge.txt")
    second = sent(world, "Second")
    gone = sent(world, "Third")
    mistake = uploaded(world, gone, b"private", "mistake.txt")
    with as_(world.owner, world.client_organization):
        files.link(second, linked.file_version, by=world.owner)
        for row in (first, second, gone):
            evidence_requests.submit(row, by=world.owner)
    with as_(world.client, world.client_organization):
        files.withdraw_file(mistake, by=world.client, note="Private data")
    held = unpacked(assembled(world))
    assert [content for path, content in held.items() if path.startswith("30-")] == [b"both"] * 2
    requests = {each["ref"]: each for each in json.loads(held["20-requests/requests.json"])}
    assert [each["path"] for each in requests[gone.ref]["files"]] == [None]
    assert requests[gone.ref]["files"][0]["erased_reason"] == "Private data"
    assert b"withdrawn" in held["00-index/index.html"]


def test_cells_that_would_run_are_disarmed_upl_16(world):
    sent(world, "=1+1")
    held = unpacked(assembled(world))
    assert b"'=1+1" in held["20-requests/requests.csv"]
    assert b",=1+1" not in held["20-requests/requests.csv"] + held["20-requests/history.csv"]


def test_the_index_runs_nothing_and_leads_to_every_file(world):
    answered(world, b"x", "<script>alert(1)</script>.txt", title="<b>Bold</b>")
    held = unpacked(assembled(world))
    page = held["00-index/index.html"].decode()
    assert "<script" not in page
    assert "&lt;b&gt;Bold" in page
    assert "https:" not in page
    assert "http:" not in page
    assert page.count('href="../30-evidence/') == 1


def test_two_builds_of_one_frozen_list_are_equal_upl_18(world, monkeypatch):
    answered(world, b"evidence" * 1000)
    package = assembled(world)
    first, work = bytes_of(package), the_work(package)
    as_the_engagement = acting.Actor(engagement_id=package.engagement_id)
    lease = outbox.Lease(work.pk, work.task, package.pk, 7, as_the_engagement)
    factories.arrange(package, status="assembling", storage_key="", sha256="", progress=0)
    with acting.acting(acting.Actor(system=True)):
        OutboxEntry.objects.filter(pk=work.pk).update(done_at=None, fence=7)
    monkeypatch.setattr(package_building, "tool_version", lambda: "another day's version")
    with acting.acting(lease.actor):
        package_building.assemble(lease)
    rebuilt = again(package)
    assert rebuilt.storage_key.endswith("f7")
    assert bytes_of(rebuilt) == first


def test_a_slow_worker_publishes_nothing_and_leaves_nothing_tsk_4(world):
    answered(world, b"x" * 100)
    package = asked_for(world)
    row = the_work(package)
    slow = outbox.claim(row.pk)
    assert slow is not None
    let_the_lease_end(row)
    work_off()
    done = again(package)
    with acting.acting(slow.actor), pytest.raises(outbox.LeaseLost):
        package_building.assemble(slow)
    assert again(package).sha256 == done.sha256
    assert [each.key for each in store().listing(str(world.firm.pk))] == [done.storage_key]


def test_a_lease_lost_while_writing_ends_the_writing(world, settings):
    answered(world, b"x" * 100)
    package = asked_for(world)
    settings.LEASE_SECONDS = 0  # every file is told, and every lease over at once
    slow = outbox.claim(the_work(package).pk)
    assert slow is not None
    with acting.acting(slow.actor):
        begun = package_building._begun(slow)
        pace = package_building._Pace(begun, slow)
        pace(Progress(1, 2, 50, 100))
        assert again(package).progress == 1
    fast = outbox.claim(the_work(package).pk)
    assert fast is not None
    with acting.acting(slow.actor), pytest.raises(outbox.LeaseLost):
        pace(Progress(2, 2, 100, 100))
    with acting.acting(fast.actor):
        package_building.assemble(fast)
    assert again(package).status == "ready"


def test_what_killed_attempts_left_is_removed(world):
    answered(world, b"x")
    package = asked_for(world)
    stale = object_key(world.firm.pk, package.pk, "0123456789abcdeff1")
    with store().writing(stale) as draft:
        draft.write(b"an attempt that died before it published")
    abandoned = store().root / "incoming" / f"{stale.replace('/', '.')}.{'0' * 32}"
    abandoned.write_bytes(b"an attempt that died while it wrote")
    work_off()
    done = again(package)
    assert [each.key for each in store().listing(str(world.firm.pk))] == [done.storage_key]
    assert list(store().incoming_leftovers(0)) == []


def test_drafts_nobody_wrote_to_for_a_day_are_removed_and_younger_ones_stay():
    with store().writing(object_key(uuid4(), uuid4())) as draft:
        draft.write(b"still being written")
        incoming = store().root / "incoming"
        old = incoming / f"{uuid4()}.{uuid4()}.{'0' * 32}"
        old.write_bytes(b"abandoned")
        os.utime(old, (0, 0))
        leftovers.clear_abandoned_drafts()
        assert not old.exists()
        assert len(list(incoming.iterdir())) == 1


@pytest.mark.parametrize(("harm", "says"), [("lose", "missing"), ("flip", "damaged")])
def test_lost_or_damaged_evidence_fails_the_package_naming_it_pk_03(world, harm, says):
    row = answered(world, b"the evidence")
    with under_the_engagement(world):
        kept = store().root / FileVersion.objects.get().storage_key
    if harm == "lose":
        kept.unlink()
    else:
        kept.write_bytes(b"The evidence")
    package = assembled(world)
    assert package.status == "failed"
    assert says in package.problem
    assert f"30-evidence/{row.ref}/" in package.problem
    assert list(store().listing(str(world.firm.pk))) == []
    kept.write_bytes(b"the evidence")
    with as_(world.lead, world.firm):
        packages.retry(package, by=world.lead)
    work_off()
    done = again(package)
    assert (done.status, done.problem) == ("ready", "")
    with under_the_engagement(world):
        told = Notice.objects.filter(kind="evidence.package", person=world.lead)
        assert told.count() == 2


def test_a_file_withdrawn_after_the_freeze_is_named_with_its_cure(world):
    row = sent(world)
    linked = uploaded(world, row, b"private", "mistake.txt")
    with as_(world.owner, world.client_organization):
        evidence_requests.submit(row, by=world.owner)
    package = asked_for(world)
    lease = outbox.claim(the_work(package).pk)
    assert lease is not None
    with acting.acting(lease.actor):
        package_building._begun(lease)
    with as_(world.client, world.client_organization):
        files.withdraw_file(linked, by=world.client, note="Private data")
    work_off(lambda entry: entry.task == files.ERASE)
    let_the_lease_end(the_work(package))
    work_off()
    failed = again(package)
    assert failed.status == "failed"
    assert "withdrawn while the package was assembled" in failed.problem


def test_a_package_that_stops_every_worker_fails_and_says_so_tsk_6(world):
    answered(world, b"x")
    package = asked_for(world)
    row = the_work(package)
    for _ in range(outbox.MOST_ATTEMPTS):
        lease = outbox.claim(row.pk)
        assert lease is not None
        with acting.acting(lease.actor):
            package_building._begun(lease)
        let_the_lease_end(row)  # the worker was killed
    work_off()
    failed = again(package)
    assert failed.status == "failed"
    assert "stopped five times" in failed.problem
    with as_(world.lead, world.firm):
        assert packages.retry(failed, by=world.lead).status == "queued"
    work_off()
    assert again(package).status == "ready"


def test_a_full_store_is_tried_again_and_told_in_the_end(world, settings):
    answered(world, b"x")
    package = asked_for(world)
    settings.EVIDENCE_FREE_FLOOR_BYTES = 1 << 60
    row = the_work(package)
    for _ in range(outbox.MOST_ATTEMPTS):
        with acting.acting(acting.Actor(system=True)):
            OutboxEntry.objects.filter(pk=row.pk).update(due_at=row.created_at)
        tasks.perform(str(row.pk))
    assert again(package).status == "assembling"
    with acting.acting(acting.Actor(system=True)):
        OutboxEntry.objects.filter(pk=row.pk).update(due_at=row.created_at)
    work_off()
    assert "store is full" in again(package).problem


def test_only_one_package_is_under_way(world):
    package = asked_for(world)
    with as_(world.lead, world.firm), pytest.raises(Refused, match="being assembled"):
        packages.request(world.engagement, by=world.lead)
    work_off()
    assert asked_for(world).number == package.number + 1


@pytest.mark.parametrize(("who", "side"), [("auditor", "firm"), ("client", "client_organization")])
def test_managers_ask_for_packages_nobody_else_does(world, who, side):
    person = getattr(world, who)
    with as_(person, getattr(world, side)), pytest.raises(PermissionDenied):
        packages.request(world.engagement, by=person)


def test_a_ready_package_is_not_tried_again(world):
    package = assembled(world)
    with as_(world.lead, world.firm), pytest.raises(MoveRefused):
        packages.retry(package, by=world.lead)


def test_a_download_is_written_into_the_firm_s_trail(world):
    package = assembled(world)
    with as_(world.senior, world.firm):
        packages.note_download(package, by=world.senior)
        entry = TrailEntry.objects.get(verb="downloaded")
        assert (entry.zone, entry.detail["sha256"]) == ("firm", package.sha256)
    with as_(world.auditor, world.firm), pytest.raises(PermissionDenied):
        packages.note_download(package, by=world.auditor)


def test_the_client_s_people_see_no_package_and_no_line_of_it(world):
    assembled(world)
    with as_(world.client, world.client_organization):
        assert not packages.Package.objects.exists()
        assert not PackageEntry.objects.exists()
        assert not TrailEntry.objects.filter(subject_type="package").exists()
