"""What the narratives of an engagement's controls leave open when planning ends (NR-01 to NR-14).

Controls that answer to nothing in scope are not examined, and so not asked about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from audits.models import ControlMapping, EngagementControl
from audits.models.narratives import NarrativeApproval
from audits.rules.narrative_facts import NarrativeFacts, Problem, Score
from audits.rules.narrative_likeness import shingles_of
from audits.rules.narratives import check
from tenants.findings import BLOCK, WARN, Finding
from tenants.models import Engagement

NAMED = 5
WHY = "NR-14"
Scored = list[tuple[EngagementControl, Score]]


def without_reason(engagement: Engagement) -> QuerySet[Any]:
    """Mappings to what is examined that do not say why, by control and scope item."""
    rows = ControlMapping.objects.filter(
        engagement=engagement, scope_item__relevant=True, rationale=""
    )
    found: QuerySet[Any] = rows.select_related("control", "scope_item")
    return found.order_by("control__ref", "scope_item__position")


def open_at_planning(engagement: Engagement) -> list[Finding]:
    """Blockers by control, warnings and missing approvals by rule (3 queries)."""
    scored = _scored(engagement)
    blocked = [_blocked(engagement, control, score) for control, score in scored]
    return [
        *filter(None, blocked), *_reasons(engagement, scored), *_warned(engagement, scored),
        *_unapproved(engagement, [control for control, _ in scored]),
    ]  # fmt: skip


def _scored(engagement: Engagement) -> Scored:
    """Each control that is examined, by id, with how it is told (2 queries)."""
    mappings: dict[UUID, dict[str, str]] = defaultdict(dict)
    rows = ControlMapping.objects.filter(engagement=engagement, scope_item__relevant=True)
    for control, name, why in rows.values_list("control", "scope_item__identifier", "rationale"):
        mappings[control][name] = why
    held = list(EngagementControl.objects.filter(engagement=engagement).order_by("ref"))
    roles = tuple(sorted({control.owner_role for control in held}))
    inventory = tuple(sorted({system for control in held for system in control.systems}))
    told = {control.ref: shingles_of(control.narrative) for control in held}
    scored = []
    for control in held:
        if control.pk in mappings:
            facts = NarrativeFacts(
                control.ref, control.owner_role, control.frequency, control.nature,
                tuple(control.systems), roles, inventory, mappings[control.pk],
            )  # fmt: skip
            others = {ref: runs for ref, runs in told.items() if ref != control.ref}
            scored.append((control, check(control.narrative, facts, others)))
    return scored


def _blocked(engagement: Engagement, control: EngagementControl, score: Score) -> Finding | None:
    """What a control's own text leaves out; reasons of mappings are said for all at once."""
    blockers: list[Problem] = [one for one in score.blockers if one.rule != WHY]
    if not blockers:
        return None
    first, more = blockers[0], len(blockers) - 1
    text = f"{control.ref}: {first.says}" + (f" And {more} more." if more else "")
    return Finding(
        first.rule, BLOCK, text,
        "The client tells it otherwise in its library; then take the control again.",
        ("audits:control", (engagement.pk, control.pk)), subject=control.ref,
        facts={"rules": [one.rule for one in blockers], "version": control.narrative_number},
    )  # fmt: skip


def _reasons(engagement: Engagement, scored: Scored) -> Iterator[Finding]:
    silent = [control.ref for control, score in scored if _says(score, WHY)]
    if silent:
        yield Finding(
            WHY, BLOCK, f"{_count(silent)} without a reason for a mapping ({_named(silent)}).",
            "Say in one line why each answers to what it is mapped to.",
            ("audits:mapping_reasons", (engagement.pk,)), facts={"controls": silent},
        )  # fmt: skip


def _warned(engagement: Engagement, scored: Scored) -> Iterator[Finding]:
    """One line for each rule that only warns."""
    found: dict[str, list[str]] = defaultdict(list)
    for control, score in scored:
        for one in score.problems[len(score.blockers) :]:
            found[one.rule].append(control.ref)
    for rule, refs in sorted(found.items()):
        yield Finding(
            rule, WARN, f"{_count(refs)} told with a warning ({_named(refs)}).",
            "Ask the client whether it holds as it stands.",
            ("audits:controls", (engagement.pk,)), facts={"controls": refs},
        )  # fmt: skip


def _unapproved(engagement: Engagement, held: list[EngagementControl]) -> Iterator[Finding]:
    """The version that was taken has no second person of the client behind it (1 query)."""
    rows = NarrativeApproval.objects.filter(
        client=engagement.client_id, narrative__control__in=[one.control_id for one in held]
    )
    approved = set(rows.values_list("narrative__control", "narrative__number"))
    open_ = [one.ref for one in held if (one.control_id, one.narrative_number) not in approved]
    if open_:
        yield Finding(
            "SO-08", WARN, f"{_count(open_)} not approved by a second person ({_named(open_)}).",
            "Ask the client to approve the versions that were taken.",
            ("audits:controls", (engagement.pk,)), facts={"controls": open_},
        )  # fmt: skip


def _says(score: Score, rule: str) -> bool:
    return any(one.rule == rule for one in score.problems)


def _count(refs: list[str]) -> str:
    return "1 control is" if len(refs) == 1 else f"{len(refs)} controls are"


def _named(refs: list[str]) -> str:
    return ", ".join(refs[:NAMED]) + (" …" if len(refs) > NAMED else "")
