"""What the search box finds here, and what waits for a person."""

from __future__ import annotations

from django.db.models import Count, Q
from django.urls import reverse

from audits.models import Control, EngagementControl, ScopeItem
from tenants import acting
from tenants.choices import EngagementStatus as S
from tenants.choices import MembershipStatus
from tenants.models import Engagement, Membership, User
from tenants.permissions import P, carries
from tenants.queries.searching import SHOWN, Hit, Hits
from tenants.queries.waiting import WaitingGroup, WaitingItem
from tenants.visibility import engagements_granting

BEFORE_FIELDWORK = (S.DRAFT, S.ACCEPTANCE, S.PLANNING, S.WALKTHROUGH)


def controls(user: User, words: str) -> Hits:
    """Controls of the person's engagements by id, title or owner (1 query)."""
    rows = (
        EngagementControl.objects.visible_to(user)
        .filter(
            Q(ref__icontains=words) | Q(title__icontains=words) | Q(owner_role__icontains=words)
        )
        .select_related("engagement")[: SHOWN + 1]
    )
    found = [
        Hit(
            str(row),
            reverse("audits:control", args=[row.engagement_id, row.pk]),
            f"{row.engagement.title} · {row.owner_role}",
        )
        for row in rows
    ]
    return Hits("Controls", "shield-check", found[:SHOWN], len(found) > SHOWN)


def scope_items(user: User, words: str) -> Hits:
    """Criteria and objectives of the person's engagements by identifier or title (1 query)."""
    rows = (
        ScopeItem.objects.visible_to(user)
        .filter(Q(identifier__istartswith=words) | Q(title__icontains=words))
        .select_related("engagement")[: SHOWN + 1]
    )
    found = [
        Hit(
            str(row),
            reverse("audits:scope_item", args=[row.engagement_id, row.pk]),
            row.engagement.title,
        )
        for row in rows
    ]
    return Hits("Criteria and objectives", "target", found[:SHOWN], len(found) > SHOWN)


def holes(user: User) -> list[WaitingGroup]:
    """For those who map controls: engagements before fieldwork with uncovered items (1 query)."""
    mine = engagements_granting(user, P.MAP_CONTROLS)
    rows = (
        Engagement.objects.visible_to(user)
        .filter(pk__in=mine, status__in=BEFORE_FIELDWORK)
        .annotate(
            holes=Count(
                "scope_items",
                distinct=True,
                filter=Q(scope_items__relevant=True, scope_items__mappings=None),
            )
        )
        .filter(holes__gt=0)
        .select_related("client")
        .order_by("created_at")
    )
    items = [
        WaitingItem(
            f"{row.holes} {'item' if row.holes == 1 else 'items'} without a control",
            reverse("audits:coverage", args=[row.pk]),
            engagement=row.title,
            note=row.client.name,
        )
        for row in rows
    ]
    if not items:
        return []
    return [
        WaitingGroup(
            "Holes in the coverage", "Coverage to close", items[:SHOWN], len(items),
            icon="layout-grid",
        )
    ]  # fmt: skip


def empty_library(user: User) -> list[WaitingGroup]:
    """For the client's administrator: a library without a control (2 queries)."""
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
    if role is None or not carries(role, P.EDIT_LIBRARY):
        return []
    if Control.objects.visible_to(user).exists():
        return []
    item = WaitingItem(
        "Bring in your control list", reverse("audits:library_import"),
        note="Your auditors take the controls of their engagement from your library",
    )  # fmt: skip
    url = reverse("audits:library")
    return [
        WaitingGroup("Your control library", "Controls", [item], 1, url=url, icon="shield-check")
    ]
