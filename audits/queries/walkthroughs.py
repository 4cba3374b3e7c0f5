"""The walkthroughs of an engagement, as papers and lists read them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from audits.models import EngagementControl
from audits.models.walkthroughs import Walkthrough
from tenants.canonical import plain
from tenants.models import Engagement, User


def of_controls(engagement: Engagement) -> dict[UUID, list[dict[str, Any]]]:
    """Control → its walkthroughs as values, oldest first (1 query)."""
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    rows = Walkthrough.objects.filter(engagement=engagement).select_related("done_by")
    for row in rows.order_by("walked_on", "done_at"):
        found[row.control_id].append(plain(
            {
                "item": row.item, "walked_on": row.walked_on, "walked_with": row.walked_with,
                "seen": row.seen, "differs": row.differs,
                "narrative_number": row.narrative_number, "done_by": row.done_by.name,
            }
        ))  # fmt: skip
    return dict(found)


def listed(engagement: Engagement, user: User) -> QuerySet[Any]:
    """The engagement's controls by id, with how often each was walked: `walk_count` (1 query)."""
    rows: QuerySet[Any] = EngagementControl.objects.visible_to(user).filter(engagement=engagement)
    counted: QuerySet[Any] = rows.annotate(walk_count=Count("walkthroughs"))
    return counted


def of_control(control: EngagementControl, user: User) -> QuerySet[Any]:
    """What the firm saw of one control, oldest first; nothing for the client."""
    rows = Walkthrough.objects.select_related("done_by").filter(control=control)
    seen: QuerySet[Any] = rows.visible_to(user)
    return seen.order_by("walked_on", "done_at")
