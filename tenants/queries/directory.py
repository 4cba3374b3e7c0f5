"""Who and what a caller knows of beside engagements: organizations, members, keys."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from tenants.choices import MembershipStatus
from tenants.models import (
    ApiToken,
    Invitation,
    Membership,
    Organization,
    Relationship,
    User,
)
from tenants.permissions import P


def organizations(user: User, organization: Organization) -> QuerySet[Organization]:
    """The caller's own organization and those it knows: its clients or firms."""
    if not user.has_perm(P.VIEW_ORGANIZATION, organization):
        return Organization.objects.none()
    known = (
        Q(pk=organization.pk)
        | Q(pk__in=Relationship.objects.filter(firm=organization).values("client_id"))
        | Q(pk__in=Relationship.objects.filter(client=organization).values("firm_id"))
    )
    return Organization.objects.filter(known)


def clients(user: User, organization: Organization) -> QuerySet[Organization]:
    """The clients of the caller's firm."""
    theirs = Relationship.objects.filter(firm=organization).values("client_id")
    return organizations(user, organization).filter(pk__in=theirs)


def members(user: User, organization: Organization) -> QuerySet[Membership]:
    """People of the caller's organization; those who left too for whoever manages people."""
    rows = Membership.objects.filter(organization=organization)
    rows = rows.select_related("organization", "person")
    if user.has_perm(P.MANAGE_PEOPLE, organization):
        return rows
    if user.has_perm(P.VIEW_ORGANIZATION, organization):
        return rows.filter(status=MembershipStatus.ACTIVE)
    return rows.none()


def colleagues(user: User, organization: Organization) -> QuerySet[User]:
    """The active people of the caller's organization."""
    active = members(user, organization).filter(status=MembershipStatus.ACTIVE)
    return User.objects.filter(pk__in=active.values("person_id"))


def own_memberships(user: User) -> QuerySet[Membership]:
    """Where the caller belongs now, by the organization's name."""
    rows = Membership.objects.filter(person=user, status=MembershipStatus.ACTIVE)
    return rows.select_related("organization").order_by("organization__name")


def invitations(user: User, organization: Organization) -> QuerySet[Invitation]:
    """Invitations to the caller's organization; none for whoever does not manage people."""
    if not user.has_perm(P.MANAGE_PEOPLE, organization):
        return Invitation.objects.none()
    rows: QuerySet[Any] = Invitation.objects.filter(organization=organization)
    return rows.select_related("organization", "invited_by")


def own_tokens(user: User, organization: Organization) -> QuerySet[ApiToken]:
    """The caller's own tokens in the present organization."""
    return ApiToken.objects.filter(person=user, organization=organization)
