"""Dates as lists write them (IM-04)."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.rules.request_list_dates import DateOrder, order_told, read_date

OCT_9 = date(2026, 10, 9)
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@pytest.mark.parametrize(
    "cell",
    [
        OCT_9,
        datetime(2026, 10, 9, 17, 30),  # noqa: DTZ001  a spreadsheet knows no zones
        46_304,
        46_304.75,
        20_261_009,
        "46304",
        "2026-10-09",
        "2026/10/9",
        "2026-10-09T00:00:00",
        "20261009",
        "09-Oct-2026",
        "9 oct 26",
        "9Oct2026",
        "Oct 9, 2026",
        "October 9th, 2026",
        "Fri, Oct. 9, 2026",
        "9 October 2026",
        "10/9/2026",
        "10/9/26",
        "10-09-2026",
        "10/9/2026 5:00 PM",
    ],
)
def test_one_day_is_written_in_many_ways(cell):
    assert read_date(cell, DateOrder.MONTH_FIRST).value == OCT_9


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("11/31/2026", "impossible_date"),
        ("Feb 30, 2026", "impossible_date"),
        ("2026-13-01", "impossible_date"),
        ("10/9/1926", "impossible_date"),
        (date(1900, 1, 9), "impossible_date"),
        ("TBD", "unreadable_date"),
        ("Oct 9", "unreadable_date"),
        ("Smarch 9, 2026", "unreadable_date"),
        (True, "unreadable_date"),
        (-5, "unreadable_date"),
        (1e300, "unreadable_date"),
    ],
)
def test_what_is_no_date_says_why(cell, problem):
    reading = read_date(cell, DateOrder.MONTH_FIRST)
    assert (reading.value, reading.problem) == (None, problem)


def test_both_readings_of_an_ambiguous_date_are_kept():
    reading = read_date("10/11/2026", DateOrder.MONTH_FIRST)
    assert (reading.value, reading.other) == (date(2026, 10, 11), date(2026, 11, 10))
    assert read_date("10/11/2026", DateOrder.DAY_FIRST).value == date(2026, 11, 10)
    assert read_date("10/10/2026", DateOrder.DAY_FIRST).other is None


def test_a_note_tells_the_order():
    assert order_told(["updated (dates are month/day/year)"]) is DateOrder.MONTH_FIRST
    assert order_told(["Due", "Due (DD.MM.YYYY)"]) is DateOrder.DAY_FIRST
    assert order_told(["Due date", "monthly"]) is None


@given(DAYS, st.sampled_from(["%Y-%m-%d", "%d-%b-%Y", "%B %d, %Y", "%d %b %Y", "%Y%m%d"]))
def test_every_day_in_a_clear_form_comes_back(day, form):
    reading = read_date(day.strftime(form), DateOrder.DAY_FIRST)
    assert (reading.value, reading.other, reading.swapped) == (day, None, False)


@given(DAYS, st.sampled_from(DateOrder))
def test_every_day_in_figures_comes_back_in_its_own_order(day, order):
    form = "%m/%d/%Y" if order is DateOrder.MONTH_FIRST else "%d/%m/%Y"
    assert read_date(day.strftime(form), order).value == day


@given(st.text(max_size=40), st.sampled_from(DateOrder))
def test_no_text_breaks_the_reader(text, order):
    reading = read_date(text, order)
    assert (reading.value is None) == bool(reading.problem)
