"""A person's notices."""

from __future__ import annotations

from django.db.models import QuerySet

from tenants import acting
from tenants.models import Notice, User


def own(user: User) -> QuerySet[Notice]:
    """The notices of `user` in the organization they act in, newest first."""
    acting.require_is_acting(user)
    organization_id = acting.current().organization_id
    if organization_id is None:
        return Notice.objects.none()
    return Notice.objects.filter(person=user, organization_id=organization_id)


def unread(user: User) -> QuerySet[Notice]:
    """Those not read yet."""
    return own(user).filter(read_at=None)
