"""What of the requests waits for a person, how far engagements are, and what a search finds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, Value, When
from django.urls import reverse
from django.utils import timezone

from evidence.choices import WITH_CLIENT, RequestStatus
from evidence.models import EvidenceRequest, Handling
from evidence.models.evidence_requests import EvidenceRequestQuerySet
from evidence.queries.browsing import asked_of, for_review_by, to_decide
from evidence.queries.progress import of_engagements
from tenants.models import Engagement, User
from tenants.permissions import P
from tenants.queries.progress import Progress
from tenants.queries.searching import SHOWN as HITS
from tenants.queries.searching import Hit, Hits
from tenants.queries.waiting import SHOWN, WaitingGroup, WaitingItem
from tenants.visibility import engagements_granting

REVIEWED = (RequestStatus.SUBMITTED, RequestStatus.UNDER_REVIEW)


def asked_of_me(user: User) -> list[WaitingGroup]:
    """For the client's people: what they answer, returned first, then by due date (2 queries)."""
    own = engagements_granting(user, P.VIEW_CLIENT_FILE)
    if not own:
        return []
    rows = _seen(user, own).filter(asked_of(user), status__in=WITH_CLIENT)
    first = rows.annotate(
        turn=Case(
            When(status=RequestStatus.RETURNED, then=Value(0)),
            default=Value(1),
            output_field=IntegerField(),
        )
    ).order_by("turn", "due_on", "id")
    return _group(
        first, "Asked of you", "Asked of you", "mine", icon="list-check", counts_late=True
    )


def to_review(user: User) -> list[WaitingGroup]:
    """For the firm's people: submissions to review, their own first (2 queries)."""
    some = engagements_granting(user, P.REVIEW_EVIDENCE)
    if not some:
        return []
    handled = Handling.objects.filter(evidence_request=OuterRef("pk"))
    own = handled.filter(Q(reviewer=user) | Q(reviewer=None, assignee=user))
    rows = _seen(user, some).filter(for_review_by(user), status__in=REVIEWED)
    first = rows.annotate(own=Exists(own)).order_by("-own", "submitted_at", "id")
    return _group(first, "Submissions to review", "To review", "mine", icon="eye")


def decisions(user: User) -> list[WaitingGroup]:
    """For seniors: what the client proposes, not applicable or another due date (2 queries)."""
    some = engagements_granting(user, P.DECIDE_NOT_APPLICABLE)
    if not some:
        return []
    rows = _seen(user, some).filter(to_decide()).order_by("due_on", "id")
    return _group(rows, "Proposals to decide", "To decide", "mine", icon="gavel")


def drafts_to_send(user: User) -> list[WaitingGroup]:
    """For seniors: engagements whose requests were not sent yet, most drafts first (1 query)."""
    some = engagements_granting(user, P.SEND_REQUEST)
    if not some:
        return []
    counts = (
        _seen(user, some)
        .filter(status=RequestStatus.DRAFT)
        .order_by()
        .values("engagement_id", "engagement__title", "engagement__client__name")
        .annotate(number=Count("pk"))
        .order_by("-number")
    )
    found = list(counts)
    if not found:
        return []
    items = [
        WaitingItem(
            f"{each['number']} draft{'s' if each['number'] != 1 else ''} to check and send",
            _list(each["engagement_id"], "drafts"),
            status="draft",
            status_label="Draft",
            engagement=each["engagement__title"],
            note=each["engagement__client__name"],
        )
        for each in found[:SHOWN]
    ]
    total = sum(each["number"] for each in found)
    url = _list(found[0]["engagement_id"], "drafts") if len(found) == 1 else ""
    return [WaitingGroup("Requests not sent yet", "Drafts", items, total, url=url, icon="send")]


def progress(user: User, engagements: Sequence[Engagement]) -> dict[UUID, Progress]:
    """Engagement id → how many of its requests are settled, as far as `user` sees (1 query)."""
    found = {}
    for key, counts in of_engagements(user, engagements).items():
        parts = (
            (counts.drafts, "not sent"),
            (counts.with_client, "with the client"),
            (counts.with_firm, "with the auditor"),
        )
        hint = ", ".join(f"{number} {words}" for number, words in parts if number)
        url = reverse("evidence:requests", args=[key])
        found[key] = Progress(
            "Requests settled", counts.settled, counts.total, counts.overdue, hint, url
        )
    return found


def search(user: User, words: str) -> Hits:
    """Requests whose reference, title or description carries the words (1 query)."""
    rows = list(
        EvidenceRequest.objects.visible_to(user)
        .filter(
            Q(ref__icontains=words) | Q(title__icontains=words) | Q(description__icontains=words)
        )
        .select_related("engagement__client")
        .order_by("-id")[: HITS + 1]
    )
    hits = [
        Hit(
            f"{row.ref} {row.title}",
            row.get_absolute_url(),
            f"{row.engagement.client.name} · {row.engagement.title}",
            row.status,
            row.get_status_display(),
        )
        for row in rows[:HITS]
    ]
    return Hits("Requests", "list-check", hits, len(rows) > HITS)


def _seen(user: User, engagements: Sequence[UUID]) -> EvidenceRequestQuerySet:
    rows: EvidenceRequestQuerySet = EvidenceRequest.objects.visible_to(user)
    return rows.filter(engagement_id__in=engagements)


def _group(
    rows: EvidenceRequestQuerySet, title: str, label: str, view: str, *, icon: str,
    counts_late: bool = False,
) -> list[WaitingGroup]:  # fmt: skip
    """The first of the rows as a group, with the count of all and of those past due."""
    first = list(rows.select_related("engagement")[:SHOWN])
    if not first:
        return []
    late = Q(status__in=WITH_CLIENT, due_on__lt=timezone.localdate())
    places: Any = Count("engagement_id", distinct=True)
    sums = rows.order_by().aggregate(
        total=Count("pk"), late=Count("pk", filter=late), places=places
    )
    url = _list(first[0].engagement_id, view) if sums["places"] == 1 else ""
    return [
        WaitingGroup(
            title, label, [_item(row) for row in first], sums["total"],
            late=sums["late"] if counts_late else 0, url=url, icon=icon,
        )
    ]  # fmt: skip


def _item(row: EvidenceRequest) -> WaitingItem:
    note = ""
    if row.status == RequestStatus.RETURNED:
        note = f"Returned: {row.get_return_reason_display().lower()}"
    elif row.status in WITH_CLIENT and row.proposed_due_on:
        day = row.proposed_due_on
        note = f"Another due date is asked for: {day:%b} {day.day}, {day.year}"
    return WaitingItem(
        f"{row.ref} {row.title}",
        row.get_absolute_url(),
        due=row.due_on if row.status in WITH_CLIENT else None,
        status=row.status,
        status_label=row.get_status_display(),
        engagement=row.engagement.title,
        note=note,
    )


def _list(engagement_id: UUID, view: str) -> str:
    return reverse("evidence:requests", args=[engagement_id]) + f"?view={view}"
