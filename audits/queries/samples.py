"""What a sample holds, what the firm's table asks for, and which quarters no item reaches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, OuterRef, QuerySet, Subquery

from audits.choices.testing import Risk
from audits.models.control_tests import ControlPlan, ControlTest
from audits.models.populations import Population
from audits.models.samples import Sample, SampleItem
from audits.queries import firm_tables
from audits.rules.population_rows import column_of, day_of
from audits.rules.sizing import Sized, size_of, statistical_sizes
from audits.rules.spread import quarters_missed
from tenants.models import Engagement, User


@dataclass(frozen=True, slots=True)
class Asked:
    """What the firm's table asks of a population, and what statistics would.

    statistical: items for 0, 1, 2, 3 deviations allowed, at the firm's rate and confidence.
    """

    table_number: int
    risk: str
    sized: Sized
    tolerable_rate: Decimal
    confidence: Decimal
    statistical: list[int]


def asked_of(population: Population) -> Asked:
    """The size the firm's table asks for (4 queries)."""
    tests = ControlTest.objects.select_related("control", "engagement")
    test = tests.get(pk=population.test_id)
    firm_id, control = test.engagement.firm_id, test.control
    number, table = firm_tables.sample_sizes(firm_id)
    _, judged = firm_tables.evaluation(firm_id)
    plans = ControlPlan.objects.filter(control=control).values_list("risk", flat=True)
    risk = plans.first() or Risk.STANDARD
    sized = size_of(control.frequency, control.nature, risk, population.row_count, table)
    return Asked(
        number, str(risk), sized, judged.tolerable_rate, judged.confidence,
        statistical_sizes(judged.tolerable_rate, judged.confidence),
    )  # fmt: skip


def items_of(sample: Sample) -> QuerySet[SampleItem]:
    """A sample's items as drawn, those that were replaced with what replaced them."""
    rows: QuerySet[SampleItem] = SampleItem.objects.filter(sample=sample)
    return rows.select_related("added_by").prefetch_related("replaced_by").order_by("position")


def missed(population: Population, items: Iterable[SampleItem]) -> list[str]:
    """Quarters with rows and without an item that still counts (SM-08): no query."""
    if not population.date_column:
        return []
    column = column_of(population.columns, population.date_column, "date_column")
    held = list(items)
    replaced = {item.replaces_id for item in held}
    days = [
        day_of(item.row[column], population.date_order) for item in held if item.pk not in replaced
    ]
    covers = (population.covers_from, population.covers_to)
    return quarters_missed(population.quarters, covers, days)


def populations_of(
    user: User, engagement: Engagement, test: ControlTest | None = None
) -> QuerySet[Population]:
    """The populations of an engagement, or of one of its tests, that `user` sees, each with
    `sample_id` and `item_count` where it was drawn from."""
    rows: QuerySet[Population] = Population.objects.visible_to(user).filter(engagement=engagement)
    if test is not None:
        rows = rows.filter(test=test)
    drawn = Sample.objects.filter(population=OuterRef("pk")).values("pk")[:1]
    rows = rows.select_related("engagement__client", "test__control", "accepted_by")
    return rows.annotate(
        sample_id=Subquery(drawn), item_count=Count("samples__items", distinct=True)
    ).order_by("test__control__ref", "test__number", "number")
