"""What was done to one request, as far as the reader's side may know."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from evidence.models import EvidenceRequest
from tenants.choices import TrailZone
from tenants.models import TrailEntry, User
from tenants.permissions import P
from tenants.visibility import reach


def of_request(user: User, row: EvidenceRequest) -> QuerySet[TrailEntry]:
    """The request's trail, oldest first: whoever sees a request sees its history (RQ-02).

    Each side reads the shared entries and its own (AUD-8).
    """
    firm = P.VIEW_FIRM_FILE in reach(user).get(row.engagement_id, frozenset())
    own = TrailZone.FIRM if firm else TrailZone.CLIENT
    return TrailEntry.objects.filter(
        Q(zone=TrailZone.SHARED) | Q(zone=own),
        engagement_id=row.engagement_id, subject_id=row.pk,
    ).order_by("at", "id")  # fmt: skip
