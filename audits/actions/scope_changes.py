"""Changing what is examined after acceptance: asked for, proposed, decided, carried out (RT-17)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from audits.actions import scope
from audits.choices.scope_changes import (
    OF_THE_TERMS,
    ScopeChangeKind,
    ScopeChangeReason,
)
from audits.choices.scope_changes import ScopeChangeStatus as S
from audits.choices.system import SubserviceMethod
from audits.models.scope_changes import ScopeChange, ScopeProposal
from audits.models.subservices import EngagementSubservice
from audits.rules.scope import refuse_closed
from tenants import trail
from tenants.canonical import plain
from tenants.choices import Category, ExamType
from tenants.errors import Invalid, Refused
from tenants.lifecycle import Lifecycle, Move, locked
from tenants.models import Engagement, User
from tenants.permissions import P, require
from tenants.queries.engagements import terms_of
from tenants.rules.engagements import Terms, check_terms

LONGEST: Final = 4_000
HIDING: Final = (
    "RT-17: what is examined is not changed to avoid a modified opinion or to hide deviations. "
    "Report what was found."
)
LIFECYCLE = Lifecycle(
    Move("approve", [S.PROPOSED], S.APPROVED, P.DECIDE_ENGAGEMENT, note="optional"),
    Move("refuse", [S.PROPOSED], S.REFUSED, P.DECIDE_ENGAGEMENT, note="required"),
    Move("apply", [S.APPROVED], S.APPLIED, P.SET_SCOPE, label="Carry it out"),
)


@dataclass(frozen=True, slots=True)
class Proposed:
    """A change as it is proposed. `after`: values of the terms, or words for the other kinds."""

    kind: str
    asked_by: str
    reason_code: str
    reason: str
    effect: str
    after: Mapping[str, Any] = field(default_factory=dict)


def ask(engagement: Engagement, text: str, *, by: User) -> ScopeProposal:
    """The client asks the firm for a change; nothing is decided by it.

    Raises PermissionDenied, Invalid, Refused once the work is over.
    """
    require(by, P.VIEW_CLIENT_FILE, engagement)
    require(by, P.PROPOSE_SCOPE, engagement)
    said = _words(text, "text", "Say what should be examined otherwise.")
    with transaction.atomic():
        row = locked(engagement)
        refuse_closed(row.status)
        asked: ScopeProposal = ScopeProposal.objects.create(
            engagement=row, text=said, proposed_by=by
        )
        trail.record("scope_asked", asked, by=by, engagement_id=row.pk)
    return asked


def propose(engagement: Engagement, proposed: Proposed, *, by: User) -> ScopeChange:
    """Propose a change after acceptance, for the partner to decide.

    Raises PermissionDenied, Invalid naming the field (RT-17 for a reason that hides something),
    Refused before acceptance has ended, when terms are simply changed, and once the work is over.
    """
    require(by, P.VIEW_FIRM_FILE, engagement)
    require(by, P.PROPOSE_SCOPE, engagement)
    if proposed.kind not in ScopeChangeKind.values:
        raise Invalid("Choose what changes.", code="choice", field="kind")
    if proposed.reason_code == ScopeChangeReason.AVOID_MODIFICATION:
        raise Invalid(HIDING, code="hides_deviations", field="reason_code")
    if proposed.reason_code not in ScopeChangeReason.values:
        raise Invalid("Choose why.", code="choice", field="reason_code")
    words = {
        name: _words(getattr(proposed, name), name, said)
        for name, said in (
            ("asked_by", "Name who asks for it."), ("reason", "Say why."),
            ("effect", "Say what it does to the work and to readers."),
        )
    }  # fmt: skip
    with transaction.atomic():
        row = locked(engagement)
        _refuse_phase(row)
        before, after = _values(row, proposed)
        change = ScopeChange(
            engagement=row, kind=proposed.kind, reason_code=proposed.reason_code, before=before,
            after=after, proposed_by=by, **words,
        )  # fmt: skip
        change.save(force_insert=True)
        trail.record("scope_proposed", change, by=by, engagement_id=row.pk)
    return change


def decide(
    change: ScopeChange, name: str, *, by: User, note: str = "", version: int | None = None
) -> ScopeChange:
    """The partner approves or refuses it. Raises PermissionDenied, MoveRefused, Invalid."""
    with LIFECYCLE.moving(name, change, by=by, note=note, version=version) as row:
        row.decision, row.decided_by, row.decided_at = note.strip(), by, timezone.now()
    return change


def apply(
    change: ScopeChange, *, by: User, confirmed: bool = False, version: int | None = None
) -> ScopeChange:
    """Carry out what was approved: the terms change, and the frozen scope follows.

    `confirmed`: what hangs on criteria that go may go. Raises PermissionDenied, MoveRefused,
    Invalid where the terms no longer allow it, Refused with what would be orphaned.
    """
    with transaction.atomic():
        engagement = locked(change.engagement)
        with LIFECYCLE.moving("apply", change, by=by, version=version):
            pass
        if change.kind in OF_THE_TERMS:
            terms = terms_after(engagement, change.after)
            scope.change_terms(
                engagement, terms, by=by, confirmed=confirmed, scope_change_id=change.pk
            )
    return change


def let_carve_out(subservice: EngagementSubservice, method: str, by: User) -> None:
    """After acceptance an included organization is carved out by an approved change alone (RT-17).

    The oldest one that waits is carried out with it. Raises Refused.
    """
    included = subservice.method == SubserviceMethod.INCLUSIVE
    engagement = subservice.engagement
    if not (included and method == SubserviceMethod.CARVE_OUT and engagement.types_frozen_at):
        return
    waiting = ScopeChange.objects.filter(
        engagement=engagement, kind=ScopeChangeKind.SUBSERVICE_METHOD, status=S.APPROVED
    )
    change = waiting.select_related("engagement__client").order_by("decided_at").first()
    if change is None:
        raise Refused(
            "RT-17: after acceptance an included organization is carved out by a change of scope "
            "that the partner approved. Propose one on the page of the terms.",
            code="scope_change_needed",
        )
    apply(change, by=by)


def move(
    change: ScopeChange, name: str, *, by: User, note: str = "", version: int | None = None,
    confirmed: bool = False,
) -> ScopeChange:  # fmt: skip
    """Any of the moves, by its name."""
    if name == "apply":
        return apply(change, by=by, confirmed=confirmed, version=version)
    return decide(change, name, by=by, note=note, version=version)


def terms_after(engagement: Engagement, after: Mapping[str, Any]) -> Terms:
    """The terms with the values of a change in them."""
    held = asdict(terms_of(engagement))
    dates = {
        name: date.fromisoformat(value) if value else None
        for name, value in after.items()
        if name != "categories"
    }
    categories = tuple(after.get("categories", held["categories"]))
    return Terms(**{**held, **dates, "categories": categories})


def _values(engagement: Engagement, proposed: Proposed) -> tuple[dict[str, Any], dict[str, Any]]:
    """(before, after) as they are kept. Raises Invalid naming the field."""
    names = {
        ScopeChangeKind.CATEGORIES: ("categories",),
        ScopeChangeKind.PERIOD: ("as_of",) if engagement.exam_type == ExamType.TYPE_1
        else ("period_start", "period_end"),
    }.get(ScopeChangeKind(proposed.kind), ("words",))  # fmt: skip
    if names == ("words",):
        told = {name: str(proposed.after.get(name, "")) for name in ("before", "after")}
        words = {name: _words(text, name, "Say how it is.") for name, text in told.items()}
        return {"words": words["before"]}, {"words": words["after"]}
    before = plain({name: getattr(engagement, name) for name in names})
    after = plain({name: proposed.after.get(name) or before[name] for name in names})
    if "categories" in after:
        before["categories"] = sorted(before["categories"])
        after["categories"] = sorted(set(after["categories"]))
        unknown = [each for each in after["categories"] if each not in Category.values]
        if unknown:
            raise Invalid("There is no such category.", code="choice", field="categories")
    if before == after:
        raise Invalid("Nothing changes by that.", code="nothing_changes", field=names[0])
    check_terms(terms_after(engagement, after))
    return before, after


def _refuse_phase(engagement: Engagement) -> None:
    refuse_closed(engagement.status)
    if not engagement.types_frozen_at:
        raise Refused(
            "Until acceptance ends the terms are simply changed; a change of scope is for later.",
            code="not_accepted_yet",
        )


def _words(text: str, field_name: str, missing: str) -> str:
    said = text.strip()
    longest = 160 if field_name == "asked_by" else LONGEST
    if not said:
        raise Invalid(missing, code="required", field=field_name)
    if len(said) > longest or "\0" in said:
        raise Invalid(f"At most {longest:,} characters fit.", code="too_long", field=field_name)
    return said
