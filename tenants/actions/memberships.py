"""Changing a member's role, and ending a membership at once (ACC-13, ACC-15)."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from tenants import acting, trail
from tenants.actions import sessions
from tenants.actions.access import recompute
from tenants.actions.assignments import remove
from tenants.choices import MembershipStatus, Role
from tenants.errors import Invalid, Refused, RightRefused, StaleVersion
from tenants.models import (
    ApiToken,
    Assignment,
    Engagement,
    IdentityProvider,
    Membership,
    Organization,
    User,
)
from tenants.permissions import ORGANIZATION_GRANTS, P, require
from tenants.rules import invitations as rules

AFTER_ANOTHER_ZONE: list[Callable[[Engagement], None]] = []
"""A higher app adds what hangs on a side's time zone, such as schedules; runs as the engagement."""


def change_role(
    membership: Membership, *, role: Role | str, by: User, version: int | None = None
) -> Membership:
    """Give a member another role in the organization; roles on engagements stay as assigned.

    Raises PermissionDenied, Invalid for one's own or a role above one's own, Refused for the
    last administrator.
    """
    organization = membership.organization
    require(by, P.MANAGE_PEOPLE, organization)
    if not rules.fits(organization.kind, role):
        raise Invalid(
            f"“{role}” is no role at {organization}.", code="role_of_other_side", field="role"
        )
    own = Membership.objects.get(organization=organization, person=by).role
    if not rules.may_grant(own, role):
        raise Invalid("You cannot grant a role above your own.", code="role_above", field="role")
    with transaction.atomic():
        row = _locked(membership, by, version)
        if role not in ORGANIZATION_GRANTS[P.MANAGE_PEOPLE]:
            _refuse_without_administrator(organization, row)
            _refuse_breaking_out(organization, row)
        before, row.role = row.role, role
        row.version += 1
        row.save()
        trail.record(
            "role_changed", row, by=by, organization_id=organization.pk, before=before, after=role
        )
        sessions.renew(row.person)
    return row


def end(membership: Membership, *, by: User, version: int | None = None) -> Membership:
    """Let a person go: no sign-in to this organization, no engagement, no token, from now on.

    Raises PermissionDenied, Invalid for one's own, Refused for the last administrator.
    """
    organization = membership.organization
    require(by, P.MANAGE_PEOPLE, organization)
    with transaction.atomic():
        row = _locked(membership, by, version)
        _refuse_without_administrator(organization, row)
        _refuse_breaking_out(organization, row)
        places = places_of(organization, row.person)  # while the person still sees them
        _revoke_tokens(organization, row.person)
        row.status = MembershipStatus.ENDED
        row.version += 1
        row.save()
        _take_off_engagements(places, row.person)
        trail.record("left", row, by=by, organization_id=organization.pk, before=row.role)
        sessions.renew(row.person)
    return row


def take_back(membership: Membership, *, role: Role | str, by: User) -> Membership:
    """Let somebody who had left back in, with `role` and without their former engagements.

    Raises PermissionDenied, Invalid for a role above one's own, Refused when they never left.
    """
    organization = membership.organization
    require(by, P.MANAGE_PEOPLE, organization)
    own = Membership.objects.get(organization=organization, person=by).role
    if not rules.fits(organization.kind, role) or not rules.may_grant(own, role):
        raise Invalid("You cannot grant this role.", code="role_above", field="role")
    with transaction.atomic():
        row = _locked(membership, by, None)
        if row.status == MembershipStatus.ACTIVE:
            raise Refused(f"{row.person} is a member already.", code="already_member")
        row.status, row.role = MembershipStatus.ACTIVE, role
        row.version += 1
        row.save()
        trail.record("taken_back", row, by=by, organization_id=organization.pk, after=role)
    return row


def follow_zone(organization: Organization) -> None:
    """Move the days of the organization's people on engagements to its new time zone."""
    people: dict[Engagement, list[User]] = {}
    members = Membership.objects.filter(organization=organization, status=MembershipStatus.ACTIVE)
    for member in members.select_related("person"):
        for held in places_of(organization, member.person):
            people.setdefault(held.engagement, []).append(member.person)
    for engagement, some in people.items():
        recompute(engagement, some)
        with acting.on_behalf_of_the_engagement(engagement.pk):
            for follow in AFTER_ANOTHER_ZONE:
                follow(engagement)


def places_of(organization: Organization, person: User) -> list[Assignment]:
    """A member's assignments for the organization, also on engagements its administrators are
    not on: read as the member, after the caller has checked the right to."""
    with acting.acting(acting.Actor(person_id=person.pk, organization_id=organization.pk)):
        rows = Assignment.objects.filter(person=person, organization=organization)
        return list(rows.select_related("engagement__client"))


def _take_off_engagements(places: list[Assignment], person: User) -> None:
    """Delete a person's assignments, and their access with them."""
    for assignment in places:
        remove(assignment)


def _revoke_tokens(organization: Organization, person: User) -> None:
    """End the person's tokens for good, so that coming back brings none of them back."""
    with acting.acting(acting.Actor(person_id=person.pk, organization_id=organization.pk)):
        ApiToken.objects.filter(organization=organization, person=person, revoked_at=None).update(
            revoked_at=timezone.now()
        )


def _locked(membership: Membership, by: User, version: int | None) -> Membership:
    if membership.person_id == by.pk:
        raise Invalid(
            "Ask another administrator to change your own membership.", code="own_membership"
        )
    row = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    if version is not None and version != row.version:
        raise StaleVersion("Somebody changed this since you opened it; look again first.")
    return row


def _refuse_without_administrator(organization: Organization, leaving: Membership) -> None:
    administrators = Membership.objects.filter(
        organization=organization,
        status=MembershipStatus.ACTIVE,
        role__in=ORGANIZATION_GRANTS[P.MANAGE_PEOPLE],
    ).exclude(pk=leaving.pk)
    if not administrators.exists():
        raise RightRefused(
            "The last administrator stays until there is another.", code="last_administrator"
        )


def _refuse_breaking_out(organization: Organization, leaving: Membership) -> None:
    """Keep the administrator who still gets in when the identity provider fails."""
    if IdentityProvider.objects.filter(
        organization=organization, breaks_out_id=leaving.person_id
    ).exists():
        raise Refused(
            f"{leaving.person} is the one who gets in if single sign-on fails. Another "
            "administrator requires it anew first, and takes that place.",
            code="breaks_out",
        )
