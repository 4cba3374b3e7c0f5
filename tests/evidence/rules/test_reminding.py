"""The ladder in business days of the client (RQ-05, TSK-9)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.rules.business_days import holidays_of, is_business_day, shifted
from evidence.rules.reminding import LADDER, Recipient, due_today, returned_due

DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("day", "by", "expected"),
    [
        (date(2026, 11, 18), -5, date(2026, 11, 11)),
        (date(2026, 11, 18), 0, date(2026, 11, 18)),
        (date(2026, 11, 20), 1, date(2026, 11, 23)),  # Friday to Monday
        (date(2026, 11, 21), 0, date(2026, 11, 23)),  # due on a Saturday
        (date(2026, 11, 22), -1, date(2026, 11, 20)),
        (date(2028, 2, 28), 1, date(2028, 2, 29)),  # leap day
        (date(2026, 12, 31), 1, date(2027, 1, 1)),
    ],
)
def test_shifting_counts_business_days(day: date, by: int, expected: date) -> None:
    assert shifted(day, by) == expected


def test_public_holidays_are_no_business_days() -> None:
    free = holidays_of("US")
    assert not is_business_day(date(2026, 11, 26), free)  # Thanksgiving
    assert shifted(date(2026, 11, 25), 1, free) == date(2026, 11, 27)


def test_an_unknown_country_is_refused() -> None:
    with pytest.raises(ValueError, match="ZZ"):
        holidays_of("ZZ")


@given(DAYS, st.integers(-10, 10))
def test_shifting_lands_on_business_days_and_counts_right(day: date, by: int) -> None:
    landed = shifted(day, by)
    assert is_business_day(landed)
    if is_business_day(day):
        low, high = sorted((day, landed))
        between = sum(
            is_business_day(date.fromordinal(number))
            for number in range(low.toordinal(), high.toordinal())
        )
        assert between == abs(by)


@given(DAYS)
def test_every_rung_of_every_due_date_comes_on_exactly_one_day(today: date) -> None:
    found = due_today(today)
    assert all(shifted(due, rung.offset) == today for due, rung in found)
    if not is_business_day(today):
        assert not found
    else:
        assert {rung.name for _, rung in found} == {rung.name for rung in LADDER}


def test_later_rungs_keep_the_earlier_recipients() -> None:
    by_offset = {rung.offset: set(rung.to) for rung in LADDER}
    assert by_offset[3] == {Recipient.OWNER, Recipient.CLIENT_ADMINS}
    assert by_offset[3] < by_offset[5] < by_offset[10]
    assert Recipient.MANAGERS in by_offset[10]


def test_a_return_gives_three_business_days_at_least() -> None:
    friday = date(2026, 11, 20)
    assert returned_due(date(2026, 11, 1), friday) == date(2026, 11, 25)
    assert returned_due(date(2026, 12, 24), friday) == date(2026, 12, 24)
    assert returned_due(None, friday) == date(2026, 11, 25)
