"""Dates as lists write them (IM-04): real cells, day numbers, ISO, month names, month/day/year."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from evidence.workbooks import Cell

FIRST_YEAR: Final = 2000  # an engagement's dates outside these years are slips of the hand
LAST_YEAR: Final = 2099
DAY_0_FROM_1900: Final = date(1899, 12, 30)  # right for every day number after February 1900
DAY_0_FROM_1904: Final = date(1904, 1, 1)
MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january"), ("feb", "february"), ("mar", "march"), ("apr", "april"),
            ("may",), ("jun", "june"), ("jul", "july"), ("aug", "august"),
            ("sep", "sept", "september"), ("oct", "october"), ("nov", "november"),
            ("dec", "december"),
        ),
        start=1,
    )
    for name in names
}  # fmt: skip

ISO: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]\d{1,2}:\d{2}.*)?\Z")
COMPACT: Final = re.compile(r"(20\d{2})(\d{2})(\d{2})\Z")
NUMERIC: Final = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4}|\d{2})\Z")
DAY_MONTH: Final = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th)?[\s\-./]*([a-z]+)[\s\-./,]*'?(\d{4}|\d{2})\Z"
)
MONTH_DAY: Final = re.compile(
    r"([a-z]+)[\s\-./]*(\d{1,2})(?:st|nd|rd|th)?[\s\-./,]+'?(\d{4}|\d{2})\Z"
)
WEEKDAY: Final = re.compile(r"\A(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[\s,.]+")
CLOCK: Final = re.compile(r"[\s,]+\d{1,2}:\d{2}(?::\d{2})?\s*(?:am|pm)?\Z")

SAYS_MONTH_FIRST: Final = re.compile(
    r"month\s*/\s*day|\bmm?\s*[/.-]\s*dd?\s*[/.-]\s*y", re.IGNORECASE
)
SAYS_DAY_FIRST: Final = re.compile(
    r"day\s*/\s*month|\bdd?\s*[/.-]\s*mm?\s*[/.-]\s*y", re.IGNORECASE
)


class DateOrder(StrEnum):
    """How a list means 10/11/2026."""

    MONTH_FIRST = "month_first"
    DAY_FIRST = "day_first"


@dataclass(frozen=True, slots=True)
class DateReading:
    """What a cell says. value: None when there is no date, and then `problem` says why.

    other: what it would be in the other order, when that is a date too and another one.
    swapped: only the other order makes a date of it, and so it was read.
    problem: `impossible_date`, `unreadable_date`, or empty.
    """

    value: date | None = None
    other: date | None = None
    swapped: bool = False
    problem: str = ""


def read_date(cell: Cell, order: DateOrder, *, from_1904: bool = False) -> DateReading:
    """The date in a cell that is not empty."""
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, date):
        return _plausible(cell)
    if isinstance(cell, bool) or cell is None:
        return DateReading(problem="unreadable_date")
    if isinstance(cell, (int, float)):
        return _from_number(cell, from_1904=from_1904)
    if isinstance(cell, str):
        return _from_text(cell, order, from_1904=from_1904)
    return DateReading(problem="unreadable_date")


def order_told(texts: Iterable[str]) -> DateOrder | None:
    """The order a note above the list or a heading tells, such as "dates are month/day/year"."""
    for text in texts:
        if SAYS_MONTH_FIRST.search(text):
            return DateOrder.MONTH_FIRST
        if SAYS_DAY_FIRST.search(text):
            return DateOrder.DAY_FIRST
    return None


def order_shown(cells: Iterable[Cell]) -> DateOrder | None:
    """The order the dates themselves show, by days over 12; None when they show none or both."""
    shown = set()
    for cell in cells:
        match = NUMERIC.match(_bare(cell)) if isinstance(cell, str) else None
        if match and int(match[1]) > 12 >= int(match[2]):
            shown.add(DateOrder.DAY_FIRST)
        elif match and int(match[2]) > 12 >= int(match[1]):
            shown.add(DateOrder.MONTH_FIRST)
    return shown.pop() if len(shown) == 1 else None


def _bare(text: str) -> str:
    """A text without what may stand around a date: weekday, time of day."""
    return CLOCK.sub("", WEEKDAY.sub("", text.strip().lower())).strip()


def _from_number(number: float, *, from_1904: bool) -> DateReading:
    """A day number, or a date written as one number (20261009)."""
    compact = COMPACT.match(str(number)) if isinstance(number, int) else None
    if compact:
        return _made(int(compact[1]), int(compact[2]), int(compact[3]))
    if not 0 < number < 200_000:
        return DateReading(problem="unreadable_date")
    start = DAY_0_FROM_1904 if from_1904 else DAY_0_FROM_1900
    return _plausible(start + timedelta(days=int(number)))


def _from_text(text: str, order: DateOrder, *, from_1904: bool) -> DateReading:
    """A date in words or figures."""
    bare = _bare(text)
    if match := ISO.match(bare.replace("t", "T")) or COMPACT.match(bare):
        return _made(int(match[1]), int(match[2]), int(match[3]))
    if match := NUMERIC.match(bare):
        return _in_order(int(match[1]), int(match[2]), _year(match[3]), order)
    if (match := DAY_MONTH.match(bare)) and match[2] in MONTHS:
        return _made(_year(match[3]), MONTHS[match[2]], int(match[1]))
    if (match := MONTH_DAY.match(bare)) and match[1] in MONTHS:
        return _made(_year(match[3]), MONTHS[match[1]], int(match[2]))
    if bare.isascii() and bare.isdigit() and len(bare) == 5:
        return _from_number(int(bare), from_1904=from_1904)
    return DateReading(problem="unreadable_date")


def _in_order(first: int, second: int, year: int, order: DateOrder) -> DateReading:
    """Figures whose order must be known; both readings are kept when both are dates."""
    month_first, day_first = _made(year, first, second), _made(year, second, first)
    wanted, other = (
        (month_first, day_first) if order is DateOrder.MONTH_FIRST else (day_first, month_first)
    )
    if wanted.value is None:
        return DateReading(other.value, swapped=True) if other.value else wanted
    return DateReading(wanted.value, other.value if other.value != wanted.value else None)


def _year(digits: str) -> int:
    """A year of two figures is of this century."""
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def _made(year: int, month: int, day: int) -> DateReading:
    """A date from its parts; `impossible_date` when the calendar has no such day."""
    try:
        return _plausible(date(year, month, day))
    except ValueError:
        return DateReading(problem="impossible_date")


def _plausible(value: date) -> DateReading:
    """A date in a year an engagement can have."""
    if FIRST_YEAR <= value.year <= LAST_YEAR:
        return DateReading(value)
    return DateReading(problem="impossible_date")
