"""Packages: frozen once, written by whichever worker lives, published once (UPL-18, UPL-19).

The list is frozen in the transaction that begins the work; from then on every attempt makes the
same bytes. Each attempt writes under a key of its own and publishes it together with its lease's
end, so that of two workers one publishes and the other removes what it wrote (TSK-4).
"""

from __future__ import annotations

import hashlib
import time
import tomllib
from functools import cache

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone

from evidence.actions.packages import LIFECYCLE, UNDER_WAY
from evidence.archive import Progress, Written, write_archive
from evidence.choices import PackageStatus as S
from evidence.errors import EvidenceDamaged
from evidence.models import EvidenceRequest, Package, PackageEntry
from evidence.queries import people
from evidence.queries.package_contents import contents_of
from evidence.queries.package_entries import about_of, entries_of, withdrawn_path
from evidence.rules import package_problems
from evidence.rules.package_documents import INDEX, Contents, Values, documents, give_paths
from evidence.rules.package_index import index_of
from evidence.storage import evidence_store, object_key
from tenants import notices, outbox
from tenants.acting import SYSTEM
from tenants.actions.trail_checkpoints import fresh
from tenants.lifecycle import locked
from tenants.models import OutboxEntry, TrailCheckpoint
from tenants.permissions import P

ASSEMBLE = "evidence.assemble"
SOURCE = "evidence.fileversion"
INSIDE_INDEX = "evidence/packages/inside_index.html"


class AskerGone(Exception):
    """The person in whose right a package is assembled has lost that right (ACC-14)."""


def give_up(lease: outbox.Lease) -> None:
    """All attempts were used up: the package has failed, and says why (TSK-6)."""
    package = locked(Package(pk=lease.subject))
    parked = OutboxEntry.objects.filter(
        task=ASSEMBLE, subject=package.pk, parked_at__isnull=False
    ).order_by("-parked_at")  # fmt: skip
    if package.status in UNDER_WAY:
        last_error = parked.values_list("last_error", flat=True).first() or ""
        _fail(package, package_problems.gave_up(last_error))


@outbox.follows(Package, "requested", "retry", long=True, parked=give_up)
def assemble(lease: outbox.Lease) -> None:
    """Freeze the list if no attempt has yet, write the package, publish it.

    Damaged or missing evidence fails the package with the file's path (EV-04, PK-03); what may
    pass by itself (a full disk, a lost database) is tried again. The right of the person who
    asked is asked at the start, about every second, and when it is published.
    """
    try:
        _assemble(lease)
    except AskerGone:
        _fail_for_good(Package(pk=lease.subject), package_problems.ASKER_GONE, lease)


def _assemble(lease: outbox.Lease) -> None:
    package = _begun(lease)
    if package is None:
        return
    store = evidence_store()
    key = object_key(package.engagement.firm_id, package.pk, attempt_of(lease))
    try:
        with transaction.atomic():
            entries = entries_of(package, store)
            folder, about = about_of(package)
        with store.writing(key, expected_bytes=package.total_bytes) as draft:
            written = write_archive(
                draft, entries, folder=folder, about=about, on_progress=_Pace(package, lease)
            )
            lease.renew()
    except EvidenceDamaged as error:
        _fail_for_good(package, error.message, lease)
        return
    try:
        _publish(package, written, key, lease)
    except BaseException:
        store.delete(key)
        raise


@outbox.follows(Package, "publish", "fail")
def clear_attempts(lease: outbox.Lease) -> None:
    """Remove what attempts that were killed left in the store; the published bytes stay."""
    package = locked(Package(pk=lease.subject))  # no new attempt begins meanwhile
    if package.status not in UNDER_WAY:
        _clear(package)


@outbox.follows(Package, "publish", "fail")
def tell_who_asked(lease: outbox.Lease) -> None:
    """Tell the person who asked for the package that it is ready, or that it failed."""
    package = Package.objects.get(pk=lease.subject)
    notices.tell(
        "evidence.package", package.pk, package.engagement_id, [package.requested_by_id],
        period=str(lease.id),
    )  # fmt: skip


def attempt_of(lease: outbox.Lease) -> str:
    """What tells this attempt's object from every other's: its work's id and fence."""
    return f"{lease.id.hex[16:]}f{lease.fence}"


@cache
def tool_version() -> str:
    """The version of this program, as pyproject.toml has it."""
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]
    return str(project["version"])


class _Pace:
    """Keeps the lease and shows how far the writer is, in short transactions now and then.

    Raises LeaseLost or AskerGone, which end the writing.
    """

    def __init__(self, package: Package, lease: outbox.Lease) -> None:
        self._package = package
        self._lease = lease
        self._seconds = min(1.0, settings.LEASE_SECONDS / 4)
        self._told_at = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        if time.monotonic() - self._told_at < self._seconds:
            return
        self._told_at = time.monotonic()
        files = min(progress.files_done, self._package.entry_count)
        with transaction.atomic():
            self._lease.renew()
            _require_asker(self._package)
            Package.objects.filter(pk=self._package.pk, status=S.ASSEMBLING).update(
                progress=files, version=F("version") + 1
            )


def _begun(lease: outbox.Lease) -> Package | None:
    """The package, frozen and being assembled; None when there is nothing left to do."""
    assert lease.actor.engagement_id
    checkpoint = fresh(lease.actor.engagement_id, of_engagement=True)
    assert checkpoint  # at least the asking is in the trail
    with transaction.atomic():
        package: Package = locked(Package(pk=lease.subject))
        if package.status not in UNDER_WAY:
            lease.finish()
            return None
        _require_asker(package)
        if package.status == S.QUEUED:
            with LIFECYCLE.moving("begin", package, by=SYSTEM) as row:
                _freeze(row, checkpoint)
    with transaction.atomic():  # the frozen list stays, even when it took longer than the lease
        lease.renew()
        _clear(package)
    return package


def _require_asker(package: Package) -> None:
    """Raises AskerGone."""
    if package.requested_by_id not in people.holding(P.BUILD_PACKAGE, package.engagement_id):
        raise AskerGone


def _freeze(package: Package, checkpoint: TrailCheckpoint) -> None:
    """Write down every path and what its bytes are; requests stand still meanwhile."""
    requests = EvidenceRequest.objects.filter(engagement_id=package.engagement_id)
    list(requests.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    contents = contents_of(package, checkpoint)
    give_paths(contents)
    made = documents(contents, tool_version())
    made[INDEX] = render_to_string(INSIDE_INDEX, index_of(contents)).encode()
    lines = [*(_document(path, content) for path, content in made.items()), *_evidence(contents)]
    for position, line in enumerate(sorted(lines, key=lambda each: each.path)):
        line.position, line.package = position, package
        line.engagement_id, line.client_id = package.engagement_id, package.engagement.client_id
    PackageEntry.objects.bulk_create(lines, batch_size=2000)
    package.frozen_at = timezone.now()
    package.entry_count = len(lines)
    package.total_bytes = sum(line.size_bytes for line in lines)


def _document(path: str, content: bytes) -> PackageEntry:
    return PackageEntry(
        path=path, size_bytes=len(content), sha256=hashlib.sha256(content).hexdigest(),
        content=content,
    )  # fmt: skip


def _evidence(contents: Contents) -> list[PackageEntry]:
    files: list[Values] = [file for request in contents.requests for file in request["files"]]
    return [
        PackageEntry(
            path=file["path"], size_bytes=file["size_bytes"], sha256=file["sha256"],
            file_version_id=file["id"], source_type=SOURCE, source_id=file["id"],
            source_version=file["number"],
        )
        for file in files
        if file["path"]
    ]  # fmt: skip


def _publish(package: Package, written: Written, key: str, lease: outbox.Lease) -> None:
    """Make the written bytes the package, unless the work is somebody else's by now."""
    with transaction.atomic():
        lease.renew()
        detail = {"sha256": written.sha256, "manifest_sha256": written.manifest_sha256}
        with LIFECYCLE.moving("publish", package, by=SYSTEM, detail=detail) as row:
            _require_asker(row)
            row.size_bytes, row.sha256 = written.size_bytes, written.sha256
            row.manifest_sha256, row.storage_key = written.manifest_sha256, key
            row.progress, row.finished_at = row.entry_count, timezone.now()
        lease.finish()


def _fail_for_good(package: Package, problem: str, lease: outbox.Lease) -> None:
    """The next attempt can only fail again: say what is wrong, and let a person act."""
    with transaction.atomic():
        lease.renew()
        path = withdrawn_path(package)
        _fail(package, package_problems.withdrawn(path) if path else problem)
        lease.finish()


def _fail(package: Package, problem: str) -> None:
    with LIFECYCLE.moving("fail", package, by=SYSTEM, note=problem) as row:
        row.problem, row.finished_at = problem, timezone.now()


def _clear(package: Package) -> None:
    """Remove every object and draft of the package but the published one."""
    store = evidence_store()
    own = object_key(package.engagement.firm_id, package.pk)
    for stored in list(store.listing(own)):
        if stored.key != package.storage_key:
            store.delete(stored.key)
    for leftover in list(store.incoming_leftovers(0)):
        if leftover.key.startswith(own):
            store.discard(leftover)
