"""How many requests name each control and scope item, for the coverage picture."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count

from audits.queries.scope import RequestCounts
from evidence.choices import RequestStatus
from evidence.models import RequestControl, RequestScopeItem
from tenants import acting
from tenants.models import Engagement, User


def of_engagement(engagement: Engagement) -> RequestCounts:
    """The counts of the requests the person acting sees, without withdrawn ones: 2 queries."""
    return RequestCounts(
        by_control=_counted(RequestControl, "control_id", engagement),
        by_scope_item=_counted(RequestScopeItem, "scope_item_id", engagement),
    )


def _counted(through: Any, column: str, engagement: Engagement) -> dict[UUID, int]:
    links = through.objects.filter(engagement=engagement)
    if person := acting.current().person_id:
        links = links.visible_to(User(pk=person))
    links = links.exclude(evidence_request__status=RequestStatus.WITHDRAWN)
    return dict(links.order_by().values_list(column).annotate(number=Count("pk")))
