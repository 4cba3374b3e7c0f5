"""People a list names who are not here yet: named to the client, and let in by it (IM-05)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from evidence.queries.absent_people import SUGGESTED
from tenants import outbox, trail
from tenants.actions import assignments, invitations
from tenants.choices import MembershipStatus
from tenants.errors import GrcError, Invalid
from tenants.models import Engagement, Membership, User
from tenants.permissions import P, require


def suggest(engagement: Engagement, addresses: Sequence[str], *, by: User) -> list[str]:
    """Name addresses to the client's administrators, who may invite them; nobody is invited.

    Raises PermissionDenied, Invalid for no address or a bad one.
    """
    require(by, P.SEND_REQUEST, engagement)
    named = sorted({address.strip().lower() for address in addresses if address.strip()})
    if not named:
        raise Invalid("Choose at least one person.", code="nobody_chosen", field="email")
    for address in named:
        _check(address)
    with transaction.atomic():
        trail.record(
            SUGGESTED, engagement, by=by, engagement_id=engagement.pk, detail={"addresses": named}
        )
        outbox.enqueue_followers(engagement, SUGGESTED, engagement.pk)
    return named


def let_in(engagement: Engagement, roles: Mapping[str, str], *, by: User) -> tuple[int, int]:
    """Let people of the client into the engagement, all or nobody: address → role.

    A member of the organization is assigned at once, everybody else is invited. Returns how many
    were assigned and how many invited. Raises PermissionDenied, Invalid, Refused naming the
    address.
    """
    require(by, P.ASSIGN_CLIENT_PEOPLE, engagement)
    if not roles:
        raise Invalid("Choose at least one person.", code="nobody_chosen", field="email")
    organization = assignments.own_side(engagement)
    members = {
        row.person.email: row.person
        for row in Membership.objects.filter(
            organization=organization, status=MembershipStatus.ACTIVE, person__email__in=list(roles)
        ).select_related("person")
    }
    with transaction.atomic():
        for address, role in roles.items():
            try:
                if address in members:
                    assignments.assign(engagement, person=members[address], role=role, by=by)
                    continue
                _check(address)
                invitations.invite(
                    organization, email=address, role=role, by=by, engagement=engagement
                )
            except GrcError as refusal:
                if address not in refusal.message:
                    refusal.message = f"{address}: {refusal.message}"
                raise
    return len(members), len(roles) - len(members)


def _check(address: str) -> None:
    try:
        validate_email(address)
    except ValidationError as bad:
        raise Invalid(
            f"“{address}” is no e-mail address.", code="email_bad", field="email"
        ) from bad
