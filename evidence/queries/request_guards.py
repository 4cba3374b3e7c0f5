"""What must hold before a request moves: each guard returns the reason it refuses, or nothing."""

from __future__ import annotations

from evidence.choices import RequestKind, ScanOutcome
from evidence.models import AnswerDraft, EvidenceLink, EvidenceRequest, FileVersion
from evidence.rules.coverage_dates import Coverage, Wanted, problem
from evidence.storage import evidence_store
from evidence.storage.checking import still_whole
from tenants.choices import OVER as ENDED
from tenants.choices import EngagementStatus

_STANDING = (EngagementStatus.ON_HOLD, *ENDED)


def engagement_runs(row: EvidenceRequest) -> str:
    """Nothing is asked or handed over while the engagement stands still."""
    if row.engagement.status in _STANDING:
        return f"The engagement is {row.engagement.get_status_display().lower()}."
    return ""


def needs_owner(row: EvidenceRequest) -> str:
    """Somebody of the client must be there to answer."""
    if row.owner_id:
        return ""
    if row.owner_email:
        return (
            f"{row.owner_email} is not on this engagement yet: "
            "the client's administrator invites them, or choose another owner."
        )
    return "It has no owner: choose who at the client answers it."


def needs_due_date(row: EvidenceRequest) -> str:
    """The client must know by when."""
    return "" if row.due_on else "It has no due date."


def needs_purpose(row: EvidenceRequest) -> str:
    """A request serves a control or a scope item."""
    if row.covers_all_scope or row.controls.exists() or row.scope_items.exists():
        return ""
    return "Say what it is for: link a control or a scope item."


def needs_answer(row: EvidenceRequest) -> str:
    """At least one file or a text."""
    if live_links(row):
        return ""
    text = AnswerDraft.objects.filter(evidence_request=row).values_list("text", flat=True).first()
    return "" if (text or "").strip() else "Upload a file or write an answer first."


def needs_population_facts(row: EvidenceRequest) -> str:
    """A population says where it came from and how many rows it has (IPE)."""
    if row.kind != RequestKind.POPULATION:
        return ""
    draft = AnswerDraft.objects.filter(evidence_request=row).first()
    missing = [
        words
        for words, value in (
            ("the query or report it came from", draft and draft.source_query.strip()),
            ("the day it was run", draft and draft.run_on),
            ("its number of rows", draft and draft.row_count is not None),
        )
        if not value
    ]
    return f"A population needs {', '.join(missing)}." if missing else ""


def files_are_whole(row: EvidenceRequest) -> str:
    """The stored bytes are still what was uploaded, and none is known to be infected (EV-04)."""
    for version in handed_over(row):
        if version.scan_outcome == ScanOutcome.INFECTED:
            return f"“{version.name}” is infected and cannot be accepted."
        if not still_whole(
            evidence_store(), version.storage_key, version.size_bytes, version.sha256
        ):
            return f"“{version.name}” is damaged in the store: its hash has changed. Tell support."
    return ""


def coverage_is_stated(row: EvidenceRequest) -> str:
    """Each file says what dates it speaks for."""
    for version in handed_over(row):
        if not coverage_of(version).is_stated:
            return f"Set which dates “{version.name}” covers first."
    return ""


def coverage_misfit(row: EvidenceRequest) -> str:
    """The first file whose dates do not fit what the request asks for, and why."""
    wanted = wanted_by(row)
    for version in handed_over(row):
        if why := problem(coverage_of(version), wanted):
            return f"“{version.name}”: {why}"
    return ""


def wanted_by(row: EvidenceRequest) -> Wanted:
    """The dates a request asks for: its own, or the engagement's."""
    if row.as_of or (row.period_from and row.period_to):
        return Wanted(row.period_from, row.period_to, row.as_of)
    engagement = row.engagement
    return Wanted(engagement.period_start, engagement.period_end, engagement.as_of)


def coverage_of(version: FileVersion) -> Coverage:
    """What a file version speaks for."""
    return Coverage(version.covers_from, version.covers_to, version.captured_on, version.expires_on)


def live_links(row: EvidenceRequest) -> bool:
    """Whether any file that was not erased is linked."""
    links = EvidenceLink.objects.filter(evidence_request=row, file_version__erased_at=None)
    return links.exists()


def handed_over(row: EvidenceRequest) -> list[FileVersion]:
    """The versions the firm was given for this request and that were not erased."""
    return list(
        FileVersion.objects.filter(
            links__evidence_request=row, links__handed_over_at__isnull=False, erased_at=None
        ).order_by("links__added_at")
    )
