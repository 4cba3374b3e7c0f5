"""Whether a person has a second factor, and whether their organization wants one (AUT-1).

An operator of the platform belongs to none and always needs one (ACC-18).
"""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import QuerySet

from tenants.models import Membership, User
from tenants.queries.support import is_operator
from tenants.rules.second_factor import requires

PROVES = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""Kinds that count; recovery codes stand in for one that is there."""


def factors_of(person: User) -> QuerySet[Authenticator]:
    """The person's authenticator app and passkeys, the oldest first."""
    found: QuerySet[Authenticator] = Authenticator.objects.filter(user=person, type__in=PROVES)
    return found.order_by("created_at", "pk")


def has_factor(person: User) -> bool:
    """Whether the person can prove who they are by more than a password."""
    return factors_of(person).exists()


def is_exempt(person: User) -> bool:
    """Whether it is one of the sample's people, on loopback, who prove nothing there."""
    return settings.LOCAL and person.email.endswith(".example")


def is_asked_of(membership: Membership) -> bool:
    """Whether the organization acted in asks this member for a second factor.

    `membership` comes with its organization and person. Who acts in several organizations meets
    the policy of the one they act in.
    """
    wanted = requires(membership.organization.second_factor, membership.role)
    return wanted and not is_exempt(membership.person)


def owes_factor(membership: Membership) -> bool:
    """Whether the member has to add a second factor before anything else opens."""
    return is_asked_of(membership) and not has_factor(membership.person)


def must_have_factor(person: User, membership: Membership | None) -> bool:
    """Whether a factor is asked of the person where they act: of a member by the organization's
    policy, of an operator always, of somebody who belongs nowhere by nobody."""
    return is_operator(person) if membership is None else is_asked_of(membership)
