"""All that the page of one request shows: what it is for, its people, its files, its story."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q

from audits.models import EngagementControl, ScopeItem
from evidence.choices import OVER, Part
from evidence.models import (
    AnswerDraft,
    EvidenceLink,
    EvidenceRequest,
    FileVersion,
    FirmNote,
    Handling,
    Message,
    RequestPerson,
    Submission,
)
from evidence.queries.request_guards import coverage_of, wanted_by
from evidence.rules.coverage_dates import problem
from tenants.choices import TrailZone
from tenants.models import Engagement, TrailEntry, User
from tenants.visibility import RecordQuerySet

SILENT = ("answered", "commented", "noted", "downloaded")
"""Acts that are told by what they left, or that only the trail of custody keeps."""


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file on a request: its link and version, and what a person should know of it.

    `misfit` says why its dates do not fit what is asked; `newer` is the number of the version
    that replaces it here, or None; `also` are the references of other requests it answers, `same`
    those that hold a file with the same bytes.
    """

    link: EvidenceLink
    version: FileVersion
    misfit: str = ""
    newer: int | None = None
    also: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class People:
    """Who takes part in a request; `handling` is the firm's alone."""

    contributors: list[User]
    watchers: list[User]
    handling: Handling | None


@dataclass(frozen=True, slots=True)
class Story:
    """What was said and done about a request, each oldest first."""

    messages: list[Message]
    notes: list[FirmNote]
    acts: list[TrailEntry]
    people: dict[UUID, User]


def find(user: User, engagement: Engagement, key: UUID) -> EvidenceRequest:
    """One visible request of the engagement, ready to show. Raises NotVisible."""
    rows = EvidenceRequest.objects.filter(engagement=engagement)
    rows = rows.select_related("owner", "submitted_by", "engagement__client", "engagement__firm")
    found: EvidenceRequest = rows.find(user, key)
    return found


def served(row: EvidenceRequest) -> tuple[list[EngagementControl], list[ScopeItem]]:
    """The controls and scope items a request is for (2 queries)."""
    return list(row.controls.order_by("ref")), list(row.scope_items.order_by("position"))


def people_of(row: EvidenceRequest, *, firm: bool) -> People:
    """Who takes part (1 query, 2 for the firm)."""
    rows = RequestPerson.objects.filter(evidence_request=row).select_related("person")
    parts: dict[str, list[User]] = defaultdict(list)
    for each in rows.order_by("person__name"):
        parts[each.part].append(each.person)
    handling = None
    if firm:
        handled = Handling.objects.select_related("assignee", "reviewer")
        handling = handled.filter(evidence_request=row).first()
    return People(parts[Part.CONTRIBUTOR], parts[Part.WATCHER], handling)


def links_of(user: User, row: EvidenceRequest) -> RecordQuerySet:
    """The files of a request as far as `user` sees them, oldest first."""
    links: RecordQuerySet = EvidenceLink.objects.visible_to(user).filter(evidence_request=row)
    return links.select_related("file_version__uploaded_by", "added_by")


def files_of(user: User, row: EvidenceRequest) -> list[FileLine]:
    """The files of a request with what is to be known of each (2 queries)."""
    links = list(links_of(user, row))
    if not links:
        return []
    digests = {link.file_version.sha256 for link in links}
    elsewhere = EvidenceLink.objects.visible_to(user).exclude(evidence_request=row)
    others = list(
        elsewhere.filter(file_version__sha256__in=digests, file_version__erased_at=None)
        .values_list("file_version_id", "file_version__sha256", "evidence_request__ref")
        .order_by("evidence_request__ref")
    )
    return [_line(link, links, others, row) for link in links]


def _line(
    link: EvidenceLink, links: Sequence[EvidenceLink], others: Sequence[Any], row: EvidenceRequest
) -> FileLine:
    version = link.file_version
    later = [
        each.file_version.number
        for each in links
        if each.file_version.file_id == version.file_id
        and each.file_version.number > version.number
        and each.file_version.erased_at is None
    ]
    asks = row.status not in OVER and version.erased_at is None
    return FileLine(
        link,
        version,
        problem(coverage_of(version), wanted_by(row)) if asks else "",
        max(later, default=None),
        sorted({ref for pk, _, ref in others if pk == version.pk}),
        sorted(
            {ref for pk, digest, ref in others if pk != version.pk and digest == version.sha256}
        ),
    )


def draft_answer(row: EvidenceRequest) -> AnswerDraft | None:
    """The client's answer as far as it is written; nothing exists for the firm (AC-03)."""
    return AnswerDraft.objects.filter(evidence_request=row).first()


def submissions_of(row: EvidenceRequest) -> list[Submission]:
    """Each handing-over, first to last (1 query)."""
    rows = Submission.objects.filter(evidence_request=row).select_related("submitted_by")
    return list(rows.order_by("number"))


def story_of(row: EvidenceRequest, *, firm: bool) -> Story:
    """What was said and done about a request (3 queries, 4 for the firm).

    Whoever sees a request sees its history: each side the shared entries and its own (RQ-02).
    """
    messages = list(
        Message.objects.filter(evidence_request=row).select_related("author", "organization")
    )
    notes: list[FirmNote] = []
    if firm:
        notes = list(FirmNote.objects.filter(evidence_request=row).select_related("author"))
    own = TrailZone.FIRM if firm else TrailZone.CLIENT
    acts = list(
        TrailEntry.objects.filter(Q(zone=TrailZone.SHARED) | Q(zone=own))
        .filter(engagement_id=row.engagement_id, subject_id=row.pk)
        .exclude(verb__in=SILENT)
        .order_by("at", "id")
    )
    ids = {act.person_id for act in acts if act.person_id}
    return Story(messages, notes, acts, User.objects.in_bulk(ids) if ids else {})


def linkable(
    user: User, row: EvidenceRequest, words: str = "", size: int = 50
) -> list[tuple[FileVersion, list[str]]]:
    """Files the client has here that are not on this request yet, newest first (2 queries).

    Each with the references of the requests it answers already.
    """
    own = EvidenceLink.objects.filter(evidence_request=row).values("file_version_id")
    rows = FileVersion.objects.visible_to(user).filter(client=row.engagement.client, erased_at=None)
    for word in words.split():
        rows = rows.filter(name__icontains=word)
    found = list(
        rows.exclude(pk__in=own).select_related("uploaded_by").order_by("-uploaded_at")[:size]
    )
    refs: dict[UUID, list[str]] = defaultdict(list)
    links = EvidenceLink.objects.visible_to(user).filter(file_version__in=found)
    for key, ref in links.order_by().values_list("file_version_id", "evidence_request__ref"):
        refs[key].append(ref)
    return [(version, sorted(refs[version.pk])) for version in found]
