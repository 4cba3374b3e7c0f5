"""Reading one's notices. A notice is its reader's own, so the trail does not tell of it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.utils import timezone

from tenants.models import User
from tenants.queries import inbox


def mark_read(user: User, keys: Iterable[UUID]) -> int:
    """Note that `user` has read these of their notices, others' left aside; returns how many."""
    return inbox.unread(user).filter(pk__in=list(keys)).update(read_at=timezone.now())


def mark_all_read(user: User) -> int:
    """Note that `user` has read everything in the organization they act in. Returns how many."""
    return inbox.unread(user).update(read_at=timezone.now())
