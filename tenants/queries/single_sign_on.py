"""An organization's identity provider, its directory's keys and groups, and one's own link."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, QuerySet
from django.db.models.functions import Now

from tenants.errors import NotVisible
from tenants.models import (
    DirectoryGroup,
    Identity,
    IdentityProvider,
    Organization,
    ProvisioningToken,
    User,
)
from tenants.permissions import P


def providers(user: User, organization: Organization) -> QuerySet[IdentityProvider]:
    """The organization's provider, for whoever manages the organization: one row or none."""
    if not user.has_perm(P.MANAGE_ORGANIZATION, organization):
        return IdentityProvider.objects.none()
    rows = IdentityProvider.objects.filter(organization=organization)
    return rows.select_related("organization", "breaks_out")


def the_provider(user: User, organization: Organization) -> IdentityProvider:
    """The organization's provider. Raises NotVisible without one, or without the right."""
    found = providers(user, organization).first()
    if found is None:
        raise NotVisible("No identity provider is connected.")
    return found


def provisioning_tokens(user: User, organization: Organization) -> QuerySet[ProvisioningToken]:
    """The keys of the organization's directory, for whoever manages the organization."""
    if not user.has_perm(P.MANAGE_ORGANIZATION, organization):
        return ProvisioningToken.objects.none()
    rows = ProvisioningToken.objects.filter(organization=organization)
    return rows.select_related("organization", "person")


def live_tokens(user: User, organization: Organization) -> QuerySet[ProvisioningToken]:
    """Those of them that open something now."""
    rows = provisioning_tokens(user, organization)
    return rows.filter(revoked_at=None, expires_at__gt=Now())


def provisioning_token(user: User, organization: Organization, key: UUID) -> ProvisioningToken:
    """One of them. Raises NotVisible."""
    found = provisioning_tokens(user, organization).filter(pk=key).first()
    if found is None:
        raise NotVisible("There is no such key.")
    return found


def groups(user: User, organization: Organization) -> QuerySet[DirectoryGroup]:
    """The directory's groups with `user_count`, for whoever manages the organization."""
    if not user.has_perm(P.MANAGE_ORGANIZATION, organization):
        return DirectoryGroup.objects.none()
    rows = DirectoryGroup.objects.filter(organization=organization)
    return rows.select_related("organization").annotate(user_count=Count("memberships"))


def group(user: User, organization: Organization, key: UUID) -> DirectoryGroup:
    """One of them. Raises NotVisible."""
    found = groups(user, organization).filter(pk=key).first()
    if found is None:
        raise NotVisible("There is no such group.")
    return found


def linkable(user: User, organization: Organization) -> IdentityProvider | None:
    """The organization's provider when it is on, for a member to link to; else None."""
    if not user.has_perm(P.VIEW_ORGANIZATION, organization):
        return None
    return IdentityProvider.objects.filter(organization=organization, is_on=True).first()


def own_identity(user: User, organization: Organization) -> Identity | None:
    """One's own link to the organization's provider."""
    rows = Identity.objects.filter(person=user, organization=organization)
    return rows.select_related("organization", "provider").first()


def is_linked(user: User, organization: Organization) -> bool:
    """Whether the organization's provider, which is on, knows the person."""
    rows = Identity.objects.filter(person=user, organization=organization, provider__is_on=True)
    return rows.exists()
