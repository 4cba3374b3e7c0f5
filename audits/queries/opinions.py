"""The opinion as it stands: proposed from the conclusions, decided or not, and what it lacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.urls import reverse

from audits.choices.conclusions import ControlValue
from audits.choices.opinions import OpinionPartKind, OpinionValue
from audits.models.opinions import Modification, Opinion, OpinionPart
from audits.papers import Content
from audits.queries.conclusions import ControlLine, ItemLine, RollUp, roll_up, value_of
from audits.rules.opinions import ItemFact, Modified, ProposedPart, carried, propose
from tenants.choices import EngagementStatus as S
from tenants.choices import ExamType
from tenants.findings import BLOCK, Finding
from tenants.models import Engagement, User
from tenants.permissions import P
from tenants.queries.searching import SHOWN
from tenants.queries.waiting import WaitingGroup, WaitingItem
from tenants.visibility import engagements_granting

ORDER = {str(kind): place for place, kind in enumerate(OpinionPartKind)}


@dataclass(slots=True)
class PartLine:
    """A part with what modifies it, and the word that would carry."""

    part: OpinionPart
    modifications: list[Modification]

    @property
    def carried(self) -> str:
        """What its modifications carry, by the table of section 14."""
        return carried([Modified(each.cause, each.pervasive) for each in self.modifications])


@dataclass(slots=True)
class OpinionStanding:
    """The opinion of an engagement, and what the conclusions propose now."""

    opinion: Opinion | None
    parts: list[PartLine] = field(default_factory=list)
    proposal: list[ProposedPart] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    items: Counter[str] = field(default_factory=Counter)
    controls: Counter[str] = field(default_factory=Counter)

    @property
    def is_behind(self) -> bool:
        """Whether items came to something else since it was proposed."""
        held = self.opinion
        return held is not None and held.proposed.get("items") != self.facts

    @property
    def deviates(self) -> int:
        """Controls that deviated and are reported, whatever the opinion (OP-02)."""
        return self.controls[ControlValue.WITH_DEVIATIONS] + self.controls[
            ControlValue.NOT_EFFECTIVE
        ]  # fmt: skip


def standing(engagement: Engagement) -> OpinionStanding:
    """The opinion with parts and modifications, beside what is proposed now."""
    found = roll_up(engagement)
    items = item_facts(found)
    opinion = rows(engagement).first()
    return OpinionStanding(
        opinion, lines(opinion) if opinion else [],
        propose(items, of_type_2=engagement.exam_type == ExamType.TYPE_2),
        {each.identifier: each.value for each in items},
        Counter(each.value for each in items),
        Counter(value_of(line) for line in found.controls.values()),
    )  # fmt: skip


def rows(engagement: Engagement) -> QuerySet[Opinion]:
    """The engagement's one opinion with its parts and what modifies them."""
    named = Modification.objects.select_related("scope_item")
    parts = OpinionPart.objects.prefetch_related(Prefetch("modifications", named))
    found: QuerySet[Opinion] = Opinion.objects.filter(engagement=engagement)
    return found.select_related(
        "engagement", "proposed_by", "decided_by"
    ).prefetch_related(Prefetch("parts", parts))  # fmt: skip


def lines(opinion: Opinion) -> list[PartLine]:
    """Its parts in the order of the report."""
    parts = sorted(opinion.parts.all(), key=lambda each: ORDER[each.part])
    return [PartLine(part, list(part.modifications.all())) for part in parts]


def item_facts(found: RollUp) -> list[ItemFact]:
    """Every item as it was concluded, with what was found in words of the controls."""
    by_ref = {line.ref: line for line in found.controls.values()}
    return [_fact(line, by_ref) for line in found.items.values()]


def _fact(line: ItemLine, by_ref: Mapping[str, ControlLine]) -> ItemFact:
    failed = [
        by_ref[each.ref] for each in line.outcomes if each.value == ControlValue.NOT_EFFECTIVE
    ]
    designs = [each.ref for each in failed if each.facts.design_fails]
    others = [each.ref for each in failed if not each.facts.design_fails]
    said = " ".join(
        f"{', '.join(refs)} {words}" for refs, words in (
            (designs, "would not have met it as designed."), (others, "did not operate as told."),
        ) if refs
    )  # fmt: skip
    item = line.item
    return ItemFact(
        item.identifier, item.series, item.category, item.common,
        line.conclusion.value if line.conclusion else "", said, bool(designs), line.others_rest_on,
    )  # fmt: skip


def reads(engagement: Engagement, ids: Collection[UUID] | None) -> Mapping[UUID, Content]:
    """What a signature on the opinion covers: values, reasons, bases, and the items' outcomes."""
    opinion = rows(engagement).first()
    if opinion is None or (ids is not None and opinion.pk not in ids):
        return {}
    parts: dict[str, Any] = {
        line.part.part: {
            "value": line.part.value, "proposed": line.part.proposed,
            "modifications": [
                {
                    "item": each.scope_item.identifier if each.scope_item else "",
                    "category": each.category, "cause": each.cause, "pervasive": each.pervasive,
                    "basis": each.basis,
                }
                for each in line.modifications
            ],
        }
        for line in lines(opinion)
    }  # fmt: skip
    return {
        opinion.pk: {
            "parts": parts,
            "reason": opinion.proposal_reason,
            "decision": opinion.decision_reason,
            "decided_by": opinion.decided_by_id,
            "items": item_values(engagement),
        }
    }


def item_values(engagement: Engagement) -> dict[str, str]:
    """Relevant item → what it was concluded to be."""
    return {each.identifier: each.value for each in item_facts(roll_up(engagement))}


def name(content: Content) -> str:
    """What lists call it."""
    return "Opinion"


def open_at_review(engagement: Engagement) -> list[Finding]:
    """The opinion is proposed with reasons, from the conclusions as they are (OP-01)."""
    held = standing(engagement)
    if held.opinion is None:
        return [_finding(engagement, "OP-01", "No opinion is proposed yet.", "Propose one.")]
    if held.is_behind:
        said = "The conclusions have changed since the opinion was proposed."
        return [_finding(engagement, "OP-01", said, "Propose it again.")]
    return []


def open_at_reporting(engagement: Engagement) -> list[Finding]:
    """The partner decided, on what stands now; every modified part has its basis, and every item
    that is not met is named or left out for a reason (OP-01, OP-04, OP-05)."""
    found = open_at_review(engagement)
    held = standing(engagement)
    opinion = held.opinion
    if opinion is None or found:
        return found
    if opinion.decided_at is None:
        said = "The partner has not decided the opinion."
        return [_finding(engagement, "OP-01", said, "The partner decides it.")]
    for line in held.parts:
        if (line.part.value != OpinionValue.UNMODIFIED) != bool(line.modifications):
            said = f"{line.part}: its modifications do not fit."
            found.append(_finding(engagement, "OP-04", said, "Write the basis and decide again."))
        for each in line.modifications:
            if (item := each.scope_item) and each.category != (
                "" if item.common else item.category
            ):
                said = f"{item.identifier}: its modification is worded for another category."
                found.append(_finding(engagement, "OP-05", said, "Write it anew."))
    return found


def _finding(engagement: Engagement, rule: str, said: str, cure: str) -> Finding:
    return Finding(rule, BLOCK, said, cure, ("audits:opinion", (engagement.pk,)), said[:80])


def to_decide(user: User) -> list[WaitingGroup]:
    """For partners: opinions that are proposed and wait for their decision (1 query)."""
    mine = engagements_granting(user, P.DECIDE_OPINION)
    waiting = (
        Opinion.objects.visible_to(user)
        .filter(engagement__in=mine, decided_at=None, engagement__status=S.REPORTING)
        .select_related("engagement")
    )
    items = [
        WaitingItem(
            "Decide the opinion", reverse("audits:opinion", args=[row.engagement_id]),
            engagement=row.engagement.title, note="",
        )
        for row in waiting
    ]  # fmt: skip
    if not items:
        return []
    return [WaitingGroup("Opinions", "To decide", items[:SHOWN], len(items), icon="gavel")]
