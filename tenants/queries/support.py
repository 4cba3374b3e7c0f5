"""Operators' wishes to look, for administrators, the operator and the middleware."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from tenants.errors import NotVisible
from tenants.models import Engagement, Operator, Organization, SupportAccess, User
from tenants.permissions import P
from tenants.rules import support as rules


@dataclass(frozen=True, slots=True)
class Shown:
    """One wish as a page shows it; `title` is the engagement's, as far as the reader knows it."""

    access: SupportAccess
    state: str
    title: str

    @property
    def is_open(self) -> bool:
        """Whether an administrator can still agree or refuse."""
        return self.state == rules.ASKED

    @property
    def is_live(self) -> bool:
        """Whether the operator looks now."""
        return self.state == rules.LIVE


def is_operator(user: User) -> bool:
    """Whether the person acting is an operator of the platform (1 query)."""
    return Operator.objects.filter(person=user).exists()


def live(user: User) -> SupportAccess | None:
    """What the operator may look at now, the last agreed to first (1 query)."""
    rows = SupportAccess.objects.filter(operator=user, ended_at=None, until__gt=timezone.now())
    found: SupportAccess | None = rows.order_by("-agreed_at").first()
    return found


def own(user: User) -> list[Shown]:
    """The operator's wishes, newest first (1 query)."""
    rows = SupportAccess.objects.filter(operator=user).order_by("-asked_at")[:50]
    return [Shown(row, rules.state_of(row, timezone.now()), "") for row in rows]


def asked_of(organization_id: UUID) -> Organization | None:
    """The organization, where support asked something of it that nobody ended (1 query)."""
    asked = SupportAccess.objects.filter(organization_id=organization_id, ended_at=None)
    return Organization.objects.filter(pk__in=asked.values("organization_id")).first()


def wishes(user: User, organization: Organization) -> QuerySet[SupportAccess]:
    """Wishes to look from the organization's side; none for other than its administrators."""
    if not user.has_perm(P.MANAGE_ORGANIZATION, organization):
        return SupportAccess.objects.none()
    rows = SupportAccess.objects.filter(organization=organization)
    return rows.select_related("organization", "operator", "agreed_by", "ended_by")


def shown(user: User, organization: Organization) -> list[Shown]:
    """The same for a page, with the engagements' titles (2 queries)."""
    rows = list(wishes(user, organization)[:50])
    titles = Engagement.objects.in_bulk({row.engagement_id for row in rows})
    now = timezone.now()
    return [
        Shown(row, rules.state_of(row, now), str(titles.get(row.engagement_id, "An engagement")))
        for row in rows
    ]


def wish(user: User, organization: Organization, key: UUID) -> SupportAccess:
    """One wish. Raises NotVisible for foreign and absent alike."""
    found = wishes(user, organization).filter(pk=key).first()
    if found is None:
        raise NotVisible("There is no such wish.")
    return found
