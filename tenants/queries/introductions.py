"""A firm's letters to clients it asks to work with it."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from tenants.choices import InvitationStatus
from tenants.errors import NotVisible
from tenants.models import Introduction, Organization, User
from tenants.permissions import P


def letters(user: User, firm: Organization) -> QuerySet[Introduction]:
    """The firm's letters, newest first; none for whoever takes on no clients."""
    if not user.has_perm(P.OPEN_ENGAGEMENT, firm):
        return Introduction.objects.none()
    rows = Introduction.objects.filter(organization=firm)
    return rows.select_related("organization", "invited_by", "client").order_by("-created_at")


def unanswered(user: User, firm: Organization) -> QuerySet[Introduction]:
    """Those nobody agreed to, as far as the firm can know."""
    return letters(user, firm).filter(status=InvitationStatus.SENT)


def letter(user: User, firm: Organization, key: UUID) -> Introduction:
    """One letter nobody agreed to. Raises NotVisible for foreign and absent alike."""
    found = unanswered(user, firm).filter(pk=key).first()
    if found is None:
        raise NotVisible("There is no such letter.")
    return found
