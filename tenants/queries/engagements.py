"""Engagements as lists and overviews show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, Q

from tenants import acting
from tenants.choices import EngagementKind
from tenants.choices import EngagementStatus as S
from tenants.models import Assignment, Engagement, Organization, User
from tenants.rules.engagements import Terms
from tenants.visibility import RecordQuerySet

OPEN = tuple(status for status in S if status not in (S.LOCKED, S.WITHDRAWN, S.DISPOSED, S.CLOSED))
"""The phases of an engagement that somebody still works on."""
PHASES = (
    S.DRAFT, S.ACCEPTANCE, S.PLANNING, S.WALKTHROUGH, S.FIELDWORK, S.REVIEW, S.REPORTING,
    S.RELEASED, S.WRAP_UP, S.LOCKED,
)  # fmt: skip
"""The way of an examination from first to last."""
READINESS_PHASES = (S.DRAFT, S.ACTIVE, S.DELIVERED, S.CLOSED)
"""The way of a readiness assessment."""


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase on the way: `state` is "done", "current" or "todo"."""

    label: str
    state: str


def visible(user: User) -> RecordQuerySet:
    """The engagements `user` may see, with both organizations, newest first."""
    return Engagement.objects.visible_to(user).select_related("firm", "client")


def one(user: User, key: UUID) -> Engagement:
    """One visible engagement. Raises NotVisible for foreign and absent alike."""
    found: Engagement = visible(user).find(user, key)
    return found


def listed(
    user: User, *, words: str = "", status: str = "", report_type: str = "", client: str = ""
) -> RecordQuerySet:
    """Visible engagements that fit, each with its `team`: one's own side's assignments.

    `status` "open" is every phase that somebody still works in. Two queries when evaluated.
    """
    rows = visible(user)
    if words:
        rows = rows.filter(
            Q(title__icontains=words)
            | Q(client__name__icontains=words)
            | Q(firm__name__icontains=words)
        )
    if status:
        rows = rows.filter(status__in=OPEN if status == "open" else [status])
    if report_type:
        rows = rows.filter(report_type=report_type)
    if client:
        rows = rows.filter(client_id=client)
    return rows.prefetch_related(Prefetch("assignments", own_team(user), to_attr="team"))


def team(user: User) -> RecordQuerySet:
    """Assignments visible to `user`, with their people and organizations."""
    return Assignment.objects.visible_to(user).select_related("person", "organization")


def place(user: User, engagement: Engagement, key: UUID) -> Assignment:
    """An assignment of the side `user` acts for. Raises NotVisible for all others."""
    found: Assignment = own_team(user).filter(engagement=engagement).find(user, key)
    found.engagement = engagement
    return found


def own_team(user: User) -> RecordQuerySet:
    """Those of the side that `user` acts for."""
    return team(user).filter(organization_id=acting.current().organization_id)


def clients_of(user: User) -> list[Organization]:
    """The clients of the engagements `user` may see, by name (1 query)."""
    ids = Engagement.objects.visible_to(user).values("client_id")
    return list(Organization.objects.filter(pk__in=ids).order_by("name"))


def phases(engagement: Engagement) -> list[Phase]:
    """The way of the engagement and where it stands; on hold it stands where it was held."""
    at = engagement.held_from or engagement.status
    way = PHASES if engagement.kind == EngagementKind.EXAMINATION else READINESS_PHASES
    if at not in way:
        return [Phase(str(phase.label), "todo") for phase in way]
    here = way.index(S(at))
    return [
        Phase(str(phase.label), "done" if n < here else "current" if n == here else "todo")
        for n, phase in enumerate(way)
    ]


def terms_of(engagement: Engagement) -> Terms:
    """The engagement's terms as a value, as `rules.engagements` reads them."""
    values: dict[str, Any] = {
        name: getattr(engagement, name) for name in Terms.__dataclass_fields__
    }
    return Terms(**values)
