"""Opening an engagement, its terms, and its way through the phases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from tenants import acting, outbox, trail
from tenants.acting import SYSTEM
from tenants.actions import assignments, independence, invitations
from tenants.choices import EngagementKind, MembershipStatus, Role, TrailZone
from tenants.choices import EngagementStatus as S
from tenants.errors import Invalid
from tenants.lifecycle import Lifecycle, Move, changing
from tenants.models import (
    Engagement,
    Membership,
    Organization,
    PhaseReturn,
    Relationship,
    User,
)
from tenants.permissions import P, require
from tenants.queries.engagements import terms_of
from tenants.queries.findings import refusal_of
from tenants.rules.engagements import Terms, basis_of, check_terms, refuse_other_scope

AFTER_OPENING: list[Callable[[Engagement], None]] = []
"""A higher app adds what every new engagement needs: its frozen scope, its schedules."""
BEFORE_ANOTHER_BASIS: list[Callable[[Engagement], None]] = []
"""A higher app adds what must go before a SOC 1 becomes a SOC 2, or the reverse."""
AFTER_TERMS: list[Callable[[Engagement], None]] = []
"""A higher app adds what must follow changed terms, such as the frozen scope."""
AFTER_MOVES: list[Callable[[Engagement, str, User], None]] = []
"""A higher app adds what a move brings along, in its transaction: given row, move and person."""
BEFORE_TERMS: list[Callable[[Engagement, Terms, User], None]] = []
"""A higher app adds what must hold before the terms change: it raises where they may not."""


def _examination(row: Engagement) -> bool:
    return row.kind == EngagementKind.EXAMINATION


def _readiness(row: Engagement) -> bool:
    return row.kind == EngagementKind.READINESS


_PHASES = (S.DRAFT, S.ACCEPTANCE, S.PLANNING, S.WALKTHROUGH, S.FIELDWORK, S.REVIEW, S.REPORTING)
_RUNNING = (*_PHASES, S.ACTIVE, S.DELIVERED)
BACK = {later: earlier for earlier, later in pairwise(_PHASES)}
"""Phase → the one before it."""
_EARLY = tuple(phase for phase in BACK if phase not in (S.REVIEW, S.REPORTING))
FIRM = TrailZone.FIRM


def _on(name: str, source: S, target: S, permission: P, label: str, **more: Any) -> Move:
    """A move forward: held back by what is open at the exit of its phase."""
    return Move(
        name, [source], target, permission, guards=[refusal_of], label=label, note="optional",
        **more,
    )  # fmt: skip


LIFECYCLE = Lifecycle(
    _on("begin", S.DRAFT, S.ACCEPTANCE, P.MANAGE_ENGAGEMENT, "Begin acceptance", when=_examination),
    _on("take_on", S.ACCEPTANCE, S.PLANNING, P.DECIDE_ENGAGEMENT, "Accept the engagement"),
    _on("finish_planning", S.PLANNING, S.WALKTHROUGH, P.MANAGE_ENGAGEMENT, "Finish planning"),
    _on("finish_walkthroughs", S.WALKTHROUGH, S.FIELDWORK, P.MANAGE_ENGAGEMENT, "Start fieldwork"),
    _on("finish_fieldwork", S.FIELDWORK, S.REVIEW, P.MANAGE_ENGAGEMENT, "Finish fieldwork"),
    _on("finish_review", S.REVIEW, S.REPORTING, P.DECIDE_ENGAGEMENT, "Finish review", zone=FIRM),
    _on("release", S.REPORTING, S.RELEASED, P.RELEASE_REPORT, "Release the report"),
    Move("begin_wrap_up", [S.RELEASED], S.WRAP_UP, by_system=True, zone=FIRM),
    _on("start", S.DRAFT, S.ACTIVE, P.MANAGE_ENGAGEMENT, "Start the assessment", when=_readiness),
    _on("deliver", S.ACTIVE, S.DELIVERED, P.MANAGE_ENGAGEMENT, "Deliver the assessment"),
    Move("close", [S.ACTIVE, S.DELIVERED], S.CLOSED, P.MANAGE_ENGAGEMENT, note="required"),
    Move("hold", _RUNNING, S.ON_HOLD, P.MANAGE_ENGAGEMENT, note="required", label="Put on hold",
         asks=("until",)),
    Move("resume", [S.ON_HOLD], None, P.MANAGE_ENGAGEMENT, note="optional"),
    Move("step_back", _EARLY, None, P.MANAGE_ENGAGEMENT, note="required", zone=FIRM,
         label="Step back"),
    Move("step_back_from_review", [S.REVIEW, S.REPORTING], None, P.DECIDE_ENGAGEMENT,
         note="required", zone=FIRM, label="Step back"),
    Move("withdraw", [*_RUNNING, S.ON_HOLD], S.WITHDRAWN, P.DECIDE_ENGAGEMENT, note="required",
         tone="danger", asks=("told_client",)),
    Move("lock", [S.WRAP_UP, S.WITHDRAWN], S.LOCKED, P.LOCK_FILE, guards=[refusal_of],
         note="optional", zone=FIRM, label="Lock the file", tone="danger"),
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
    scope_change_id: UUID | None = None,
) -> Engagement:  # fmt: skip
    """Change what is examined and when; the frozen scope follows.

    `scope_change_id`: the approved change of scope that the terms rest on from then on. Raises
    PermissionDenied, Invalid (RT-01 to RT-06; the types are frozen after acceptance, and
    categories and dates change by a change of scope alone, RT-17).
    """
    require(by, P.SET_SCOPE, engagement)
    check_terms(terms)
    types = (terms.report_type, terms.exam_type)
    frozen = engagement.types_frozen_at or engagement.status not in (S.DRAFT, S.ACCEPTANCE)
    if frozen and types != (
        engagement.report_type, engagement.exam_type,
    ):  # fmt: skip
        raise Invalid(
            "RT-01: report type and exam type are frozen once acceptance has ended.",
            code="type_frozen", field="report_type",
        )  # fmt: skip
    if engagement.types_frozen_at and scope_change_id is None:
        refuse_other_scope(terms_of(engagement), terms)
    detail = {"before": _plain(engagement), "after": {k: str(v) for k, v in asdict(terms).items()}}
    with transaction.atomic():
        for stands_against in BEFORE_TERMS:
            stands_against(engagement, terms, by)
        if basis_of(terms.report_type) != engagement.basis:
            for clear in BEFORE_ANOTHER_BASIS:
                clear(engagement)
        with changing("terms_changed", engagement, by=by, version=version, detail=detail) as row:
            for name, value in _columns(terms).items():
                setattr(row, name, value)
            row.title = title.strip() or row.title
            row.fieldwork_ends_on = fieldwork_ends_on or row.fieldwork_ends_on
            row.scope_change_id = scope_change_id or row.scope_change_id
        engagement.refresh_from_db()
        for follow in AFTER_TERMS:
            follow(engagement)
    return engagement


def move(
    engagement: Engagement, name: str, *, by: User, note: str = "", version: int | None = None,
    until: date | None = None, told_client: str = "",
) -> Engagement:  # fmt: skip
    """Take the engagement one step on or back, put it on hold, take it up again, or withdraw it.

    `until` is the day a hold is expected to end, `told_client` how a withdrawal was told.
    Raises PermissionDenied, MoveRefused with what is still open, Invalid naming the field.
    """
    detail = {"told_client": told_client.strip()} if name == "withdraw" else None
    with LIFECYCLE.moving(
        name, engagement, by=by, note=note, version=version, detail=detail
    ) as row:
        _keep(name, engagement.status, row, by, note, until)
        if name == "withdraw" and not told_client.strip():
            raise Invalid(
                "Say how and when the client was told.", code="told_client_required",
                field="told_client",
            )  # fmt: skip
        for follow in AFTER_MOVES:
            follow(row, name, by)
    return engagement


def _keep(name: str, before: str, row: Engagement, by: User, note: str, until: date | None) -> None:
    """What a move sets besides the status. Raises Invalid."""
    now = timezone.now()
    if name == "hold":
        if until is None or until <= timezone.localdate():
            raise Invalid(
                "Give the day on which work is expected to go on, after today.",
                code="until_required", field="until",
            )  # fmt: skip
        row.held_from, row.held_until = before, until
    elif name == "resume":
        row.status, row.held_from, row.held_until = row.held_from, "", None
    elif name == "take_on":
        row.types_frozen_at = row.types_frozen_at or now
    elif name in ("step_back", "step_back_from_review"):
        row.status = BACK[S(before)]
        PhaseReturn.objects.create(
            engagement=row, from_status=before, to_status=row.status, reason=note.strip(),
            returned_by=by,
        )  # fmt: skip
    stamped = {"release": "released_at", "withdraw": "withdrawn_at", "lock": "locked_at"}.get(name)
    if stamped:
        setattr(row, stamped, now)


@outbox.follows(Engagement, "release")
def begin_wrap_up(lease: outbox.Lease) -> None:
    """The report is out: what is left is to put the file in order (soc.md, section 9)."""
    with LIFECYCLE.moving("begin_wrap_up", Engagement.objects.get(pk=lease.subject), by=SYSTEM):
        pass


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
