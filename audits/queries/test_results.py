"""What the tests of an engagement came to, control by control; every deviating cell."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q

from audits.choices.populations import PopulationStatus
from audits.choices.testing import DESIGN_FAILS, CellResult, Risk, TestKind, TestStatus
from audits.choices.testing import TestConclusion as C
from audits.models import EngagementControl
from audits.models.control_tests import ControlPlan, ControlTest
from audits.models.results import TestCell
from audits.models.samples import SampleItem
from tenants.models import Engagement


@dataclass(frozen=True, slots=True)
class TestResult:
    """One test: `tested` items that count, `deviating` those with a cell that deviates."""

    id: UUID
    number: int
    kind: str
    status: str
    conclusion: str
    covers_from: date | None
    covers_to: date | None
    tested: int
    deviating: int

    @property
    def is_concluded(self) -> bool:
        """Whether somebody has said what it came to."""
        return self.status == TestStatus.CONCLUDED


@dataclass(slots=True)
class ControlResult:
    """One control: its last concluded test of design, and its tests of operation by number.

    design: empty while no test of design is concluded.
    """

    control_id: UUID
    ref: str
    frequency: str
    nature: str
    key: bool = True
    risk: str = Risk.STANDARD
    dependents_of: list[UUID] = field(default_factory=list)
    design: str = ""
    designs: list[TestResult] = field(default_factory=list)
    operation: list[TestResult] = field(default_factory=list)

    @property
    def design_fails(self) -> bool:
        """Whether it would not do, or is not there (TP-03)."""
        return self.design in DESIGN_FAILS

    @property
    def tested(self) -> int:
        """Items tested for operation."""
        return sum(each.tested for each in self.operation)

    @property
    def deviating(self) -> int:
        """Items that deviate."""
        return sum(each.deviating for each in self.operation)

    @property
    def operates(self) -> bool:
        """Whether its design holds, and tests of operation show no deviation."""
        held = [each.conclusion for each in self.operation]
        return self.design == C.SUITABLY_DESIGNED and set(held) == {C.NO_DEVIATIONS}


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell that deviates, with what it is about."""

    id: UUID
    control_id: UUID
    ref: str
    test_id: UUID
    item_id: UUID
    position: int
    attribute_id: UUID
    letter: str
    text: str
    note: str


def results_of(engagement: Engagement) -> dict[UUID, ControlResult]:
    """Control → what its tests came to; every control of the engagement (3 queries)."""
    controls = EngagementControl.objects.filter(engagement=engagement).order_by("ref")
    found = {
        each.pk: ControlResult(each.pk, each.ref, each.frequency, each.nature) for each in controls
    }
    for plan in ControlPlan.objects.filter(engagement=engagement):
        held = found[plan.control_id]
        held.key, held.risk, held.dependents_of = plan.key, plan.risk, plan.dependents_of
    for control, told in _tests(engagement):
        held = found[control]
        if told.kind == TestKind.OPERATION:
            held.operation.append(told)
            continue
        held.designs.append(told)
        if told.is_concluded:
            held.design = told.conclusion
    return found


def _tests(engagement: Engagement) -> list[tuple[UUID, TestResult]]:
    """Every test by number with its items counted (1 query)."""
    counts = Q(items__replaced_by__isnull=True) & (
        Q(items__sample=None) | ~Q(items__sample__population__status=PopulationStatus.SUPERSEDED)
    )
    deviates = counts & Q(items__cells__result=CellResult.DEVIATION)
    rows = ControlTest.objects.filter(engagement=engagement).annotate(
        tested=Count("items", filter=counts, distinct=True),
        deviating=Count("items", filter=deviates, distinct=True),
    )
    return [
        (
            row.control_id,
            TestResult(
                row.pk, row.number, row.kind, row.status, row.conclusion, row.covers_from,
                row.covers_to, row.tested, row.deviating,
            ),
        )
        for row in rows.order_by("number")
    ]  # fmt: skip


def deviating_cells(engagement: Engagement) -> list[Cell]:
    """Every cell that deviates, of items that count, by control and item (1 query)."""
    replaced = SampleItem.objects.filter(replaces=OuterRef("item"))
    rows = TestCell.objects.filter(engagement=engagement, result=CellResult.DEVIATION)
    counted = rows.exclude(Exists(replaced)).exclude(
        item__sample__population__status=PopulationStatus.SUPERSEDED
    )
    found = counted.select_related("test__control", "item", "attribute").order_by(
        "test__control__ref", "test__number", "item__position", "attribute__position"
    )
    return [
        Cell(
            row.pk, row.test.control_id, row.test.control.ref, row.test_id, row.item_id,
            row.item.position, row.attribute_id, row.attribute.letter, row.attribute.text, row.note,
        )
        for row in found
    ]  # fmt: skip


def pending_in(engagement: Engagement) -> dict[UUID, int]:
    """Test → its cells without a result, of items that count (3 queries)."""
    attributes: Counter[UUID] = Counter()
    tests = ControlTest.objects.filter(engagement=engagement)
    for key, count in tests.annotate(count=Count("attributes")).values_list("pk", "count"):
        attributes[key] = count
    items: dict[UUID, set[UUID]] = defaultdict(set)
    rows = SampleItem.objects.filter(engagement=engagement, replaced_by__isnull=True)
    rows = rows.exclude(sample__population__status=PopulationStatus.SUPERSEDED)
    for test, item in rows.values_list("test", "pk"):
        items[test].add(item)
    filled: Counter[UUID] = Counter()
    for test, item in TestCell.objects.filter(engagement=engagement).values_list("test", "item"):
        filled[test] += item in items[test]
    pending = {key: len(held) * attributes[key] - filled[key] for key, held in items.items()}
    return {key: count for key, count in pending.items() if count > 0}
