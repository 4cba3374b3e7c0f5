"""People as an organization's directory wants them: invited, given a role, let go (AUT-12).

The directory acts as the administrator who made its key, inside their organization, by the actions
that administrators use. It therefore never touches that administrator, and never the last one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from tenants import trail
from tenants.actions import invitations, memberships
from tenants.choices import InvitationStatus, MembershipStatus, Role
from tenants.errors import Invalid, Refused, StaleVersion
from tenants.models import DirectoryUser, Invitation, Membership, Organization, User
from tenants.permissions import P, require
from tenants.rules.provisioning import role_of


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the directory says of a person."""

    user_name: str
    email: str
    external_id: str = ""
    display_name: str = ""
    given_name: str = ""
    family_name: str = ""
    is_active: bool = True


def add(organization: Organization, wanted: Wanted, *, by: User) -> DirectoryUser:
    """Take a person up: invite them, or find the member they are already.

    Raises PermissionDenied, Invalid, Refused `exists_already` for a user name that is taken.
    """
    require(by, P.MANAGE_PEOPLE, organization)
    _check(wanted)
    with transaction.atomic():
        if DirectoryUser.objects.filter(
            organization=organization, user_name__iexact=wanted.user_name
        ).exists():
            raise Refused(f"“{wanted.user_name}” is here already.", code="exists_already")
        row = DirectoryUser(organization=organization)
        _fill(row, wanted)
        row.save(force_insert=True)
        trail.record("provisioned", row, by=by, organization_id=organization.pk)
        if row.is_active:
            _let_in(row, by)
    return row


def change(
    row: DirectoryUser, wanted: Wanted, *, by: User, version: int | None = None
) -> DirectoryUser:
    """Make a person as the directory wants them now; nothing new changes nothing.

    Raises PermissionDenied, Invalid, Refused, StaleVersion.
    """
    require(by, P.MANAGE_PEOPLE, row.organization)
    _check(wanted)
    with transaction.atomic():
        row = locked(row, version)
        was_active, address = row.is_active, row.email
        if not _fill(row, wanted):
            return row
        row.version += 1
        row.save()
        if was_active and not row.is_active:
            _let_go(row, by)
            trail.record("deprovisioned", row, by=by, organization_id=row.organization_id)
        elif row.is_active and not was_active:
            _let_in(row, by)
            trail.record("reprovisioned", row, by=by, organization_id=row.organization_id)
        elif row.is_active and address != row.email and row.person_id is None:
            _let_go(row, by)
            _let_in(row, by)
    return row


def remove(row: DirectoryUser, *, by: User, version: int | None = None) -> None:
    """Let a person go and forget what the directory said of them.

    Raises PermissionDenied, Refused, StaleVersion.
    """
    require(by, P.MANAGE_PEOPLE, row.organization)
    with transaction.atomic():
        row = locked(row, version)
        if row.is_active:
            _let_go(row, by)
        trail.record("deprovisioned", row, by=by, organization_id=row.organization_id)
        row.delete()


def follow_groups(row: DirectoryUser, *, by: User) -> None:
    """Give a person the role that their groups say now; who is in none with a role keeps theirs
    unless the directory brought them. Raises PermissionDenied, Refused.
    """
    require(by, P.MANAGE_PEOPLE, row.organization)
    _resolve(row)
    role = _role(row)
    if row.person_id is None:
        if row.invitation_id is not None:
            waiting = Invitation.objects.filter(pk=row.invitation_id)
            waiting.filter(status=InvitationStatus.SENT).update(role=role)
        return
    membership = _membership(row)
    if membership is None or not row.is_active or row.person_id == by.pk:
        return
    if membership.role != role and (row.invitation_id or _mapped(row)):
        memberships.change_role(membership, role=role, by=by)


def locked(row: DirectoryUser, version: int | None) -> DirectoryUser:
    """The row, held until the transaction ends. Raises StaleVersion."""
    found = (
        DirectoryUser.objects.select_for_update(of=("self",))
        .select_related("organization")
        .get(pk=row.pk)
    )
    if version is not None and version != found.version:
        raise StaleVersion("Somebody changed this since you read it; read it again first.")
    _resolve(found)
    return found


def _let_in(row: DirectoryUser, by: User) -> None:
    """Make the person a member: again, if they were one; by invitation, if not."""
    _resolve(row)
    if row.person_id is None:
        member = Membership.objects.filter(
            organization=row.organization, person__email__iexact=row.email
        ).first()
        if member is not None and not _known_already(row, member):
            row.person = member.person
            row.save(update_fields=["person"])
    membership = _membership(row)
    if membership is None:
        _invite(row, by)
        return
    if membership.status == MembershipStatus.ENDED:
        memberships.take_back(membership, role=_role(row), by=by)
    else:
        follow_groups(row, by=by)


def _known_already(row: DirectoryUser, member: Membership) -> bool:
    return (
        DirectoryUser.objects.filter(organization=row.organization, person_id=member.person_id)
        .exclude(pk=row.pk)
        .exists()
    )


def _invite(row: DirectoryUser, by: User) -> None:
    """Write to the address; an invitation that is under way already is taken for this one."""
    waiting = Invitation.objects.filter(
        organization=row.organization, email__iexact=row.email, status=InvitationStatus.SENT
    ).first()
    if waiting is not None:
        invitations.withdraw(waiting, by=by)
    row.invitation = invitations.invite(
        row.organization, email=row.email, role=_role(row), by=by, name=row.name[:120]
    )
    row.save(update_fields=["invitation"])


def _let_go(row: DirectoryUser, by: User) -> None:
    """End the membership, or the invitation, at once: sessions and tokens go with it."""
    if row.invitation_id and row.person_id is None:
        waiting = Invitation.objects.filter(pk=row.invitation_id, status=InvitationStatus.SENT)
        for invitation in waiting.select_related("organization"):
            invitations.withdraw(invitation, by=by)
    membership = _membership(row)
    if membership is not None and membership.status == MembershipStatus.ACTIVE:
        memberships.end(membership, by=by)


def _resolve(row: DirectoryUser) -> None:
    """Note who accepted the invitation."""
    if row.person_id is None and row.invitation_id is not None:
        accepted = Invitation.objects.filter(pk=row.invitation_id, accepted_by__isnull=False)
        person_id = accepted.values_list("accepted_by_id", flat=True).first()
        if person_id is not None:
            row.person_id = person_id
            row.save(update_fields=["person"])


def _membership(row: DirectoryUser) -> Membership | None:
    if row.person_id is None:
        return None
    rows = Membership.objects.filter(organization=row.organization, person_id=row.person_id)
    return rows.select_related("organization", "person").first()


def _mapped(row: DirectoryUser) -> list[str]:
    return list(row.groups.exclude(role="").values_list("role", flat=True))


def _role(row: DirectoryUser) -> Role:
    return role_of(row.organization.kind, _mapped(row))


def _fill(row: DirectoryUser, wanted: Wanted) -> bool:
    """Write what is wanted into the row; whether anything is new."""
    values: dict[str, Any] = {name: getattr(wanted, name) for name in Wanted.__slots__}
    changed = {name for name, value in values.items() if getattr(row, name) != value}
    for name in changed:
        setattr(row, name, values[name])
    return bool(changed)


def _check(wanted: Wanted) -> None:
    if not wanted.user_name.strip():
        raise Invalid("userName is missing.", code="required", field="userName")
    try:
        validate_email(wanted.email)
    except ValidationError as unfit:
        raise Invalid(
            "Give an e-mail address, in emails or as userName.", code="email_required",
            field="emails",
        ) from unfit  # fmt: skip
    longest = {"user_name": 255, "external_id": 255, "display_name": 255, "email": 254,
               "given_name": 120, "family_name": 120}  # fmt: skip
    for name, most in longest.items():
        if len(getattr(wanted, name)) > most:
            raise Invalid(f"A value is longer than {most} letters.", code="too_long", field=name)
