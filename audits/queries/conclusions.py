"""What is proposed and concluded of controls and scope items, and what review asks of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Sum

from audits.choices.conclusions import HOLDS, ControlValue, DependencyOutcome
from audits.choices.populations import DrawKind, PopulationStatus
from audits.models import ControlMapping, EngagementControl, ScopeItem
from audits.models.conclusions import ControlConclusion, DependencyReview, ScopeItemConclusion
from audits.models.deviations import Deviation
from audits.models.objective_bases import ObjectiveBasis
from audits.models.populations import Population
from audits.models.samples import SampleDraw
from audits.papers import Content
from audits.queries.deviations import of_controls
from audits.queries.firm_tables import evaluation
from audits.queries.test_results import ControlResult, results_of
from audits.rules.conclusions import (
    ControlFacts,
    Outcome,
    Proposal,
    propose_control,
    propose_item,
)
from tenants.choices import ExamType
from tenants.models import Engagement
from tenants.whole import whole_file

OTHERS_REST_ON = ("CC6", "CC8")
"""Series of the trust services criteria on which all others rest: access and change (OP-01)."""


@dataclass(slots=True)
class ControlLine:
    """A control: what was found, what is proposed, and what was concluded."""

    id: UUID
    ref: str
    title: str
    result: ControlResult
    facts: ControlFacts
    proposal: Proposal
    conclusion: ControlConclusion | None = None

    @property
    def is_behind(self) -> bool:
        """Whether something else is proposed by now than when it was concluded."""
        held = self.conclusion
        return held is not None and (held.proposed, held.tested, held.deviating) != (
            self.proposal.value, self.facts.tested, self.facts.deviating,
        )  # fmt: skip


@dataclass(slots=True)
class ItemLine:
    """A scope item: its controls' outcomes, what is proposed, and what was concluded."""

    item: ScopeItem
    outcomes: list[Outcome]
    proposal: Proposal
    conclusion: ScopeItemConclusion | None = None
    others_rest_on: bool = False

    @property
    def is_behind(self) -> bool:
        """Whether something else is proposed by now than when it was concluded."""
        held = self.conclusion
        return held is not None and held.proposed != self.proposal.value


@dataclass(slots=True)
class Dependency:
    """A control that failed, one that rests on it, and the look again, if there was one."""

    failed: EngagementControl
    dependent: EngagementControl
    review: DependencyReview | None = None


@dataclass(slots=True)
class RollUp:
    """All of an engagement: controls by ref, relevant items by position, dependencies."""

    table_number: int
    controls: dict[UUID, ControlLine] = field(default_factory=dict)
    items: dict[UUID, ItemLine] = field(default_factory=dict)
    dependencies: list[Dependency] = field(default_factory=list)


def roll_up(engagement: Engagement) -> RollUp:
    """From cells to items, as it stands now (16 queries, whatever their number).

    Counted over the whole file, so that everybody reads the same proposals: only counts,
    references and what people concluded leave it.
    """
    with whole_file(engagement):
        number, table = evaluation(engagement.firm_id)
        found = RollUp(number)
        rows = EngagementControl.objects.filter(engagement=engagement).order_by("ref")
        controls = {row.pk: row for row in rows}
        facts = _facts(engagement)
        held = {
            row.control_id: row
            for row in ControlConclusion.objects.filter(engagement=engagement)
            .select_related("concluded_by", "control")
        }  # fmt: skip
        for key, (result, fact) in facts.items():
            found.controls[key] = ControlLine(
                key, result.ref, controls[key].title, result, fact, propose_control(fact, table),
                held.get(key),
            )  # fmt: skip
        found.items = _items(engagement, found.controls)
        found.dependencies = _dependencies(engagement, controls, found.controls)
    return found


def _facts(engagement: Engagement) -> dict[UUID, tuple[ControlResult, ControlFacts]]:
    """Control → what was found of it (7 queries)."""
    deviations = of_controls(engagement)
    rows_of = dict(
        Population.objects.filter(engagement=engagement, status=PopulationStatus.ACCEPTED)
        .values_list("test__control").annotate(count=Sum("row_count")).order_by()
    )  # fmt: skip
    grown = set(
        SampleDraw.objects.filter(engagement=engagement, kind=DrawKind.EXPANSION)
        .values_list("sample__population__test__control", flat=True)
    )  # fmt: skip
    falls: dict[UUID, list[str]] = defaultdict(list)
    reviews = DependencyReview.objects.filter(
        engagement=engagement, outcome=DependencyOutcome.FALLS
    )
    for dependent, ref in reviews.order_by("failed__ref").values_list("dependent", "failed__ref"):
        falls[dependent].append(ref)
    return {
        key: (result, ControlFacts(
            ref=result.ref, frequency=result.frequency, key=result.key, design=result.design,
            design_fails=result.design_fails, of_type_2=engagement.exam_type == ExamType.TYPE_2,
            operation=tuple(each.conclusion for each in result.operation),
            tested=result.tested, deviating=result.deviating,
            everything=0 < result.tested == rows_of.get(key, 0),
            natures=tuple(sorted(each.nature for each in deviations.get(key, ()))),
            expanded=key in grown, falls_with=tuple(falls.get(key, ())),
        ))
        for key, result in results_of(engagement).items()
    }  # fmt: skip


def _items(engagement: Engagement, controls: Mapping[UUID, ControlLine]) -> dict[UUID, ItemLine]:
    """Relevant items with their outcomes (5 queries)."""
    answering: dict[UUID, list[UUID]] = defaultdict(list)
    mapped = ControlMapping.objects.filter(engagement=engagement).order_by("control__ref")
    for item, control in mapped.values_list("scope_item", "control"):
        answering[item].append(control)
    caught: dict[UUID, set[UUID]] = defaultdict(set)
    named = Deviation.objects.filter(engagement=engagement, compensating__isnull=False)
    for control, by in named.values_list("control", "compensating"):
        caught[control].add(by)
    held = {
        row.scope_item_id: row
        for row in ScopeItemConclusion.objects.filter(engagement=engagement)
        .select_related("concluded_by", "scope_item")
    }  # fmt: skip
    supporting = set(
        ObjectiveBasis.objects.filter(engagement=engagement, supports__isnull=False)
        .values_list("scope_item", flat=True)
    )  # fmt: skip
    found = {}
    items = ScopeItem.objects.filter(engagement=engagement, relevant=True).order_by("position")
    for item in items:
        outcomes = [
            _outcome(controls, key, caught[key] & set(answering[item.pk]))
            for key in answering[item.pk]
        ]
        found[item.pk] = ItemLine(
            item, outcomes, propose_item(outcomes), held.get(item.pk),
            item.pk in supporting or item.identifier.startswith(OTHERS_REST_ON),
        )  # fmt: skip
    return found


def _outcome(
    controls: Mapping[UUID, ControlLine], key: UUID, caught_by: Collection[UUID]
) -> Outcome:
    line = controls[key]
    compensated = any(value_of(controls[each]) in HOLDS for each in caught_by)
    return Outcome(line.ref, line.facts.key, value_of(line), compensated)


def value_of(line: ControlLine) -> str:
    """What a control was concluded to be; empty while nobody did."""
    return line.conclusion.value if line.conclusion else ""


def _dependencies(
    engagement: Engagement, rows: Mapping[UUID, EngagementControl],
    controls: Mapping[UUID, ControlLine],
) -> list[Dependency]:  # fmt: skip
    """Controls that rest on one that is not effective (1 query)."""
    reviews = {
        (row.failed_id, row.dependent_id): row
        for row in DependencyReview.objects.filter(engagement=engagement)
    }
    return [
        Dependency(rows[on], rows[key], reviews.get((on, key)))
        for key, line in controls.items()
        for on in line.result.dependents_of
        if on in controls and value_of(controls[on]) == ControlValue.NOT_EFFECTIVE
    ]


def control_reads(engagement: Engagement, ids: Collection[UUID] | None) -> Mapping[UUID, Content]:
    """What a signature on each control's conclusion covers: the words and the outcomes below."""
    rows = ControlConclusion.objects.filter(engagement=engagement).select_related("control")
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    held = list(rows.order_by("control__ref"))
    if not held:
        return {}
    results, deviations = results_of(engagement), of_controls(engagement)
    looked: dict[UUID, list[str]] = defaultdict(list)
    reviews = DependencyReview.objects.filter(engagement=engagement).select_related("failed")
    for each in reviews.order_by("failed__ref"):
        looked[each.dependent_id].append(f"{each.failed.ref}: {each.outcome}: {each.reason}")
    return {
        row.pk: {
            "ref": row.control.ref, "value": row.value, "proposed": row.proposed,
            "reason": row.reason, "tested": row.tested, "deviating": row.deviating,
            "rate": row.rate, "upper_limit": row.upper_limit, "table": row.table_number,
            "tests": [
                f"{each.kind} {each.number}: {each.conclusion}"
                for each in (*results[row.control_id].designs, *results[row.control_id].operation)
            ],
            "deviations": [
                f"{each.number}: {each.nature}" for each in deviations.get(row.control_id, ())
            ],
            "dependencies": looked[row.control_id],
        }
        for row in held
    }  # fmt: skip


def item_reads(engagement: Engagement, ids: Collection[UUID] | None) -> Mapping[UUID, Content]:
    """What a signature on each item's conclusion covers: the words and its controls' values."""
    rows = ScopeItemConclusion.objects.filter(engagement=engagement).select_related("scope_item")
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    held = list(rows.order_by("scope_item__position"))
    if not held:
        return {}
    values = dict(
        ControlConclusion.objects.filter(engagement=engagement).values_list("control", "value")
    )
    below: dict[UUID, list[str]] = defaultdict(list)
    mapped = ControlMapping.objects.filter(engagement=engagement).order_by("control__ref")
    for item, key, ref in mapped.values_list("scope_item", "control", "control__ref"):
        below[item].append(f"{ref}: {values.get(key, '')}")
    return {
        row.pk: {
            "identifier": row.scope_item.identifier, "value": row.value,
            "proposed": row.proposed, "reason": row.reason,
            "pervasive_asked": row.pervasive_asked, "controls": below[row.scope_item_id],
        }
        for row in held
    }  # fmt: skip


def control_name(content: Content) -> str:
    """What lists call one."""
    return f"Conclusion on {content['ref']}"


def item_name(content: Content) -> str:
    """What lists call one."""
    return f"Conclusion on {content['identifier']}"


def is_unmet(content: Content) -> bool:
    """Whether the partner must see it (SO-06)."""
    return content["value"] not in ("met", "met_with_deviations")
