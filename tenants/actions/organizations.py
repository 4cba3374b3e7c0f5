"""Founding organizations, and the relationship between a firm and its client."""

from __future__ import annotations

from django.db import transaction

from tenants import acting, trail
from tenants.actions.memberships import follow_zone
from tenants.choices import OrganizationKind, Role, SecondFactor
from tenants.errors import Invalid
from tenants.models import Membership, Organization, Relationship, User
from tenants.permissions import P, require
from tenants.rules import second_factor


def found(
    name: str, kind: OrganizationKind, *, by: User | acting.System, time_zone: str, **fields: str
) -> Organization:
    """A new tenant, empty of people. `fields`: `holiday_country`, `second_factor`.

    Raises Invalid naming the field.
    """
    fields.setdefault("second_factor", second_factor.usual(kind))
    organization = Organization(name=name.strip(), kind=kind, time_zone=time_zone, **fields)
    if not organization.name:
        raise Invalid("Give the organization a name.", code="name_required", field="name")
    organization.full_clean(validate_constraints=False)
    with transaction.atomic(), acting.inside(organization.pk):
        organization.save(force_insert=True)
    with acting.inside(organization.pk):
        trail.record("founded", organization, by=by, organization_id=organization.pk)
    return organization


def found_with(
    name: str, kind: OrganizationKind, *, person: User, role: Role, time_zone: str, title: str = ""
) -> Organization:
    """A new tenant with its first member: how an installation gets its first firm (`manage.py`)."""
    with transaction.atomic():
        organization = found(name, kind, by=acting.SYSTEM, time_zone=time_zone)
        with acting.inside(organization.pk):
            Membership.objects.create(
                organization=organization, person=person, role=role, title=title
            )
            trail.record(
                "joined", organization, by=acting.SYSTEM, organization_id=organization.pk,
                after=role, detail={"person": str(person.pk)},
            )  # fmt: skip
    return organization


def add_client(firm: Organization, *, name: str, time_zone: str, by: User) -> Organization:
    """A new client of the firm: its organization, and the relationship.

    Another organization of the same name, of another firm, stays unknown and untouched (AC-01).
    Raises PermissionDenied, Invalid.
    """
    require(by, P.OPEN_ENGAGEMENT, firm)
    with transaction.atomic():
        client = found(name, OrganizationKind.CLIENT, by=by, time_zone=time_zone)
        Relationship.objects.create(firm=firm, client=client)
        acting.announce_again()
    return client


def change(
    organization: Organization, *, name: str, time_zone: str, holiday_country: str, by: User
) -> Organization:
    """What the organization is called, and when its people work.

    With another time zone, the first and last days of its people on engagements follow.
    Raises PermissionDenied, Invalid, ValidationError naming the field.
    """
    require(by, P.MANAGE_ORGANIZATION, organization)
    wanted = {"name": name.strip(), "time_zone": time_zone, "holiday_country": holiday_country}
    if not wanted["name"]:
        raise Invalid("Give the organization a name.", code="name_required", field="name")
    with transaction.atomic():
        row = Organization.objects.select_for_update().get(pk=organization.pk)
        before = {field: getattr(row, field) for field in wanted}
        changed = {field: value for field, value in wanted.items() if value != before[field]}
        if not changed:
            return row
        for field, value in changed.items():
            setattr(row, field, value)
        row.full_clean(validate_constraints=False)
        row.save(update_fields=list(changed))
        detail = {"before": {field: before[field] for field in changed}, "after": changed}
        trail.record("organization_changed", row, by=by, organization_id=row.pk, detail=detail)
        if "time_zone" in changed:
            follow_zone(row)
    return row


def ask_second_factor(organization: Organization, *, of: str, by: User) -> Organization:
    """Whom the organization asks for a second factor from now on (`SecondFactor`).

    Whoever owes one now adds it before anything else opens. Raises PermissionDenied, Invalid.
    """
    require(by, P.MANAGE_ORGANIZATION, organization)
    if of not in SecondFactor.values:
        raise Invalid("Choose one of the list.", code="policy_unknown", field="second_factor")
    with transaction.atomic():
        row = Organization.objects.select_for_update().get(pk=organization.pk)
        before, row.second_factor = row.second_factor, of
        if before != of:
            row.save(update_fields=["second_factor"])
            trail.record(
                "second_factor_asked", row, by=by, organization_id=row.pk, before=before, after=of
            )
    return row
