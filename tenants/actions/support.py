"""Break-glass: an operator asks to look, a tenant agrees, and it ends by itself (ACC-18)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from tenants import acting, mail, notices, trail
from tenants.actions.access import recompute
from tenants.choices import MembershipStatus, OrganizationKind, TrailZone
from tenants.errors import Invalid, Refused
from tenants.models import Engagement, Membership, Organization, SupportAccess, User
from tenants.permissions import ORGANIZATION_GRANTS, P, require
from tenants.queries.support import is_operator
from tenants.rules import support as rules

NOTICE = "tenants.support"
LONGEST_HOURS = 4
ZONES = {OrganizationKind.FIRM: TrailZone.FIRM, OrganizationKind.CLIENT: TrailZone.CLIENT}


def ask(*, engagement_id: UUID, side: str, reason: str, hours: int, by: User) -> SupportAccess:
    """Ask to look at an engagement from one side; its administrators are told at once.

    An engagement that does not exist is asked for alike, and nobody is told. Raises
    PermissionDenied for other than operators, Invalid without a reason or for more than 4 hours.
    """
    acting.require_is_acting(by)
    if not is_operator(by):
        raise PermissionDenied("Only operators of the platform ask to look.")
    if not reason.strip():
        raise Invalid("Say why you need to look.", code="note_required", field="reason")
    if not 1 <= hours <= LONGEST_HOURS:
        raise Invalid("Ask for 1 to 4 hours.", code="hours_bad", field="hours")
    with transaction.atomic(), acting.on_behalf_of_the_engagement(engagement_id):
        rows = Engagement.objects.select_related("firm", "client").filter(pk=engagement_id)
        engagement = rows.first()
        wish = SupportAccess.objects.create(
            operator=by, engagement_id=engagement_id, side=side, reason=reason.strip(),
            hours=hours, organization=_of_side(engagement, side),
        )  # fmt: skip
        if engagement and wish.organization:
            _record("support_asked", wish, by=by)
            people = _administrators(wish.organization)
            told = [person.pk for person in people]
            notices.tell(NOTICE, wish.pk, engagement_id, told, period="asked")
            _write("support_asked", wish, engagement, people)
    return wish


def agree(wish: SupportAccess, *, by: User) -> SupportAccess:
    """Let the operator look from now on, for the hours asked for. The administrator is the second
    person, and the tenant's consent.

    Raises PermissionDenied, Refused when it was answered or waited for too long.
    """
    organization = _home(wish)
    require(by, P.MANAGE_ORGANIZATION, organization)
    with transaction.atomic():
        row = _locked(wish)
        now = timezone.now()
        if rules.state_of(row, now) != rules.ASKED:
            raise Refused(
                "This was answered already, or waited for too long; support asks anew.",
                code="support_over",
            )
        row.agreed_by, row.agreed_at = by, now
        row.until = now + timedelta(hours=row.hours)
        row.save(update_fields=["agreed_by", "agreed_at", "until"])
        recompute(Engagement(pk=row.engagement_id), [row.operator])
        _record("support_agreed", row, by=by)
        _write("support_agreed", row, None, _administrators(organization))
    return row


def end(wish: SupportAccess, *, by: User) -> SupportAccess:
    """Refuse a wish, or stop the operator's looking at once. The operator may stop, too.

    Raises PermissionDenied, Refused when it is over.
    """
    if by.pk != wish.operator_id:
        require(by, P.MANAGE_ORGANIZATION, _home(wish))
    acting.require_is_acting(by)
    with transaction.atomic(), acting.on_behalf_of_the_engagement(wish.engagement_id):
        row = _locked(wish)
        if rules.state_of(row, timezone.now()) in (rules.OVER, rules.LAPSED):
            raise Refused("This is over already.", code="support_over")
        verb = "support_refused" if row.until is None else "support_ended"
        row.ended_at, row.ended_by = timezone.now(), by
        row.save(update_fields=["ended_at", "ended_by"])
        recompute(Engagement(pk=row.engagement_id), [row.operator])
        _record(verb, row, by=by)
    return row


def note_look(wish: SupportAccess, path: str, *, by: User) -> None:
    """Record that the operator opens a page, before it is shown."""
    with transaction.atomic():
        _record("support_looked", wish, by=by, note=path[:200])


def _of_side(engagement: Engagement | None, side: str) -> Organization | None:
    if engagement is None:
        return None
    return engagement.firm if side == OrganizationKind.FIRM else engagement.client


def _home(wish: SupportAccess) -> Organization:
    if wish.organization is None:
        raise Refused("Nobody was asked.", code="support_over")
    return wish.organization


def _locked(wish: SupportAccess) -> SupportAccess:
    rows = SupportAccess.objects.select_for_update(of=("self",))
    return rows.select_related("operator").get(pk=wish.pk)


def _administrators(organization: Organization) -> list[User]:
    with acting.inside(organization.pk):
        rows = Membership.objects.filter(
            organization=organization, status=MembershipStatus.ACTIVE,
            role__in=ORGANIZATION_GRANTS[P.MANAGE_ORGANIZATION],
        )  # fmt: skip
        return [row.person for row in rows.select_related("person")]


def _record(verb: str, wish: SupportAccess, *, by: User, note: str = "") -> None:
    """Into the engagement's trail, for that side alone."""
    zone = ZONES[OrganizationKind(wish.side)]
    with acting.on_behalf_of_the_engagement(wish.engagement_id, wish.organization_id):
        trail.record(
            verb, wish, by=by, engagement_id=wish.engagement_id, note=note or wish.reason,
            zone=zone, detail={"hours": wish.hours},
        )  # fmt: skip


def _write(
    name: str, wish: SupportAccess, engagement: Engagement | None, people: list[User]
) -> None:
    for person in people:
        mail.send_after_commit(name, to=person.email, context={
            "name": str(person), "operator": str(wish.operator), "reason": wish.reason,
            "hours": wish.hours, "title": str(engagement or ""), "path": "/settings/support/",
            "waits": rules.WAITS.days * 24,
        })  # fmt: skip
