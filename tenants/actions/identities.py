"""What follows a provider's answer: who it is, once, and only in its own organization (AUT-11)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.utils import timezone

from tenants import acting, trail
from tenants.actions import invitations
from tenants.choices import MembershipStatus
from tenants.errors import NotVisible, Refused
from tenants.federation.claims import Claims, SignInRefused
from tenants.models import (
    Identity,
    IdentityProvider,
    Membership,
    Organization,
    SpentAssertion,
    User,
)
from tenants.permissions import P, require
from tenants.secrets import hash_of

UNKNOWN = (
    "Nobody here is linked to this sign-in. Open the link in your invitation, or sign in with your "
    "own password and link it in “Your account”."
)
"""One answer whoever it is, so that nothing is told of who has an account (AUT-3)."""


def provider_called(sign_in_name: str) -> IdentityProvider:
    """The provider with this sign-in name, on or not. Raises NotVisible."""
    with transaction.atomic(), acting.acting(acting.Actor(presented=sign_in_name)):
        row = IdentityProvider.objects.filter(sign_in_name=sign_in_name).first()
    if row is None or not sign_in_name:
        raise NotVisible("There is no sign-in under this name.")
    with transaction.atomic(), acting.inside(row.organization_id):
        row.organization = Organization.objects.get(pk=row.organization_id)
    return row


def provider_of(organization: Organization) -> IdentityProvider | None:
    """The organization's provider, on or not; None without one. For a caller who knows it."""
    with transaction.atomic(), acting.inside(organization.pk):
        row = IdentityProvider.objects.filter(organization=organization).first()
    if row is not None:
        row.organization = organization
    return row


@contextmanager
def member_acts(provider: IdentityProvider, person: User) -> Iterator[None]:
    """Let a member act in the provider's organization, though it may demand its own sign-in first.

    For what its provider's answer has just proved. Raises SignInRefused for somebody else.
    """
    with acting.acting(acting.Actor(person_id=person.pk, organization_id=provider.organization_id)):
        with transaction.atomic():
            if not _is_member(provider, person):
                raise SignInRefused(UNKNOWN, code="identity_unknown")
        yield


def spend(provider: IdentityProvider, claims: Claims) -> None:
    """Use an assertion or code up, for good: of two parallel uses one wins (AUT-10).

    Commits by itself, so that a use whose request fails later stays used. Raises SignInRefused.
    """
    now = timezone.now()
    with transaction.atomic(), acting.inside(provider.organization_id):
        SpentAssertion.objects.filter(until__lt=now).delete()
        try:
            with transaction.atomic():
                SpentAssertion.objects.create(
                    organization_id=provider.organization_id,
                    digest=hash_of(f"{claims.issuer} {claims.once}"),
                    until=claims.until,
                )
        except IntegrityError as again:
            raise SignInRefused(
                "This sign-in was used already. Start again.", code="assertion_spent"
            ) from again


def member_of(provider: IdentityProvider, claims: Claims) -> User:
    """The member whom issuer and subject name; no address is looked at. Raises SignInRefused."""
    with transaction.atomic(), acting.inside(provider.organization_id):
        identity = (
            Identity.objects.select_related("person")
            .filter(provider=provider, issuer=claims.issuer, subject=claims.subject)
            .first()
        )
        if identity is None or not identity.person.is_active:
            raise SignInRefused(UNKNOWN, code="identity_unknown")
        if not _is_member(provider, identity.person):
            raise SignInRefused(
                f"You no longer belong to {provider.organization}.", code="membership_ended"
            )
        Identity.objects.filter(pk=identity.pk).update(last_used_at=timezone.now())
    return identity.person


def link(provider: IdentityProvider, claims: Claims, *, by: User) -> Identity:
    """Bind the subject to the signed-in member who asked for it; once made, a link stays.

    Raises PermissionDenied, Refused when either is linked already.
    """
    require(by, P.VIEW_ORGANIZATION, provider.organization)
    with transaction.atomic():
        return _linked(provider, claims, by)


def join(provider: IdentityProvider, claims: Claims, secret: str) -> User:
    """Accept an invitation by signing in through its organization: the first link (AUT-9).

    The letter proves the address; an address that the provider adds must be the same. An account
    that exists already is linked by its owner alone, signed in. Raises NotVisible, Refused.
    """
    invitation = invitations.shown(secret)
    if invitation.organization_id != provider.organization_id:
        raise NotVisible("There is no such invitation.")
    if claims.email and claims.email != invitation.email.lower():
        raise Refused(
            f"This invitation is for {invitation.email}, and your organization signed you in as "
            f"{claims.email}.",
            code="other_address",
        )
    with transaction.atomic():
        person = invitations.accept_signed_on(secret, name=claims.name or invitation.name)
        with acting.acting(
            acting.Actor(person_id=person.pk, organization_id=provider.organization_id)
        ):
            _linked(provider, claims, person)
    return person


def _linked(provider: IdentityProvider, claims: Claims, person: User) -> Identity:
    taken = Identity.objects.filter(
        organization_id=provider.organization_id, issuer=claims.issuer, subject=claims.subject
    ).exclude(person=person)
    if taken.exists():
        raise Refused(
            "Somebody else is linked to this sign-in. Sign out at your organization and try again "
            "as yourself.",
            code="subject_taken",
        )
    own = Identity.objects.filter(organization_id=provider.organization_id, person=person)
    if own.filter(issuer=claims.issuer).exclude(subject=claims.subject).exists():
        raise Refused(
            "You are linked as somebody else there. Unlink that first.", code="person_linked"
        )
    identity, made = own.update_or_create(
        organization_id=provider.organization_id, person=person,
        defaults={
            "provider": provider, "issuer": claims.issuer, "subject": claims.subject,
            "last_used_at": timezone.now(),
        },
    )  # fmt: skip
    if made:
        trail.record("linked", identity, by=person, organization_id=provider.organization_id)
    return identity


def _is_member(provider: IdentityProvider, person: User) -> bool:
    return Membership.objects.filter(
        organization_id=provider.organization_id, person=person, status=MembershipStatus.ACTIVE
    ).exists()
