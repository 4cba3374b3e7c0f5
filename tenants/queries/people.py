"""The people of an organization and of an engagement."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from tenants.choices import InvitationStatus, MembershipStatus
from tenants.errors import NotVisible
from tenants.models import (
    Engagement,
    Invitation,
    Membership,
    Opening,
    Organization,
    TrailEntry,
    User,
)
from tenants.rules.digests import AGAIN, TROUBLES
from tenants.visibility import RecordQuerySet


def members(organization: Organization) -> QuerySet[Membership]:
    """Who belongs to the organization now, with their people, by name."""
    return Membership.objects.filter(
        organization=organization, status=MembershipStatus.ACTIVE
    ).select_related("person", "organization")


def member(organization: Organization, key: UUID) -> Membership:
    """One active membership. Raises NotVisible for foreign and absent alike."""
    found = members(organization).filter(pk=key).first()
    if found is None:
        raise NotVisible("There is no such person here.")
    return found


def mail_troubles(organization: Organization, person: User | None = None) -> dict[UUID, TrailEntry]:
    """Whose last known daily mail did not reach them: person → the entry that tells it (1 query).

    Of the last 30 days; with `person`, of them alone. For who manages people, and the sender.
    """
    told = TrailEntry.objects.filter(
        engagement_id=None, organization_id=organization.pk, verb__in=(*TROUBLES, AGAIN),
        at__gt=timezone.now() - timedelta(days=30),
    )  # fmt: skip
    if person is not None:
        told = told.filter(subject_id=person.pk)
    last = told.order_by("subject_id", "-at", "-id").distinct("subject_id")
    return {entry.subject_id: entry for entry in last if entry.verb != AGAIN}


def pending(organization: Organization) -> QuerySet[Invitation]:
    """Invitations nobody has used yet, expired ones among them, newest first."""
    return Invitation.objects.filter(
        organization=organization, status=InvitationStatus.SENT
    ).select_related("invited_by")


def invitation(organization: Organization, key: UUID) -> Invitation:
    """One unused invitation. Raises NotVisible for foreign and absent alike."""
    found = pending(organization).filter(pk=key).select_related("organization").first()
    if found is None:
        raise NotVisible("There is no such invitation.")
    return found


def not_yet_on(engagement: Engagement, organization: Organization) -> QuerySet[Membership]:
    """Members of one's own side who are not assigned to the engagement, by name."""
    assigned = engagement.assignments.values("person_id")
    return members(organization).exclude(person_id__in=assigned)


def openings(user: User, engagement: Engagement) -> RecordQuerySet:
    """The single permissions opened on the engagement, as far as `user` sees it."""
    return Opening.objects.visible_to(user).filter(engagement=engagement).order_by("permission")
