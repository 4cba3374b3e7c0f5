"""Keys of an organization's directory: made once, shown once, revoked at once (API-1, AUT-12)."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from tenants import acting, trail
from tenants.choices import MembershipStatus
from tenants.errors import Invalid
from tenants.models import Membership, Organization, ProvisioningToken, User
from tenants.permissions import P, carries, require
from tenants.secrets import PROVISIONING_PREFIX, hash_of, looks_right, new_secret

USUAL_DAYS = 365
MOST_DAYS = 365


def create(
    organization: Organization, *, name: str, by: User, days: int = USUAL_DAYS
) -> tuple[ProvisioningToken, str]:
    """A key for `/scim/v2/` that acts as `by`; returns it and its secret, shown this once.

    Raises PermissionDenied, Invalid naming the field.
    """
    require(by, P.MANAGE_ORGANIZATION, organization)
    require(by, P.MANAGE_PEOPLE, organization)
    if not name.strip():
        raise Invalid("Name the directory that will use it.", code="name_required", field="name")
    if not 1 <= days <= MOST_DAYS:
        raise Invalid(f"A key lives 1 to {MOST_DAYS} days.", code="days_out_of_range", field="days")
    secret = new_secret(PROVISIONING_PREFIX)
    token = ProvisioningToken.objects.create(
        organization=organization, person=by, name=name.strip(), hint=secret.hint,
        secret_hash=secret.hash, expires_at=timezone.now() + timedelta(days=days),
    )  # fmt: skip
    trail.record("made", token, by=by, organization_id=organization.pk)
    return token, secret.text


def revoke(token: ProvisioningToken, *, by: User) -> None:
    """End a key at once; doing it twice changes nothing. Raises PermissionDenied."""
    require(by, P.MANAGE_ORGANIZATION, token.organization)
    changed = ProvisioningToken.objects.filter(pk=token.pk, revoked_at=None).update(
        revoked_at=timezone.now()
    )
    if changed:
        trail.record("revoked", token, by=by, organization_id=token.organization_id)


def holder(secret: str) -> tuple[ProvisioningToken, Membership] | None:
    """The live key and its administrator's live membership; None for anything else.

    The key ends with its maker's rights (ACC-14). Last use is noted once a minute at most.
    """
    if not looks_right(secret, PROVISIONING_PREFIX):
        return None
    now = timezone.now()
    with transaction.atomic(), acting.acting(acting.Actor(presented=hash_of(secret))):
        row = ProvisioningToken.objects.filter(
            secret_hash=hash_of(secret), revoked_at=None, expires_at__gt=now
        ).first()
    if row is None:
        return None
    who = acting.Actor(person_id=row.person_id, organization_id=row.organization_id)
    with transaction.atomic(), acting.acting(who):
        membership = (
            Membership.objects.select_related("organization", "person")
            .filter(person_id=row.person_id, organization_id=row.organization_id)
            .filter(status=MembershipStatus.ACTIVE, person__is_active=True)
            .first()
        )
        if membership is None or not carries(membership.role, P.MANAGE_PEOPLE):
            return None
        if row.last_used_at is None or (now - row.last_used_at).total_seconds() > 60:
            ProvisioningToken.objects.filter(pk=row.pk).update(last_used_at=now)
    row.person, row.organization = membership.person, membership.organization
    return row, membership
