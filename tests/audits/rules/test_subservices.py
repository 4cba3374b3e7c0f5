"""How far a subservice organization's own report covers ours."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace as Of

import pytest

from audits.rules.subservices import check_dates, cover
from tenants.errors import Invalid

YEAR = Of(exam_type="T2", as_of=None, period_start=date(2025, 10, 1), period_end=date(2026, 9, 30))
DAY = Of(exam_type="T1", as_of=date(2026, 9, 30), period_start=None, period_end=None)


def days(terms, *dates):
    found = cover(terms, *(date.fromisoformat(each) if each else None for each in dates))
    return (found.before, found.after, found.bridged, found.open_days)


@pytest.mark.parametrize(
    ("terms", "dates", "expected"),
    [
        (YEAR, ("2025-10-01", "2026-09-30", ""), (0, 0, 0, 0)),
        (YEAR, ("2025-07-01", "2026-06-30", ""), (0, 92, 0, 92)),
        (YEAR, ("2025-07-01", "2026-06-30", "2026-09-30"), (0, 92, 92, 0)),
        (YEAR, ("2025-07-01", "2026-06-30", "2026-08-31"), (0, 92, 62, 30)),
        (YEAR, ("2026-01-01", "2026-12-31", ""), (92, 0, 0, 92)),
        (YEAR, ("2024-01-01", "2024-12-31", ""), (0, 365, 0, 365)),
        (YEAR, ("2024-01-01", "2024-12-31", "2025-03-31"), (0, 365, 0, 365)),
        (YEAR, ("2027-01-01", "2027-12-31", ""), (365, 0, 0, 365)),
        (DAY, ("2025-10-01", "2026-09-30", ""), (0, 0, 0, 0)),
        (DAY, ("2025-10-01", "2026-09-29", ""), (0, 1, 0, 1)),
        (DAY, ("2025-10-01", "2026-09-29", "2026-10-31"), (0, 1, 1, 0)),
    ],
)
def test_the_gap_is_counted_in_days(terms, dates, expected):
    assert days(terms, *dates) == expected


def test_without_a_report_there_is_no_cover_and_a_long_letter_is_told():
    assert cover(YEAR, None, None, None) is None
    assert not cover(YEAR, date(2025, 7, 1), date(2026, 6, 30), date(2026, 9, 30)).long_bridge
    assert cover(YEAR, date(2025, 7, 1), date(2026, 6, 30), date(2026, 10, 1)).long_bridge


def test_dates_follow_one_another():
    first, last = date(2025, 10, 1), date(2026, 9, 30)
    check_dates(first, last, None)
    check_dates(None, None, None)
    for dates, field in (
        ((first, None, None), "report_to"), ((last, first, None), "report_to"),
        ((first, last, last), "bridge_to"), ((None, None, last), "bridge_to"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            check_dates(*dates)
        assert refused.value.field == field
