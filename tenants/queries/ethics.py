"""The walls inside a firm, and what may stand behind them."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from tenants.errors import NotVisible
from tenants.models import Engagement, EthicsWall, Organization, User
from tenants.permissions import P


def walls(user: User, firm: Organization) -> QuerySet[EthicsWall]:
    """The firm's walls with their sides, standing ones first; none for other than its keepers."""
    if not user.has_perm(P.MANAGE_WALLS, firm):
        return EthicsWall.objects.none()
    rows = EthicsWall.objects.filter(organization=firm)
    rows = rows.select_related("organization", "raised_by", "lifted_by")
    return rows.prefetch_related("sides__client", "sides__engagement__client")


def wall(user: User, firm: Organization, key: UUID) -> EthicsWall:
    """One wall of the firm. Raises NotVisible for foreign and absent alike."""
    found = walls(user, firm).filter(pk=key).first()
    if found is None:
        raise NotVisible("There is no such wall.")
    return found


def engagements(user: User, firm: Organization) -> QuerySet[Engagement]:
    """The firm's engagements by name, as far as an administrator may know of them (AC-05).

    Those behind a wall from what the administrator works on are left out by PostgreSQL.
    """
    if not user.has_perm(P.MANAGE_WALLS, firm):
        return Engagement.objects.none()
    rows: QuerySet[Engagement] = Engagement.objects.filter(firm=firm)
    return rows.select_related("client").order_by("client__name", "title")
