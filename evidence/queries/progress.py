"""How far an engagement's requests are: counts for dashboards and guards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q
from django.utils import timezone

from evidence.choices import OVER, WITH_CLIENT, WITH_FIRM, RequestStatus
from evidence.models import EvidenceRequest
from tenants.findings import BLOCK, Finding
from tenants.models import Engagement, User


@dataclass(frozen=True, slots=True)
class RequestProgress:
    """Counts of one engagement's requests, as one person sees them."""

    total: int = 0
    settled: int = 0
    with_client: int = 0
    with_firm: int = 0
    drafts: int = 0
    overdue: int = 0
    by_status: tuple[tuple[str, int], ...] = ()


def of_engagements(user: User, engagements: Iterable[Engagement]) -> dict[UUID, RequestProgress]:
    """Engagement id → progress, for the requests `user` sees: 1 query."""
    today = timezone.localdate()
    rows = (
        EvidenceRequest.objects.visible_to(user)
        .filter(engagement__in=[engagement.pk for engagement in engagements])
        .order_by()
        .values_list("engagement_id", "status")
        .annotate(number=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today)))
    )
    found: dict[UUID, dict[str, tuple[int, int]]] = {}
    for engagement_id, status, number, late in rows:
        found.setdefault(engagement_id, {})[status] = (number, late)
    return {pk: _summed(counts) for pk, counts in found.items()}


def _summed(counts: dict[str, tuple[int, int]]) -> RequestProgress:
    def number(statuses: Iterable[str]) -> int:
        return sum(counts.get(status, (0, 0))[0] for status in statuses)

    withdrawn = number([RequestStatus.WITHDRAWN])
    return RequestProgress(
        total=sum(each[0] for each in counts.values()) - withdrawn,
        settled=number(OVER) - withdrawn,
        with_client=number(WITH_CLIENT),
        with_firm=number(WITH_FIRM),
        drafts=number([RequestStatus.DRAFT]),
        overdue=sum(counts.get(status, (0, 0))[1] for status in WITH_CLIENT),
        by_status=tuple(
            (status, counts[status][0]) for status in RequestStatus.values if status in counts
        ),
    )


def open_requests_hold_fieldwork(engagement: Engagement) -> list[Finding]:
    """Fieldwork ends when every request is accepted, withdrawn or not applicable (1 query)."""
    count = EvidenceRequest.objects.filter(engagement=engagement).exclude(status__in=OVER).count()
    if not count:
        return []
    return [
        Finding(
            "Requests", BLOCK,
            f"{count} evidence request{'s are' if count > 1 else ' is'} still open.",
            "Accept, withdraw or agree each as not applicable.",
            ("evidence:requests", (engagement.pk,)), facts={"count": count},
        )
    ]  # fmt: skip
