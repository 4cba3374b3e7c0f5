"""Proposing the opinion, naming what modifies it, and the partner's decision (OP-01 to OP-05)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from audits.choices.opinions import ModificationCause, OpinionValue
from audits.models import ScopeItem
from audits.models.opinions import Modification, Opinion, OpinionPart
from audits.queries.opinions import OpinionStanding, lines, rows, standing
from audits.rules.opinions import LONGEST, Modified, ProposedPart, refusal, thin_basis
from tenants import trail
from tenants.choices import EngagementStatus as S
from tenants.errors import Invalid, NotVisible, Refused, StaleVersion
from tenants.lifecycle import changing, locked
from tenants.models import Engagement, User
from tenants.permissions import P, require

WHILE: Final = (S.REVIEW, S.REPORTING)


def propose(engagement: Engagement, reason: str, *, by: User) -> Opinion:
    """Propose what the conclusions ask for, with reasons; a decision that stood is open again.

    Bases that were written stay where their modification is still proposed. Raises
    PermissionDenied, Invalid, Refused outside review and reporting or while items are open.
    """
    require(by, P.PROPOSE_OPINION, engagement)
    why = _words(reason, "reason", "Say what the proposal rests on.")
    with transaction.atomic():
        row = locked(engagement)
        _refuse_phase(row)
        now = standing(row)
        if missing := [key for key, value in now.facts.items() if not value]:
            raise Refused(
                f"Not concluded yet: {', '.join(missing[:5])}. The opinion rests on every item.",
                code="items_open",
            )
        opinion = _proposed(row, now, why, by)
        for each in now.proposal:
            _write_part(opinion, each, ScopeItem.objects.filter(engagement=row))
        trail.record(
            "opinion_proposed", opinion, by=by, engagement_id=row.pk,
            detail={each.part: each.value for each in now.proposal},
        )  # fmt: skip
    return opinion


def _proposed(engagement: Engagement, now: OpinionStanding, why: str, by: User) -> Opinion:
    opinion = now.opinion or Opinion(engagement=engagement)
    opinion.version += 0 if opinion._state.adding else 1
    opinion.proposed = {
        "items": now.facts, "parts": {each.part: each.value for each in now.proposal},
    }  # fmt: skip
    opinion.proposal_reason, opinion.proposed_by = why, by
    opinion.proposed_at = timezone.now()
    _open_again(opinion)
    opinion.save()
    return opinion


def _write_part(opinion: Opinion, proposed: ProposedPart, items: Any) -> None:
    part, _ = OpinionPart.objects.update_or_create(
        engagement=opinion.engagement, opinion=opinion, part=proposed.part,
        defaults={"value": proposed.value, "proposed": proposed.value},
    )  # fmt: skip
    kept = {
        each.scope_item.identifier: each
        for each in Modification.objects.filter(part=part).select_related("scope_item")
        if each.scope_item
    }
    wanted = {each.identifier: each for each in proposed.modifications}
    for identifier, old in kept.items():
        if identifier not in wanted or old.cause != wanted[identifier].cause:
            old.delete()
    known = {item.identifier: item for item in items.filter(identifier__in=wanted)}
    for identifier, new in wanted.items():
        if identifier not in kept or kept[identifier].cause != new.cause:
            Modification.objects.create(
                engagement=opinion.engagement, part=part, scope_item=known[identifier],
                category=new.category, cause=new.cause, pervasive=new.pervasive, basis=new.basis,
            )  # fmt: skip


def modify(
    opinion: Opinion, part: str, scope_item: ScopeItem | None, *, cause: str,
    pervasive: bool | None, basis: str, by: User, version: int | None = None,
) -> Modification:  # fmt: skip
    """Write what modifies a part, in place of what stood there for the item.

    The decision, if there was one, is open again. Raises PermissionDenied, Invalid (OP-04),
    NotVisible for a part there is not, Refused, StaleVersion.
    """
    require(by, P.PROPOSE_OPINION, opinion.engagement)
    if cause not in ModificationCause.values:
        raise Invalid("Choose the cause.", code="choice", field="cause")
    said = _words(basis, "basis", thin_basis("", ""))
    if thin := thin_basis(said, scope_item.identifier if scope_item else ""):
        raise Invalid(thin, code="basis_thin", field="basis")
    with _changed(opinion, "opinion_modified", by) as row:
        place = OpinionPart.objects.filter(opinion=row, part=part).first()
        if place is None:
            raise NotVisible("The opinion has no such part.")
        named = {"engagement": row.engagement, "part": place, "scope_item": scope_item}
        held = Modification.objects.filter(**named).first() or Modification(**named)
        if version is not None and version != (0 if held._state.adding else held.version):
            raise StaleVersion("Somebody changed this since you opened it; look again first.")
        held.version += 0 if held._state.adding else 1
        common = scope_item is None or scope_item.common
        held.category = "" if common or scope_item is None else scope_item.category
        held.cause, held.pervasive, held.basis = cause, pervasive, said
        held.save()
    return held


def drop_modification(modification: Modification, *, by: User, version: int | None = None) -> None:
    """Take a modification out; the decision is open again. Raises PermissionDenied, Refused."""
    opinion = modification.part.opinion
    require(by, P.PROPOSE_OPINION, opinion.engagement)
    if version is not None and version != modification.version:
        raise StaleVersion("Somebody changed this since you opened it; look again first.")
    with _changed(opinion, "opinion_unmodified", by):
        Modification.objects.filter(pk=modification.pk).delete()


def decide(
    opinion: Opinion, values: Mapping[str, str], *, reason: str = "", by: User,
    version: int | None = None,
) -> Opinion:  # fmt: skip
    """The partner decides each part; another word than proposed needs a reason (OP-01).

    Raises PermissionDenied, Invalid (OP-01, OP-04), Refused outside reporting or when the
    conclusions have changed since it was proposed, StaleVersion.
    """
    require(by, P.DECIDE_OPINION, opinion.engagement)
    why = reason.strip()
    if len(why) > LONGEST or "\0" in why:
        raise Invalid(f"At most {LONGEST:,} characters fit.", code="too_long", field="reason")
    with changing("opinion_decided", opinion, by=by, version=version) as row:
        _refuse_phase(row.engagement)
        now = standing(row.engagement)
        if now.is_behind:
            raise Refused(
                "OP-01: the conclusions have changed since it was proposed. Propose it again.",
                code="opinion_behind",
            )
        differs = False
        for line in lines(rows(row.engagement).get()):
            value = values.get(line.part.part, line.part.value)
            if value not in OpinionValue.values:
                raise Invalid("Choose what you say.", code="choice", field=line.part.part)
            named = [Modified(each.cause, each.pervasive) for each in line.modifications]
            if said := refusal(line.part.part, value, named):
                raise Invalid(said, code="not_carried", field=line.part.part)
            differs |= value != line.part.proposed
            if value != line.part.value:
                line.part.value, line.part.version = value, line.part.version + 1
                line.part.save()
        if differs and not why:
            raise Invalid(
                "OP-01: say why you decide otherwise than proposed.", code="required",
                field="reason",
            )  # fmt: skip
        row.decided_by, row.decided_at, row.decision_reason = by, timezone.now(), why
    return opinion


@contextmanager
def _changed(opinion: Opinion, verb: str, by: User) -> Iterator[Opinion]:
    """The opinion, locked for a write below it; its decision is open again."""
    with changing(verb, opinion, by=by) as row:
        _refuse_phase(row.engagement)
        _open_again(row)
        yield row


def _open_again(row: Opinion) -> None:
    row.decided_by, row.decided_at, row.decision_reason = None, None, ""


def _refuse_phase(engagement: Engagement) -> None:
    if engagement.status not in WHILE:
        raise Refused(
            "The opinion belongs into review and reporting. The engagement stands in "
            f"“{engagement.get_status_display().lower()}”.",
            code="phase_without_opinion",
        )


def _words(text: str, field: str, missing: str) -> str:
    said = text.strip()
    if not said:
        raise Invalid(missing, code="required", field=field)
    if len(said) > LONGEST or "\0" in said:
        raise Invalid(f"At most {LONGEST:,} characters fit here.", code="too_long", field=field)
    return said
