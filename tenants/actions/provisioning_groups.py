"""Groups of an organization's directory; an administrator says which role each gives (AUT-12)."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from tenants import trail
from tenants.actions import provisioning
from tenants.choices import Role
from tenants.errors import Invalid, NotVisible, Refused, StaleVersion
from tenants.models import DirectoryGroup, DirectoryMember, DirectoryUser, Membership, Organization
from tenants.models import User as Person
from tenants.permissions import P, require
from tenants.rules import invitations as rules


def add(
    organization: Organization, *, display_name: str, by: Person, external_id: str = "",
    users: Iterable[UUID] = (),
) -> DirectoryGroup:  # fmt: skip
    """Take a group up, without a role of its own. Raises PermissionDenied, Invalid, Refused."""
    require(by, P.MANAGE_PEOPLE, organization)
    with transaction.atomic():
        row = DirectoryGroup(organization=organization)
        _name(row, display_name, external_id)
        row.save(force_insert=True)
        trail.record("provisioned", row, by=by, organization_id=organization.pk)
        _follow(_put_in(row, users), by)
    return row


def change(
    row: DirectoryGroup, *, by: Person, display_name: str | None = None,
    external_id: str | None = None, add: Iterable[UUID] = (), take: Iterable[UUID] = (),
    exactly: Iterable[UUID] | None = None, version: int | None = None,
) -> DirectoryGroup:  # fmt: skip
    """Another name, or other people: some more, some fewer, or `exactly` these.

    Raises PermissionDenied, Invalid, NotVisible for an unknown person, Refused, StaleVersion.
    """
    require(by, P.MANAGE_PEOPLE, row.organization)
    with transaction.atomic():
        row = _locked(row, version)
        _name(
            row,
            row.display_name if display_name is None else display_name,
            row.external_id if external_id is None else external_id,
        )
        touched: set[UUID] = set()
        if exactly is not None:
            exactly = set(exactly)
            here = set(row.memberships.values_list("user_id", flat=True))
            take, add = {*take, *(here - exactly)}, {*add, *(exactly - here)}
        touched |= _take_out(row, take)
        touched |= _put_in(row, add)
        row.version += 1
        row.save()
        if touched:
            trail.record(
                "members_changed", row, by=by, organization_id=row.organization_id,
                detail={"people": sorted(map(str, touched))},
            )  # fmt: skip
        _follow(touched, by)
    return row


def remove(row: DirectoryGroup, *, by: Person, version: int | None = None) -> None:
    """Forget a group; its people lose the role it gave. Raises PermissionDenied, Refused."""
    require(by, P.MANAGE_PEOPLE, row.organization)
    with transaction.atomic():
        row = _locked(row, version)
        people = set(row.memberships.values_list("user_id", flat=True))
        trail.record("deprovisioned", row, by=by, organization_id=row.organization_id)
        row.delete()
        _follow(people, by)


def set_role(
    row: DirectoryGroup, *, role: Role | str, by: Person, version: int | None = None
) -> DirectoryGroup:
    """Say which role the group gives; empty: none of its own. Its people follow at once.

    Raises PermissionDenied, Invalid for a role of the other side or above one's own, Refused.
    """
    organization = row.organization
    require(by, P.MANAGE_ORGANIZATION, organization)
    require(by, P.MANAGE_PEOPLE, organization)
    if role and not rules.fits(organization.kind, role):
        raise Invalid(
            f"“{role}” is no role at {organization}.", code="role_of_other_side", field="role"
        )
    own = Membership.objects.get(organization=organization, person=by).role
    if role and not rules.may_grant(own, role):
        raise Invalid("You cannot grant a role above your own.", code="role_above", field="role")
    with transaction.atomic():
        row = _locked(row, version)
        before, row.role = row.role, str(role)
        row.version += 1
        row.save()
        trail.record(
            "role_changed", row, by=by, organization_id=organization.pk, before=before,
            after=str(role),
        )  # fmt: skip
        _follow(set(row.memberships.values_list("user_id", flat=True)), by)
    return row


def _name(row: DirectoryGroup, display_name: str, external_id: str) -> None:
    display_name = display_name.strip()
    if not display_name or max(len(display_name), len(external_id)) > 255:
        raise Invalid(
            "displayName is missing or longer than 255 letters.", code="required",
            field="displayName",
        )  # fmt: skip
    same = DirectoryGroup.objects.filter(
        organization=row.organization, display_name__iexact=display_name
    )
    if same.exclude(pk=row.pk).exists():
        raise Refused(f"“{display_name}” is here already.", code="exists_already")
    row.display_name, row.external_id = display_name, external_id


def _put_in(row: DirectoryGroup, users: Iterable[UUID]) -> set[UUID]:
    wanted = set(users)
    found = DirectoryUser.objects.filter(organization=row.organization, pk__in=wanted)
    if found.count() < len(wanted):
        raise NotVisible("A member is no user of this directory.")
    new = wanted - set(row.memberships.values_list("user_id", flat=True))
    DirectoryMember.objects.bulk_create(
        DirectoryMember(organization=row.organization, group=row, user_id=each) for each in new
    )
    return new


def _take_out(row: DirectoryGroup, users: Iterable[UUID]) -> set[UUID]:
    leaving = row.memberships.filter(user_id__in=set(users))
    people = set(leaving.values_list("user_id", flat=True))
    leaving.delete()
    return people


def _follow(users: Iterable[UUID], by: Person) -> None:
    """Let each person's role follow, in one order, so that two calls never wait in a circle."""
    rows = DirectoryUser.objects.filter(pk__in=set(users)).select_related("organization")
    for row in rows.order_by("pk"):
        provisioning.follow_groups(row, by=by)


def _locked(row: DirectoryGroup, version: int | None) -> DirectoryGroup:
    found = (
        DirectoryGroup.objects.select_for_update(of=("self",))
        .select_related("organization")
        .get(pk=row.pk)
    )
    if version is not None and version != found.version:
        raise StaleVersion("Somebody changed this since you read it; read it again first.")
    return found
