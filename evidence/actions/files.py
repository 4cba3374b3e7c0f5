"""Evidence comes in: stored, versioned, linked, and taken back before it counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from evidence.actions import evidence_requests
from evidence.actions.answering import require_answering
from evidence.actions.file_checks import (
    record_file,
    require_forward,
    require_known_here,
    require_waiting,
)
from evidence.choices import CollectionMethod, RequestStatus, ScanOutcome
from evidence.digests import Readable
from evidence.models import EvidenceFile, EvidenceLink, EvidenceRequest, FileVersion
from evidence.rules.coverage_dates import Coverage
from evidence.rules.file_kinds import sniff
from evidence.rules.file_names import clean_name
from evidence.storage import Received, evidence_store, object_key
from tenants import acting, outbox, trail
from tenants.choices import TrailZone
from tenants.errors import Invalid, Refused, StaleVersion
from tenants.lifecycle import locked
from tenants.models import Engagement, User
from tenants.permissions import P, require
from tenants.visibility import new_key, reach

COVERAGE = ("covers_from", "covers_to", "captured_on", "expires_on")
ADMITTED_BY = ("status", "owner", "named", "engagement__client")  # what `admit` and `upload` read
ERASE = "evidence.erase_bytes"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way in: its bytes, the sender's words about it, and what it replaces."""

    stream: Readable
    name: str
    declared_type: str = ""
    declared_sha256: str | None = None
    declared_bytes: int | None = None
    coverage: Coverage = field(default_factory=Coverage)
    source_system: str = ""
    method: str = CollectionMethod.UPLOAD
    replaces: FileVersion | None = None


def admit(evidence_request: EvidenceRequest, *, by: User) -> Engagement:
    """Ask, before their bytes are taken, whether files of `by` may come now; the engagement.

    No query when `evidence_request` was read with its engagement by the owner. Raises as `upload`.
    """
    require_waiting(evidence_request, by)
    engagement: Engagement = evidence_request.engagement
    return engagement


def upload(
    evidence_request: EvidenceRequest,
    incoming: Upload,
    *,
    by: User,
    admitted: Engagement | None = None,
    also: Callable[[EvidenceLink], None] | None = None,
) -> EvidenceLink:
    """Keep a file's bytes and link them to a request; the firm sees them once submitted.

    Called outside a transaction, so that none is held while bytes arrive; the bytes are durable
    before any row says so, and gone again when no row does. `replaces` makes the next version
    of a file. `admitted` is what `admit` answered, when it was asked; `also` is done in the
    transaction that writes the rows. Raises PermissionDenied, Refused when the client is not to
    act, Invalid for a refused kind, size or hash, StorageFull.
    """
    if admitted is None:
        with transaction.atomic():
            admitted = admit(evidence_request, by=by)
    name, version_id, store = clean_name(incoming.name), new_key(), evidence_store()
    key = object_key(admitted.client_id, version_id)
    received = store.receive(
        incoming.stream, key=key, limit_bytes=settings.EVIDENCE_LIMIT_BYTES,
        expected_sha256=incoming.declared_sha256, expected_bytes=incoming.declared_bytes,
    )  # fmt: skip
    try:
        found = sniff(received.head, name, incoming.declared_type)
        version = FileVersion(
            pk=version_id, storage_key=key, name=name, kind_label=found.label,
            content_type=found.content_type, notices=[each.sentence for each in found.notices],
        )  # fmt: skip
        return _keep(evidence_request, version, incoming, received, by, also)
    except BaseException:
        store.delete(key)
        raise


def _keep(
    evidence_request: EvidenceRequest,
    version: FileVersion,
    incoming: Upload,
    received: Received,
    by: User,
    also: Callable[[EvidenceLink], None] | None,
) -> EvidenceLink:
    """Write the rows of bytes that are stored, in a transaction of their own.

    What `by` may do is read afresh: the bytes may have taken an hour (ACC-12).
    """
    with acting.acting(acting.current()), transaction.atomic():
        row = locked(evidence_request)
        require_waiting(row, by)
        begun = _describe(version, row, incoming, received, by)
        linked = EvidenceLink(
            engagement_id=row.engagement_id, evidence_request=row, client_id=version.client_id,
            file_version=version, added_by=by,
        )  # fmt: skip
        with trail.together(*begun, version, linked):
            record_file("uploaded", row, version, by, zone=TrailZone.CLIENT)
            evidence_requests.start(row, by=by)
        if also is not None:
            also(linked)
    evidence_request.__dict__.update(row.__dict__)
    return linked


def link(evidence_request: EvidenceRequest, version: FileVersion, *, by: User) -> EvidenceLink:
    """Let a file the client has here already answer one more request (RQ-07).

    Linking twice changes nothing. Raises PermissionDenied, Refused, Invalid for an erased file
    or a file of another client.
    """
    with transaction.atomic():
        row = locked(evidence_request)
        require_waiting(row, by)
        require_known_here(row, version, field="file_version")
        if version.erased_at:
            raise Invalid("This file was withdrawn.", code="file_erased", field="file_version")
        return _link(row, version, by, verb="linked")


def unlink(linked: EvidenceLink, *, by: User) -> None:
    """Take a file off a request before it is handed over; bytes no request needs are erased.

    Raises PermissionDenied, Refused once the firm was given it.
    """
    with transaction.atomic():
        row = locked(linked.evidence_request)
        require_waiting(row, by)
        if linked.handed_over_at:
            raise Refused(
                "The auditor was given this file; withdraw it with a reason, or upload a new "
                "version.", code="file_handed_over",
            )  # fmt: skip
        version = linked.file_version
        record_file("unlinked", row, version, by, zone=TrailZone.CLIENT)
        EvidenceLink.objects.filter(pk=linked.pk).delete()
        if version.uploaded_by_id == by.pk and not version.links.exists():
            _erase(version, by, "Removed before it was handed over.")


def withdraw_file(linked: EvidenceLink, *, by: User, note: str) -> FileVersion:
    """Erase a file uploaded by mistake, before any acceptance; a tombstone stays (EV-05).

    Raises PermissionDenied, Invalid without a reason, Refused after acceptance.
    """
    version = linked.file_version
    with transaction.atomic():
        row = locked(linked.evidence_request)
        require(by, P.SUBMIT_REQUEST, row.engagement)
        require_answering(by, row)
        if not note.strip():
            raise Invalid("Say why it is withdrawn.", code="note_required", field="note")
        accepted = EvidenceLink.objects.filter(
            file_version=version, evidence_request__status=RequestStatus.ACCEPTED
        )
        if accepted.exists():
            raise Refused(
                "It was accepted as evidence; ask the auditor to reopen the request first.",
                code="file_accepted",
            )  # fmt: skip
        if version.erased_at:
            raise Refused("It was withdrawn already.", code="file_erased")
        record_file("file_withdrawn", row, version, by, note=note)
        _erase(version, by, note.strip())
    return version


def set_coverage(
    linked: EvidenceLink, fields: Mapping[str, date | None], *, by: User,
    version: int | None = None,
) -> FileVersion:  # fmt: skip
    """Say which dates a file speaks for: the client while it answers, the reviewer afterwards.

    `fields`: any of COVERAGE; `version` is the file version's. Raises PermissionDenied,
    StaleVersion, Refused once accepted, Invalid.
    """
    with transaction.atomic():
        row = locked(linked.evidence_request)
        reviewing = P.REVIEW_EVIDENCE in reach(by).get(row.engagement_id, frozenset())
        if reviewing:
            require(by, P.REVIEW_EVIDENCE, row.engagement)
        else:
            require_waiting(row, by)
        if row.status == RequestStatus.ACCEPTED:
            raise Refused("It is accepted; reopen the request first.", code="request_over")
        file_version = FileVersion.objects.select_for_update(of=("self",)).get(
            pk=linked.file_version_id
        )
        if version is not None and version != file_version.version:
            raise StaleVersion("Somebody changed this since you opened it; look again first.")
        for name in COVERAGE:
            if name in fields:
                setattr(file_version, name, fields[name])
        require_forward(file_version)
        file_version.version += 1
        file_version.save(update_fields=[*COVERAGE, "version"])
        detail = {name: str(getattr(file_version, name) or "") for name in COVERAGE}
        record_file("coverage_set", row, file_version, by, detail=detail,
                zone=TrailZone.SHARED if linked.handed_over_at else TrailZone.CLIENT)  # fmt: skip
    linked.file_version = file_version
    return file_version


def note_download(linked: EvidenceLink, *, by: User, told: bool = True) -> None:
    """Write the download into the chain of custody before the first byte leaves (EV-03).

    `told` is False for a question that no byte answers, such as HEAD. Raises Refused for an
    erased or infected file.
    """
    version = linked.file_version
    if version.erased_at:
        raise Refused("This file was withdrawn; only its hash is kept.", code="file_erased")
    if version.scan_outcome == ScanOutcome.INFECTED:
        raise Refused("This file is infected and is not given out.", code="file_infected")
    if not told:
        return
    firm = P.VIEW_FIRM_FILE in reach(by).get(linked.engagement_id, frozenset())
    zone = TrailZone.FIRM if firm else TrailZone.CLIENT
    record_file("downloaded", linked.evidence_request, version, by, zone=zone)


@outbox.task(ERASE)
def erase_bytes(lease: outbox.Lease) -> None:
    """Remove the bytes of an erased version from the store; the tombstone row stays."""
    version = FileVersion.objects.filter(pk=lease.subject, erased_at__isnull=False).first()
    if version is not None:
        evidence_store().delete(version.storage_key)


def _describe(
    version: FileVersion, row: EvidenceRequest, incoming: Upload, received: Received, by: User
) -> list[EvidenceFile]:
    """Say what a new version is: of a new file, answered unwritten, or the next of its file."""
    version.client_id, version.uploaded_by = row.engagement.client_id, by
    version.size_bytes, version.sha256 = received.size_bytes, received.sha256
    version.crc32 = received.crc32
    version.method, version.source_system = incoming.method, incoming.source_system
    version.scan_outcome = ScanOutcome.NOT_SCANNED
    version.scan_reason = "No scanner is configured."
    for name in COVERAGE:
        setattr(version, name, getattr(incoming.coverage, name))
    require_forward(version)
    if incoming.replaces is None:
        file = EvidenceFile(client_id=version.client_id, created_by=by)
        version.file, version.number = file, 1
        return [file]
    require_known_here(row, incoming.replaces, field="replaces")
    version.file_id = incoming.replaces.file_id
    version.number = EvidenceFile.objects.next_number(version.file_id)
    return []


def _link(row: EvidenceRequest, version: FileVersion, by: User, *, verb: str) -> EvidenceLink:
    linked, made = EvidenceLink.objects.get_or_create(
        evidence_request=row, file_version=version,
        defaults={
            "engagement_id": row.engagement_id, "client_id": version.client_id, "added_by": by,
        },
    )  # fmt: skip
    if made:
        record_file(verb, row, version, by, zone=TrailZone.CLIENT)
        evidence_requests.start(row, by=by)
    return linked


def _erase(version: FileVersion, by: User, reason: str) -> None:
    version.erased_at, version.erased_by, version.erased_reason = timezone.now(), by, reason
    version.version += 1
    version.save(update_fields=["erased_at", "erased_by", "erased_reason", "version"])
    outbox.enqueue(
        ERASE, organization_id=version.client_id, person_id=version.uploaded_by_id,
        subject=version.pk,
    )  # fmt: skip
