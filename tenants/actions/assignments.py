"""Who works on an engagement, from when to when, and what is opened to one of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.db import transaction
from django.utils import timezone

from tenants import acting, outbox, trail
from tenants.actions.access import recompute
from tenants.choices import ROLES_OF, MembershipStatus, OrganizationKind, Role
from tenants.errors import Invalid, RightRefused
from tenants.models import Assignment, Engagement, Membership, Opening, Organization, User
from tenants.permissions import NEVER_OPENED, P, permissions_of, require
from tenants.queries.oversight import is_overseen, leaders
from tenants.refusals import as_guards_say
from tenants.rules.invitations import may_grant

AFTER_ASSIGNING: list[Callable[[Assignment], None]] = []
"""A higher app adds what must follow at once when a person joins an engagement."""

INDEPENDENCE_ASKED = "tenants.ask_independence"
"""The work that tells a person that their independence is asked for."""


def assign(
    engagement: Engagement,
    *,
    person: User,
    role: Role | str,
    by: User,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Assignment:
    """Put a person of one's own organization on the engagement, or change their role there.

    Dates are local dates of that organization; no `ends_on` is until the end. Raises
    PermissionDenied, Invalid when the person is no member, the role is of the other side, or it
    is above both the person's in the organization and one's own here (ACC-15); Refused when the
    person works for the other side of this client (AC-06), on the other side of an ethics wall
    (AC-05), or would review what they worked on (SO-03).
    """
    organization = own_side(engagement)
    _require_to_assign(engagement, organization, role, by)
    member = Membership.objects.filter(
        organization=organization, person=person, status=MembershipStatus.ACTIVE
    ).first()
    if member is None:
        raise Invalid(
            f"{person} is no active member of {organization}; invite them first.",
            code="not_a_member", field="person",
        )  # fmt: skip
    _refuse_role_above(engagement, member, role, by)
    with transaction.atomic():
        made = place(
            engagement, organization, person, role, by=by, starts_on=starts_on, ends_on=ends_on
        )
        if organization.kind == OrganizationKind.FIRM:
            outbox.enqueue(
                INDEPENDENCE_ASKED, engagement_id=engagement.pk, subject=person.pk,
                organization_id=organization.pk,
            )  # fmt: skip
    return made


def place(
    engagement: Engagement,
    organization: Organization,
    person: User,
    role: Role | str,
    *,
    by: User,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Assignment:
    """Write an assignment after its caller has checked the right to: an invitation, a list.

    Raises Invalid for a role of the other side, Refused for a person of the other side (AC-06).
    """
    assignment = seat(
        engagement, organization, person, role, by=by, starts_on=starts_on, ends_on=ends_on
    )
    record_seat(assignment, by=by)
    return assignment


def record_seat(assignment: Assignment, *, by: User) -> None:
    """Record that somebody was put on the engagement, or given another role there."""
    _record("assigned" if assignment.version == 1 else "reassigned", assignment, by)


def seat(
    engagement: Engagement,
    organization: Organization,
    person: User,
    role: Role | str,
    *,
    by: User,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Assignment:
    """As `place`, for a founder, who records it once they see the engagement themselves."""
    if role not in ROLES_OF[OrganizationKind(organization.kind)]:
        raise Invalid(
            f"“{role}” is no role at {organization}.", code="role_of_other_side", field="role"
        )
    with transaction.atomic(), acting.on_behalf_of_the_engagement(engagement.pk):
        held = Assignment.objects.filter(engagement=engagement, person=person).first()
        if held and held.organization_id != organization.pk:
            raise RightRefused(
                f"{person} already works on this engagement for the other side (AC-06).",
                code="conflict_of_roles",
            )
        assignment = held or Assignment(
            engagement=engagement, organization=organization, person=person
        )
        assignment.role, assignment.assigned_by = role, by
        assignment.starts_on = starts_on or timezone.localdate(timezone=organization.zone)
        assignment.ends_on = ends_on
        assignment.version += 0 if held is None else 1
        assignment.full_clean(validate_constraints=False)
        with as_guards_say():
            assignment.save()
        recompute(engagement, [person])
        for follow in AFTER_ASSIGNING:
            follow(assignment)
    return assignment


def unassign(assignment: Assignment, *, by: User, note: str = "") -> None:
    """Take a person of one's own side off the engagement, at once (ACC-13).

    Raises PermissionDenied, Refused for the last person who could assign others.
    """
    engagement, organization = assignment.engagement, assignment.organization
    firm = organization.kind == OrganizationKind.FIRM
    permission = P.ASSIGN_FIRM_PEOPLE if firm else P.ASSIGN_CLIENT_PEOPLE
    if own_side(engagement) != organization:
        raise Invalid("People of the other side are theirs to take off.", code="other_side")
    require(by, permission, engagement)
    with transaction.atomic():
        with acting.on_behalf_of_the_engagement(engagement.pk):
            others = Assignment.objects.filter(engagement=engagement, organization=organization)
            others = others.exclude(pk=assignment.pk)
            if not any(permission in permissions_of(other.role) for other in others):
                raise RightRefused(
                    "Nobody would be left on this side to assign people: assign another first.",
                    code="last_assigner",
                )
        trail.record(
            "unassigned", assignment, by=by, engagement_id=engagement.pk, before=assignment.role,
            note=note,
        )  # fmt: skip
        remove(assignment)


def remove(assignment: Assignment) -> None:
    """Delete an assignment and the access it gave, after its caller has checked and recorded."""
    with acting.on_behalf_of_the_engagement(assignment.engagement_id):
        Assignment.objects.filter(pk=assignment.pk).delete()
        recompute(assignment.engagement, [assignment.person])


def open_to(
    engagement: Engagement,
    *,
    person: User,
    permission: P,
    reason: str,
    by: User,
    ends_on: date | None = None,
) -> Opening:
    """Open one permission to one person of one's own side, with the reason.

    Raises PermissionDenied when `by` may not assign or does not hold the permission (ACC-15),
    Invalid for a permission no role of that side carries, a person who is not assigned, or an
    empty reason; Refused for a quality reviewer (SO-03).
    """
    organization = own_side(engagement)
    firm = organization.kind == OrganizationKind.FIRM
    require(by, P.ASSIGN_FIRM_PEOPLE if firm else P.ASSIGN_CLIENT_PEOPLE, engagement)
    require(by, permission, engagement)
    if permission in NEVER_OPENED:
        raise Invalid(
            "This comes with a role alone. Assign somebody in that role instead.",
            code="never_opened", field="permission",
        )  # fmt: skip
    if not reason.strip():
        raise Invalid("Say why this is opened.", code="note_required", field="reason")
    with transaction.atomic(), acting.on_behalf_of_the_engagement(engagement.pk):
        if not Assignment.objects.filter(
            engagement=engagement, person=person, organization=organization
        ).exists():
            raise Invalid(
                f"{person} is not on this engagement.", code="not_assigned", field="person"
            )
        with as_guards_say():
            opening, _ = Opening.objects.update_or_create(
                engagement=engagement,
                person=person,
                permission=permission,
                defaults={
                    "organization": organization, "reason": reason, "ends_on": ends_on,
                    "opened_by": by,
                },
            )  # fmt: skip
        recompute(engagement, [person])
    _record("opened", opening, by)
    return opening


def close(opening: Opening, *, by: User) -> None:
    """Take an opened permission back, at once (ACC-13). Raises PermissionDenied, Invalid."""
    engagement, organization = opening.engagement, opening.organization
    if own_side(engagement) != organization:
        raise Invalid("What the other side opened is theirs to close.", code="other_side")
    firm = organization.kind == OrganizationKind.FIRM
    require(by, P.ASSIGN_FIRM_PEOPLE if firm else P.ASSIGN_CLIENT_PEOPLE, engagement)
    with transaction.atomic():
        trail.record(
            "closed", opening, by=by, engagement_id=engagement.pk, before=opening.permission
        )
        with acting.on_behalf_of_the_engagement(engagement.pk):
            Opening.objects.filter(pk=opening.pk).delete()
            recompute(engagement, [opening.person])


def own_side(engagement: Engagement) -> Organization:
    """The organization of the engagement in which the present person acts.

    Raises Invalid for somebody who acts for neither.
    """
    acts_in = acting.current().organization_id
    for organization in (engagement.firm, engagement.client):
        if organization.pk == acts_in:
            return organization
    raise Invalid("You act for neither side of this engagement.", code="other_side")


def _require_to_assign(
    engagement: Engagement, organization: Organization, role: Role | str, by: User
) -> None:
    """A leader assigns; where nobody leads the firm's team any more, an administrator names one.

    Raises PermissionDenied.
    """
    if organization.kind == OrganizationKind.CLIENT:
        require(by, P.ASSIGN_CLIENT_PEOPLE, engagement)
        return
    leads = P.ASSIGN_FIRM_PEOPLE in permissions_of(role)
    oversees = by.has_perm(P.MANAGE_WALLS, organization) and is_overseen(engagement)
    if leads and oversees and not leaders([engagement.pk]):
        acting.require_is_acting(by)
        return
    require(by, P.ASSIGN_FIRM_PEOPLE, engagement)


def _refuse_role_above(
    engagement: Engagement, member: Membership, role: Role | str, by: User
) -> None:
    """Nobody raises themselves, or another above what both of them are (ACC-15)."""
    if role not in ROLES_OF[OrganizationKind(member.organization.kind)]:
        return  # refused as a role of the other side
    own = Assignment.objects.filter(engagement=engagement, person=by).first()
    by_rank = own is not None and member.person_id != by.pk and may_grant(own.role, role)
    if not by_rank and not may_grant(member.role, role):
        raise Invalid(
            "This role is above yours and above the person's own.", code="role_above", field="role"
        )


def _record(verb: str, row: Assignment | Opening, by: User) -> None:
    after = row.role if isinstance(row, Assignment) else row.permission
    acts_in = acting.current().organization_id
    with acting.on_behalf_of_the_engagement(row.engagement_id, acts_in):
        trail.record(verb, row, by=by, engagement_id=row.engagement_id, after=after)
