"""Whether a sample reaches every part of the period (SM-08)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from audits.rules.population_rows import quarter_of


def quarters_missed(
    quarters: Mapping[str, int], covers: tuple[date, date], days: Iterable[date | None]
) -> list[str]:
    """Calendar quarters of what is covered that have rows and no item, such as 2026-Q4.

    quarters: rows by quarter; days: when each item was performed, None where it is not told.
    """
    first, last = map(quarter_of, covers)
    reached = {quarter_of(day) for day in days if day is not None}
    held = [each for each, rows in quarters.items() if rows and first <= each <= last]
    return sorted(set(held) - reached)
