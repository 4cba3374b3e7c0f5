"""What a firm's administrator knows of its engagements: that they are, and who leads them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models.functions import Now

from tenants.models import Engagement, EngagementAccess, Organization, User
from tenants.permissions import P
from tenants.queries import ethics


@dataclass(frozen=True, slots=True)
class Overseen:
    """One engagement of the firm, without anything in it; nobody leads it without `leaders`."""

    engagement: Engagement
    leaders: list[str]


def engagements(user: User, firm: Organization) -> list[Overseen]:
    """The firm's engagements for its administrator, those nobody leads first (2 queries).

    What stands behind an ethics wall from the administrator's own work is left out (AC-05).
    """
    rows = list(ethics.engagements(user, firm))
    led = leaders(row.pk for row in rows)
    found = [Overseen(row, led.get(row.pk, [])) for row in rows]
    return sorted(found, key=lambda each: bool(each.leaders))


def leaders(engagement_ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    """Engagement → names of those who can put the firm's people on it now (1 query)."""
    rows = EngagementAccess.objects.filter(
        content_object_id__in=list(engagement_ids),
        permission__codename=P.ASSIGN_FIRM_PEOPLE, since__lte=Now(), until__gt=Now(),
    )  # fmt: skip
    found: dict[UUID, list[str]] = {}
    for engagement_id, name in rows.order_by("user__name").values_list(
        "content_object_id", "user__name"
    ):
        found.setdefault(engagement_id, []).append(name)
    return found


def is_overseen(engagement: Engagement) -> bool:
    """Whether PostgreSQL shows the engagement to the one who acts, as a name at least."""
    return Engagement.objects.filter(pk=engagement.pk).exists()
