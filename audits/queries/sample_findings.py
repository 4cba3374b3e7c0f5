"""What populations and samples leave open when fieldwork ends (SM-01, SM-05, SM-08)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef

from audits.choices.populations import PopulationPart as Part
from audits.choices.populations import PopulationStatus as S
from audits.choices.testing import TestConclusion
from audits.models.populations import Population
from audits.models.samples import Sample, SampleItem
from audits.queries.samples import missed
from tenants.findings import BLOCK, WARN, Finding
from tenants.models import Engagement


def open_at_fieldwork(engagement: Engagement) -> list[Finding]:
    """Populations not accepted, not whole or not drawn from; quarters no item reaches (2 queries).

    Tests that are skipped ask for nothing (TP-03).
    """
    drawn = Sample.objects.filter(population=OuterRef("pk"))
    rows = Population.objects.filter(
        engagement=engagement, status__in=(S.READING, S.READY, S.ACCEPTED)
    ).exclude(test__conclusion=TestConclusion.SKIPPED)
    held = list(
        rows.select_related("test__control")
        .annotate(is_drawn=Exists(drawn))
        .order_by("test__control__ref", "test__number", "number")
    )
    items = _items(engagement, held)
    return [
        finding for row in held for finding in _of_one(engagement, row, held, items.get(row.pk, []))
    ]


def _items(engagement: Engagement, held: list[Population]) -> dict[UUID, list[SampleItem]]:
    """Population → the items drawn from it, where a column tells their day (1 query)."""
    dated = [row.pk for row in held if row.date_column]
    found: dict[UUID, list[SampleItem]] = defaultdict(list)
    if dated:
        rows = SampleItem.objects.filter(engagement=engagement, sample__population__in=dated)
        for item in rows.select_related("sample"):
            found[item.sample.population_id].append(item)
    return found


def _of_one(
    engagement: Engagement, row: Population, held: list[Population], items: list[SampleItem]
) -> Iterator[Finding]:
    route = ("audits:population", (engagement.pk, row.pk))
    name = f"{row} of {row.test.control.ref}"
    subject = str(row.pk)
    if row.status != S.ACCEPTED:
        yield Finding(
            "SM-01", BLOCK, f"{name} is not accepted.",
            "Check that it is complete and true, and accept it; or replace it.", route, subject,
        )  # fmt: skip
        return
    if row.part == Part.INTERIM and not _goes_on(row, held):
        yield Finding(
            "SM-01", BLOCK, f"{name} ends on {row.covers_to.isoformat()}, and nothing covers "
            "the time from there to the end of the period.",
            "Accept the population of the remaining time.", route, subject,
        )  # fmt: skip
    if row.row_count and not row.is_drawn:  # type: ignore[attr-defined]
        yield Finding(
            "SM-05", BLOCK, f"Nothing is drawn from {name}.", "Draw a sample from it.", route,
            subject,
        )  # fmt: skip
    if row.dated_outside:
        yield Finding(
            "SM-01", WARN, f"{row.dated_outside} rows of {name} are dated outside what it covers.",
            "Look why; a corrected list is another population.", route, f"outside {subject}",
            {"rows": row.dated_outside},
        )  # fmt: skip
    if items and (quarters := missed(row, items)):
        yield Finding(
            "SM-08", WARN, f"No item of {name} falls into {', '.join(quarters)}.",
            "Add items of that time; those that were drawn stay.", route, subject,
            {"quarters": quarters},
        )  # fmt: skip


def _goes_on(row: Population, held: list[Population]) -> bool:
    """Whether an accepted population of the same control begins where this one ends."""
    return any(
        other.part == Part.REMAINING and other.status == S.ACCEPTED
        and other.test.control_id == row.test.control_id
        and other.covers_from <= row.covers_to + timedelta(days=1)
        for other in held
    )  # fmt: skip
