"""Everything of an engagement that goes into the firm's package, as plain values.

Asked by a task that acts as the engagement and so sees both sides. What is the client's alone
stays out by what is asked for here: files not handed over, draft answers, the client's part of
the trail (AC-03). Dates and moments come as ISO text, moments in UTC; people as {name, email}.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from audits.models import ControlMapping, EngagementControl, ScopeItem
from evidence.models import (
    EvidenceLink,
    EvidenceRequest,
    FirmNote,
    Handling,
    Message,
    Package,
    RequestControl,
    RequestPerson,
    RequestScopeItem,
    Submission,
)
from evidence.queries.request_facts import facts_of_rows
from evidence.rules.package_documents import Contents, Values
from tenants.choices import TrailZone
from tenants.models import Assignment, Engagement, TrailCheckpoint, TrailEntry, User
from tenants.queries import trail_copies

Grouped = dict[UUID, list[Values]]

REQUEST = (
    "ref", "title", "description", "acceptance_hint", "area", "kind", "priority", "status",
    "sensitivity", "covers_all_scope", "period_from", "period_to", "as_of", "owner_email",
    "requested_on", "due_on", "opened_at", "submitted_at", "return_count", "return_reason",
    "return_text", "na_reason", "decision", "list_status", "list_comment", "created_at",
)  # fmt: skip
VERSION = (
    "number", "name", "size_bytes", "sha256", "content_type", "kind_label", "scan_outcome",
    "scan_reason", "method", "source_system", "captured_on", "covers_from", "covers_to",
    "expires_on", "uploaded_at", "erased_at", "erased_reason",
)  # fmt: skip
CONTROL = (
    "ref", "title", "narrative", "narrative_number", "owner_role", "frequency", "nature", "type",
    "systems", "evidence", "taken_at",
)  # fmt: skip
SCOPE_ITEM = (
    "identifier", "series", "category", "common", "title", "text", "relevant", "reason",
)  # fmt: skip
TRAIL = (
    "id", "at", "zone", "person_id", "person_name", "acting_for_id", "verb", "subject_type",
    "subject_id", "subject_label", "subject_version", "before", "after", "note", "detail",
    "request_id", "address",
)  # fmt: skip
ENGAGEMENT = (
    "id", "title", "kind", "report_type", "exam_type", "basis", "categories", "as_of",
    "period_start", "period_end", "fieldwork_ends_on", "status", "created_at",
)  # fmt: skip


def contents_of(package: Package, checkpoint: TrailCheckpoint) -> Contents:
    """Read it all; some fifteen queries, however much there is. The trail goes to `checkpoint`."""
    engagement = Engagement.objects.select_related("firm", "client").get(pk=package.engagement_id)
    rows = EvidenceRequest.objects.filter(engagement=engagement)
    return Contents(
        engagement=_engagement(engagement, package),
        requests=_requests(rows),
        listed=facts_of_rows(rows),
        firm_papers=_firm_papers(rows),
        scope=_scope(engagement),
        controls=_controls(engagement),
        **_trail(engagement, checkpoint),
    )


def plain(value: Any) -> Any:
    """A column's value as JSON has it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _columns(row: Any, names: Iterable[str]) -> Values:
    return {name: plain(getattr(row, name)) for name in names}


def _person(person: User | None) -> Values | None:
    return None if person is None else {"name": person.name, "email": person.email}


def _of(model: Any, engagement: Engagement, *joined: str) -> Any:
    return model.objects.filter(engagement=engagement).select_related(*joined)


def _engagement(engagement: Engagement, package: Package) -> Values:
    team = _of(Assignment, engagement, "person", "organization").order_by("created_at", "id")
    return {
        **_columns(engagement, ENGAGEMENT),
        "report": engagement.report_name,
        "firm": {"id": str(engagement.firm_id), "name": engagement.firm.name},
        "client": {"id": str(engagement.client_id), "name": engagement.client.name},
        "people": [
            {**(_person(row.person) or {}), "role": row.role, "organization": row.organization.name,
             **_columns(row, ("starts_on", "ends_on"))}
            for row in team
        ],
        "package": {"id": str(package.pk), "number": package.number},
    }  # fmt: skip


def _requests(rows: Any) -> list[Values]:
    """Every request with its people, links, talk, submissions and files."""
    controls = _grouped(RequestControl, rows, lambda each: each.control.ref, "control")
    items = _grouped(RequestScopeItem, rows, lambda each: each.scope_item.identifier, "scope_item")
    people = _grouped(
        RequestPerson, rows, lambda each: {**(_person(each.person) or {}), "part": each.part},
        "person",
    )  # fmt: skip
    messages = _grouped(Message, rows, _message, "author", "organization")
    submissions = _grouped(Submission, rows, _submission, "submitted_by")
    files = _files(rows)
    return [
        {
            "id": str(row.pk),
            **_columns(row, REQUEST),
            "owner": _person(row.owner),
            "created_by": _person(row.created_by),
            "parent": row.parent_request.ref if row.parent_request else None,
            "people": people[row.pk],
            "controls": sorted(controls[row.pk]),
            "criteria": sorted(items[row.pk]),
            "messages": messages[row.pk],
            "submissions": submissions[row.pk],
            "files": files[row.pk],
        }
        for row in rows.select_related("owner", "created_by", "parent_request").order_by("id")
    ]


def _grouped(model: Any, rows: Any, shape: Any, *joined: str) -> Any:
    """Request id → its rows of `model`, shaped (1 query)."""
    found: Any = defaultdict(list)
    order = model._meta.ordering or ("id",)
    for each in (
        model.objects.filter(evidence_request__in=rows.order_by().values("pk"))
        .select_related(*joined)
        .order_by(*order, "id")
    ):
        found[each.evidence_request_id].append(shape(each))
    return found


def _message(row: Message) -> Values:
    by = {**(_person(row.author) or {}), "organization": row.organization.name}
    return {"at": plain(row.written_at), "by": by, "text": row.text}


def _submission(row: Submission) -> Values:
    names = ("number", "text", "source_query", "run_on", "row_count", "recalled_at")
    return {
        "at": plain(row.submitted_at), "by": _person(row.submitted_by), **_columns(row, names)
    }  # fmt: skip


def _files(rows: Any) -> Grouped:
    """Request id → the files handed over for it, in the order they were."""
    found: Grouped = defaultdict(list)
    for linked in (
        EvidenceLink.objects.filter(evidence_request__in=rows.order_by().values("pk"))
        .filter(handed_over_at__isnull=False)
        .select_related("file_version__uploaded_by", "file_version__erased_by", "added_by")
        .order_by("handed_over_at", "added_at", "id")
    ):
        found[linked.evidence_request_id].append(_file(linked))
    return found


def _file(linked: EvidenceLink) -> Values:
    version = linked.file_version
    return {
        "id": str(version.pk),
        **_columns(version, VERSION),
        "notices": list(version.notices),
        "uploaded_by": _person(version.uploaded_by),
        "erased_by": _person(version.erased_by),
        "linked_by": _person(linked.added_by),
        "linked_at": plain(linked.added_at),
        "handed_over_at": plain(linked.handed_over_at),
    }


def _firm_papers(rows: Any) -> list[Values]:
    """The firm's notes on each request and who looked after it; requests without are left out."""
    handled = _grouped(Handling, rows, lambda each: each, "assignee", "reviewer")
    notes = _grouped(FirmNote, rows, _note, "author")
    return [
        {
            "request": ref,
            "assignee": _person(handled[pk][0].assignee) if handled[pk] else None,
            "reviewer": _person(handled[pk][0].reviewer) if handled[pk] else None,
            "notes": notes[pk],
        }
        for pk, ref in rows.order_by("id").values_list("pk", "ref")
        if handled[pk] or notes[pk]
    ]


def _note(row: FirmNote) -> Values:
    return {"at": plain(row.written_at), "by": _person(row.author), "text": row.text}


def _trail(engagement: Engagement, checkpoint: TrailCheckpoint) -> Values:
    """Every entry but the client's own up to the checkpoint, oldest first, and the copy of it."""
    entries = TrailEntry.objects.filter(engagement_id=engagement.pk).exclude(zone=TrailZone.CLIENT)
    placed = {each.entry_id for each in trail_copies.places_of(checkpoint)}
    rows = entries.order_by("at", "id").values(*TRAIL)
    return {
        "trail": [
            {name: plain(value) for name, value in row.items()}
            for row in rows
            if row["id"] in placed
        ],
        "trail_copy": b"".join(trail_copies.whole(checkpoint, entries, "firm", proofs=True)),
        "checkpoint": checkpoint.text,
        "places": checkpoint.size,
        "root": checkpoint.root,
    }


def _scope(engagement: Engagement) -> list[Values]:
    return [
        {"id": str(row.pk), **_columns(row, SCOPE_ITEM), "decided_by": _person(row.decided_by)}
        for row in _of(ScopeItem, engagement, "decided_by").order_by("position")
    ]


def _controls(engagement: Engagement) -> list[Values]:
    mappings: dict[UUID, list[Values]] = defaultdict(list)
    for row in _of(ControlMapping, engagement, "scope_item").order_by("scope_item__position"):
        mappings[row.control_id].append(
            {"identifier": row.scope_item.identifier, "rationale": row.rationale}
        )
    return [
        {"id": str(row.pk), **_columns(row, CONTROL), "taken_by": _person(row.taken_by),
         "answers_to": mappings[row.pk]}
        for row in _of(EngagementControl, engagement, "taken_by").order_by("ref")
    ]  # fmt: skip
