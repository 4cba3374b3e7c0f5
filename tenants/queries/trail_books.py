"""The books of the trail, as far as a person may know of them: trees, checkpoints, lag."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from tenants.acting import Actor, acting
from tenants.models import (
    Digest,
    Engagement,
    Membership,
    Organization,
    TrailCheckpoint,
    TrailPulse,
    User,
)
from tenants.permissions import P, carries
from tenants.visibility import engagements_granting

STALE_SECONDS = 30
"""A sequencer not seen for so long, or an entry that waited so long, is a failure (OPS-5)."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """How the sequencer does. `lag_seconds`: 99th percentile of the last ten minutes, if any."""

    seen_at: datetime | None = None
    waiting: int = 0
    oldest_seconds: float = 0.0
    lag_seconds: float | None = None

    @property
    def is_well(self) -> bool:
        """Whether a sequencer is at work and keeps up."""
        if self.seen_at is None:
            return False
        silent = (timezone.now() - self.seen_at).total_seconds()
        return silent < STALE_SECONDS and self.oldest_seconds < STALE_SECONDS


def pulse() -> Pulse:
    """What the sequencer last wrote of itself; it is no tenant's, and anybody may hear it."""
    with acting(Actor(system=True)), transaction.atomic():
        row = TrailPulse.objects.first()
    if row is None:
        return Pulse()
    return Pulse(row.seen_at, row.waiting, row.oldest_seconds, row.lag_seconds)


def latest(book_id: UUID) -> TrailCheckpoint | None:
    """The newest checkpoint of a book the caller may read; the wall hides every other's."""
    return TrailCheckpoint.objects.filter(book_id=book_id).order_by("-size").first()


def checkpoints(person: User, organization: Organization) -> QuerySet[TrailCheckpoint]:
    """Of the engagements whose trail the person reads, and of the organization acted in for its
    administrators."""
    own = TrailCheckpoint.objects.visible_to(person)
    if not person.has_perm(P.MANAGE_ORGANIZATION, organization):
        return own
    return own | TrailCheckpoint.objects.filter(book_id=organization.pk)


def to_mail(person: User, organization: Organization) -> list[tuple[str, str]]:
    """(title, text) of the newest checkpoint of each book the person answers for.

    Only those that were signed since the person's last mail.
    """
    titles = _answered_for(person, organization)
    sent = Digest.objects.filter(person=person, organization=organization)
    last = sent.order_by("-created_at").values_list("created_at", flat=True).first()
    rows = TrailCheckpoint.objects.filter(book_id__in=titles)
    if last is not None:
        rows = rows.filter(at__gt=last)
    newest = rows.order_by("book_id", "-size").distinct("book_id")
    return [(titles[row.book_id], row.text) for row in newest]


def _answered_for(person: User, organization: Organization) -> dict[UUID, str]:
    """Book → its title, of the books whose checkpoints the person gets."""
    held = {
        *engagements_granting(person, P.MANAGE_ENGAGEMENT),
        *engagements_granting(person, P.ASSIGN_CLIENT_PEOPLE),
    }
    engagements = Engagement.objects.visible_to(person).filter(pk__in=held)
    engagements = engagements.select_related("client")
    titles = {row.pk: f"{row.client.name}, {row.title}" for row in engagements}
    member = Membership.objects.filter(person=person, organization=organization).first()
    if member is not None and carries(member.role, P.MANAGE_ORGANIZATION):
        titles[organization.pk] = organization.name
    return titles
