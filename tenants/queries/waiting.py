"""What waits for a person: groups of things to do, gathered from every app that knows some."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from django.urls import reverse
from django.utils import timezone

from tenants import acting
from tenants.choices import EngagementStatus, InvitationStatus, MembershipStatus
from tenants.models import Engagement, Invitation, Membership, User
from tenants.permissions import P, carries
from tenants.queries import independence, support
from tenants.visibility import engagements_granting

SHOWN = 8
"""How many items of a group the home page shows; the rest are behind its link."""


@dataclass(frozen=True, slots=True)
class WaitingItem:
    """One thing to do: what, where, by when, and on which engagement (its title)."""

    text: str
    url: str
    due: date | None = None
    status: str = ""
    status_label: str = ""
    engagement: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class WaitingGroup:
    """Things of one kind that wait. `items` are the first of `total`, earliest due first.

    `label` is the short name over the figure ("To review"), `late` how many are past due,
    `url` the list of all, `tone` the figure's color ("late", "soon", "good" or none).
    """

    title: str
    label: str
    items: list[WaitingItem] = field(default_factory=list)
    total: int = 0
    late: int = 0
    url: str = ""
    icon: str = "checklist"
    tone: str = ""


Source = Callable[[User], list[WaitingGroup]]
SOURCES: list[Source] = []
"""Given the person acting, groups that wait for them; higher apps add theirs."""


def waiting_for(user: User) -> list[WaitingGroup]:
    """What waits for `user` in the present organization, in the order of the sources."""
    return [group for source in SOURCES for group in source(user)]


def by_due(items: list[WaitingItem]) -> list[WaitingItem]:
    """Earliest due first, those without a date last."""
    return sorted(items, key=lambda item: (item.due is None, item.due or date.max))


def _pending_invitations(user: User) -> list[WaitingGroup]:
    """For administrators: whom they invited and who has not come yet (2 queries)."""
    organization_id = acting.current().organization_id
    if organization_id is None:
        return []
    role = (
        Membership.objects.filter(
            organization_id=organization_id, person=user, status=MembershipStatus.ACTIVE
        )
        .values_list("role", flat=True)
        .first()
    )
    if role is None or not carries(role, P.MANAGE_PEOPLE):
        return []
    rows = Invitation.objects.filter(
        organization_id=organization_id, status=InvitationStatus.SENT
    ).order_by("expires_at")
    pending = list(rows)
    if not pending:
        return []
    now = timezone.now()
    items = [
        WaitingItem(
            invitation.name or invitation.email,
            reverse("tenants:people"),
            status="invited",
            status_label="Link expired" if invitation.expires_at <= now else "Invited",
            note=invitation.get_role_display(),
        )
        for invitation in pending[:SHOWN]
    ]
    return [
        WaitingGroup(
            "Invitations not yet accepted", "Invitations open", items, len(pending),
            url=reverse("tenants:people"), icon="mail",
        )
    ]  # fmt: skip


def _drafts(user: User) -> list[WaitingGroup]:
    """For those who manage an engagement: what is still a draft (1 query)."""
    managed = engagements_granting(user, P.MANAGE_ENGAGEMENT)
    if not managed:
        return []
    drafts = list(
        Engagement.objects.visible_to(user)
        .filter(pk__in=managed, status=EngagementStatus.DRAFT)
        .select_related("client")
        .order_by("created_at")
    )
    if not drafts:
        return []
    items = [
        WaitingItem(
            draft.title,
            reverse("tenants:engagement", args=[draft.pk]),
            status="draft",
            status_label="Draft",
            engagement=draft.client.name,
            note="Check the terms and the team, then begin acceptance",
        )
        for draft in drafts[:SHOWN]
    ]
    url = reverse("tenants:engagements") + "?status=draft"
    return [
        WaitingGroup(
            "Engagements to begin", "To begin", items, len(drafts), url=url,
            icon="clipboard-text",
        )
    ]  # fmt: skip


def _independence(user: User) -> list[WaitingGroup]:
    """For the firm's people: engagements that wait for their word (2 queries at most)."""
    found = independence.due(user)
    if not found:
        return []
    items = [
        WaitingItem(
            f"Confirm that you are independent of {each.engagement.client.name}",
            reverse("tenants:independence_state", args=[each.engagement.pk]),
            engagement=each.engagement.title,
            note=each.standing.why,
        )
        for each in found[:SHOWN]
    ]
    return [
        WaitingGroup(
            "Your independence", "To confirm", items, len(found),
            url=reverse("tenants:independence"), icon="shield-check", tone="soon",
        )
    ]  # fmt: skip


def _support(user: User) -> list[WaitingGroup]:
    """For administrators: support that asks to look, or looks now (1 query when none does)."""
    asked = support.asked_of(acting.organization_id())
    found = support.shown(user, asked) if asked else []
    found = [each for each in found if each.is_open or each.is_live]
    if not found:
        return []
    items = [
        WaitingItem(
            f"{each.access.operator} {'looks' if each.is_live else 'asks to look'} at {each.title}",
            reverse("tenants:support"),
            note=each.access.reason,
        )
        for each in found[:SHOWN]
    ]
    return [
        WaitingGroup(
            "Support access", "Support asks", items, len(found), url=reverse("tenants:support"),
            icon="lifebuoy", tone="late",
        )
    ]  # fmt: skip


SOURCES += [_support, _independence, _drafts, _pending_invitations]
