"""The testing grid: the items of a test by its attributes, and what each cell came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from audits.choices.populations import PopulationPart, PopulationStatus
from audits.choices.testing import CellResult, ProcedureNature, TestKind
from audits.choices.testing import TestConclusion as C
from audits.models.control_tests import ControlTest, TestAttribute
from audits.models.populations import Population
from audits.models.results import TestCell
from audits.models.samples import SampleItem
from audits.models.walkthroughs import Walkthrough


@dataclass(slots=True)
class Line:
    """One item and its cells, one for each attribute in order; None where it is pending."""

    item: SampleItem
    cells: list[TestCell | None]
    facts: list[str] = field(default_factory=list)

    @property
    def placed(self) -> list[tuple[int, TestCell | None]]:
        """The cells with their places."""
        return list(enumerate(self.cells))


@dataclass(slots=True)
class Grid:
    """Items × attributes of one test. `headings` are the columns of its rows of a population."""

    test: ControlTest
    attributes: Sequence[TestAttribute]
    lines: list[Line]
    headings: list[str]

    @property
    def counts(self) -> Counter[str]:
        """How many cells came to each result, and “pending”."""
        found: Counter[str] = Counter(
            cell.result if cell else "pending" for line in self.lines for cell in line.cells
        )
        return found


def counted(test: ControlTest | UUID) -> QuerySet[Any]:
    """The items of a test that count: not replaced, and of no replaced population."""
    rows: QuerySet[Any] = SampleItem.objects.filter(test=test, replaced_by__isnull=True)
    kept = rows.exclude(sample__population__status=PopulationStatus.SUPERSEDED)
    return kept.order_by("position")


def grid_of(test: ControlTest) -> Grid:
    """The grid of a test, as far as its items are seen (3 queries)."""
    attributes = list(TestAttribute.objects.filter(test=test).order_by("position"))
    places = {each.pk: n for n, each in enumerate(attributes)}
    lines = {
        item.pk: Line(item, [None] * len(attributes))
        for item in counted(test).select_related("sample__population")
    }
    for cell in TestCell.objects.filter(test=test):
        if cell.item_id in lines:
            lines[cell.item_id].cells[places[cell.attribute_id]] = cell
    headings: list[str] = []
    for line in lines.values():
        line.facts = facts_of(line.item)
        if line.item.sample is not None and not headings:
            headings = [str(each) for each in line.item.sample.population.columns]
    headings = headings or ["Seen on"] * any(line.facts for line in lines.values())
    return Grid(test, attributes, list(lines.values()), headings)


def facts_of(item: SampleItem) -> list[str]:
    """The cells of an item's row as text, in the order of its population's columns; of an item of
    no population the day it was seen."""
    row = item.row
    values = [row.get("on", "")] if isinstance(row, dict) else list(row or ())
    return ["" if value is None else str(value) for value in values]


def results_in(test: ControlTest) -> Counter[str]:
    """How many cells of items that count came to each result, with “pending” and “items”."""
    items = set(counted(test).values_list("pk", flat=True))
    asked = TestAttribute.objects.filter(test=test).count()
    cells = TestCell.objects.filter(test=test, item__in=items).values_list("result", flat=True)
    found = Counter(cells)
    found["pending"] = len(items) * asked - sum(found.values())
    found["items"] = len(items)
    return found


def contradiction(test: ControlTest, conclusion: str) -> str:
    """What the file says against a test's coming to this; empty when nothing does."""
    found = results_in(test)
    if conclusion == C.SUITABLY_DESIGNED and not _walked(test, found):
        return "TP-02: walk one item end to end first, and write down what you saw."
    if found["items"] and found["pending"]:
        cells = f"{found['pending']} cell{'s are' if found['pending'] > 1 else ' is'}"
        return f"TP-05: {cells} still pending. Fill in the grid first."
    if test.kind == TestKind.DESIGN:
        return ""
    if conclusion == C.NO_OCCURRENCE:
        return _did_occur(test, found)
    if not found["items"]:
        return "TP-05: no item was tested yet. Draw a sample, or add what you looked at."
    if conclusion == C.NO_DEVIATIONS and found[CellResult.DEVIATION]:
        return f"TP-05: the grid shows deviations: {found[CellResult.DEVIATION]}."
    if conclusion == C.DEVIATIONS and not found[CellResult.DEVIATION]:
        return "TP-05: the grid shows no deviation."
    return _not_rolled_forward(test)


def _walked(test: ControlTest, found: Counter[str]) -> bool:
    walks = Walkthrough.objects.filter(control=test.control_id)
    return found["items"] > 0 or walks.exists()


def _did_occur(test: ControlTest, found: Counter[str]) -> str:
    """SM-04: nothing occurred only where the auditor has checked that zero is true."""
    accepted = Population.objects.filter(test=test, status=PopulationStatus.ACCEPTED)
    rows = list(accepted.values_list("row_count", "zero_checked"))
    if found["items"] or any(count for count, _ in rows):
        return "SM-04: it did occur: the test has items, or its population has rows."
    if not rows or not all(checked for _, checked in rows):
        return "SM-04: take the empty population first, and check that zero is true."
    return ""


def _not_rolled_forward(test: ControlTest) -> str:
    """TP-07: interim work is rolled forward by the remaining population and an inquiry."""
    accepted = Population.objects.filter(test=test, status=PopulationStatus.ACCEPTED)
    parts = {each.part: each for each in accepted}
    if PopulationPart.INTERIM not in parts:
        return ""
    rest = parts.get(PopulationPart.REMAINING)
    if rest is None:
        return "TP-07: only the interim part was tested. Take the population of the rest as well."
    if rest.row_count and not counted(test).filter(sample__population=rest).exists():
        return "TP-07: no item of the remaining time was tested. Draw at least one."
    if not test.procedures.filter(nature=ProcedureNature.INQUIRY).exists():
        return "TP-07: ask what has changed since the interim work: the test has no inquiry."
    return ""
