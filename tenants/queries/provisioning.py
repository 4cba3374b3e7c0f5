"""The directory's people and groups, for whoever manages the organization's people."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from tenants.models import DirectoryGroup, DirectoryMember, DirectoryUser, Organization, User
from tenants.permissions import P


def users(user: User, organization: Organization) -> QuerySet[DirectoryUser]:
    """The directory's people with their groups, in the order they came."""
    if not user.has_perm(P.MANAGE_PEOPLE, organization):
        return DirectoryUser.objects.none()
    rows = DirectoryUser.objects.filter(organization=organization)
    return rows.select_related("organization").prefetch_related("groups")


def groups(user: User, organization: Organization) -> QuerySet[DirectoryGroup]:
    """The directory's groups with their members, by name."""
    if not user.has_perm(P.MANAGE_PEOPLE, organization):
        return DirectoryGroup.objects.none()
    members = Prefetch("memberships", DirectoryMember.objects.select_related("user"))
    rows = DirectoryGroup.objects.filter(organization=organization)
    return rows.select_related("organization").prefetch_related(members)
