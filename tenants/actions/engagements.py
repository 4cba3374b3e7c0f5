"""Opening an engagement, its terms, and its way through the phases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Any

from django.db import transaction

from tenants import acting, trail
from tenants.actions import assignments, independence, invitations
from tenants.choices import EngagementKind, MembershipStatus, Role
from tenants.choices import EngagementStatus as S
from tenants.errors import Invalid
from tenants.lifecycle import Lifecycle, Move, changing
from tenants.models import Engagement, Membership, Organization, Relationship, User
from tenants.permissions import P, require
from tenants.rules.engagements import Terms, basis_of, check_terms

AFTER_OPENING: list[Callable[[Engagement], None]] = []
"""A higher app adds what every new engagement needs: its frozen scope, its schedules."""
BEFORE_ANOTHER_BASIS: list[Callable[[Engagement], None]] = []
"""A higher app adds what must go before a SOC 1 becomes a SOC 2, or the reverse."""
AFTER_TERMS: list[Callable[[Engagement], None]] = []
"""A higher app adds what must follow changed terms, such as the frozen scope."""
PHASE_GUARDS: dict[str, list[Callable[[Engagement], str]]] = {status: [] for status in S}
"""Phase → what must hold to leave it; a higher app adds its own."""


def _exit(status: str) -> Callable[[Engagement], str]:
    def guard(engagement: Engagement) -> str:
        reasons = (hold(engagement) for hold in PHASE_GUARDS[status])
        return next((reason for reason in reasons if reason), "")

    return guard


_PHASES = (S.DRAFT, S.ACCEPTANCE, S.PLANNING, S.WALKTHROUGH, S.FIELDWORK, S.REVIEW, S.REPORTING)
_NEXT = (
    ("begin", S.DRAFT, S.ACCEPTANCE, P.MANAGE_ENGAGEMENT, "Begin acceptance"),
    ("take_on", S.ACCEPTANCE, S.PLANNING, P.DECIDE_ENGAGEMENT, "Accept the engagement"),
    ("finish_planning", S.PLANNING, S.WALKTHROUGH, P.MANAGE_ENGAGEMENT, "Finish planning"),
    ("finish_walkthroughs", S.WALKTHROUGH, S.FIELDWORK, P.MANAGE_ENGAGEMENT, "Start fieldwork"),
    ("finish_fieldwork", S.FIELDWORK, S.REVIEW, P.MANAGE_ENGAGEMENT, "Finish fieldwork"),
)

LIFECYCLE = Lifecycle(
    *(
        Move(
            name, [source], target, permission, guards=[_exit(source)], label=label, note="optional"
        )
        for name, source, target, permission, label in _NEXT
    ),
    Move("hold", _PHASES, S.ON_HOLD, P.MANAGE_ENGAGEMENT, note="required", label="Put on hold"),
    Move("resume", [S.ON_HOLD], None, P.MANAGE_ENGAGEMENT, note="optional"),
    Move(
        "withdraw", [*_PHASES, S.ON_HOLD], S.WITHDRAWN, P.DECIDE_ENGAGEMENT, note="required",
        tone="danger",
    ),
)  # fmt: skip


def open_engagement(
    firm: Organization,
    client: Organization,
    *,
    title: str,
    terms: Terms,
    by: User,
    independent: bool,
    kind: str = EngagementKind.EXAMINATION,
    role: Role | str = "",
    client_admin_email: str = "",
    client_admin_name: str = "",
    fieldwork_ends_on: date | None = None,
) -> Engagement:
    """A new engagement of `firm` and `client`; the founder is assigned in their own role.

    `independent`: the founder states that they are independent of the client (AC-04). The
    client's administrators are on it from the start; `client_admin_email` invites one more.
    Raises PermissionDenied, Invalid naming rule and field.
    """
    require(by, P.OPEN_ENGAGEMENT, firm)
    if not independent:
        raise Invalid(
            "AC-04: only somebody independent of the client opens its engagement. Confirm that "
            "you are, or ask a colleague to open it.",
            code="independence_needed", field="independent",
        )  # fmt: skip
    if not title.strip():
        raise Invalid("Give the engagement a title.", code="title_required", field="title")
    check_terms(terms)
    if not Relationship.objects.filter(firm=firm, client=client).exists():
        raise Invalid("This is no client of your firm.", code="not_a_client", field="client")
    membership = Membership.objects.get(organization=firm, person=by)
    engagement = Engagement(
        firm=firm, client=client, title=title.strip(), kind=kind, founded_by=by,
        fieldwork_ends_on=fieldwork_ends_on, **_columns(terms),
    )  # fmt: skip
    with transaction.atomic():
        _insert(engagement, by)
        seat = assignments.seat(engagement, firm, by, role or membership.role, by=by)
        independence.confirm(engagement, by=by)
        assignments.record_seat(seat, by=by)
        _seat_administrators(engagement, client, by)
        with acting.on_behalf_of_the_engagement(engagement.pk):
            engagement.refresh_from_db()
            for follow in AFTER_OPENING:
                follow(engagement)
        trail.record("opened", engagement, by=by, engagement_id=engagement.pk, after=S.DRAFT)
        if client_admin_email:
            invitations.write(
                client, email=client_admin_email, name=client_admin_name, by=by,
                role=Role.CLIENT_ADMIN, engagement=engagement,
            )  # fmt: skip
    return engagement


def set_terms(
    engagement: Engagement, *, terms: Terms, by: User, title: str = "",
    fieldwork_ends_on: date | None = None, version: int | None = None,
) -> Engagement:  # fmt: skip
    """Change what is examined and when; the frozen scope follows.

    Raises PermissionDenied, Invalid (RT-01 to RT-06; the types are frozen after acceptance).
    """
    require(by, P.SET_SCOPE, engagement)
    check_terms(terms)
    types = (terms.report_type, terms.exam_type)
    if engagement.status not in (S.DRAFT, S.ACCEPTANCE) and types != (
        engagement.report_type, engagement.exam_type,
    ):  # fmt: skip
        raise Invalid(
            "RT-01: report type and exam type are frozen once acceptance has ended.",
            code="type_frozen", field="report_type",
        )  # fmt: skip
    detail = {"before": _plain(engagement), "after": {k: str(v) for k, v in asdict(terms).items()}}
    with transaction.atomic():
        if basis_of(terms.report_type) != engagement.basis:
            for clear in BEFORE_ANOTHER_BASIS:
                clear(engagement)
        with changing("terms_changed", engagement, by=by, version=version, detail=detail) as row:
            for name, value in _columns(terms).items():
                setattr(row, name, value)
            row.title = title.strip() or row.title
            row.fieldwork_ends_on = fieldwork_ends_on or row.fieldwork_ends_on
        engagement.refresh_from_db()
        for follow in AFTER_TERMS:
            follow(engagement)
    return engagement


def move(engagement: Engagement, name: str, *, by: User, note: str = "",
         version: int | None = None) -> Engagement:  # fmt: skip
    """Take the engagement one step on, put it on hold, take it up again, or withdraw it.

    Raises PermissionDenied, MoveRefused with what is still open.
    """
    with LIFECYCLE.moving(name, engagement, by=by, note=note, version=version) as row:
        if name == "hold":
            row.held_from = engagement.status
        if name == "resume":
            row.status, row.held_from = row.held_from, ""
    return engagement


def _seat_administrators(engagement: Engagement, client: Organization, by: User) -> None:
    """The client's administrators are on each engagement of theirs; they assign the others."""
    with acting.inside(client.pk):
        administrators = [
            member.person
            for member in Membership.objects.filter(
                organization=client, role=Role.CLIENT_ADMIN, status=MembershipStatus.ACTIVE
            ).select_related("person")
        ]
    for person in administrators:
        assignments.place(engagement, client, person, Role.CLIENT_ADMIN, by=by)


def _insert(engagement: Engagement, by: User) -> None:
    """Save a founder's engagement. A title of one the founder sees is refused as taken.

    No constraint says so: it would tell of engagements behind a wall of the firm (TEN-4, AC-05).
    """
    alike = Engagement.objects.visible_to(by).filter(
        firm=engagement.firm, client=engagement.client, title=engagement.title
    )
    if alike.exists():
        raise Invalid(
            "Your firm has an engagement of this title with this client; choose another.",
            code="title_taken", field="title",
        )  # fmt: skip
    with acting.on_behalf_of_the_engagement(engagement.pk):
        engagement.save(force_insert=True)


def _columns(terms: Terms) -> dict[str, Any]:
    return {**asdict(terms), "categories": sorted(set(terms.categories))}


def _plain(engagement: Engagement) -> dict[str, str]:
    return {name: str(getattr(engagement, name)) for name in Terms.__dataclass_fields__}
