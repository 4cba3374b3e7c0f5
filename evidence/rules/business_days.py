"""Counting in business days of the client: Monday to Friday, less its country's public holidays."""

from __future__ import annotations

from collections.abc import Container
from datetime import date, timedelta
from functools import lru_cache

import holidays

DAY = timedelta(days=1)


@lru_cache(maxsize=64)
def holidays_of(country: str) -> Container[date]:
    """Public holidays of an ISO 3166 country; empty for none. Raises ValueError when unknown."""
    if not country:
        return frozenset()
    try:
        return holidays.country_holidays(country)
    except NotImplementedError as unknown:
        raise ValueError(f"No public holidays are known for “{country}”.") from unknown


def is_business_day(day: date, free: Container[date] = frozenset()) -> bool:
    """Whether people work on `day`."""
    return day.weekday() < 5 and day not in free


def shifted(day: date, business_days: int, free: Container[date] = frozenset()) -> date:
    """The business day `business_days` after `day` (before it when negative).

    Zero is the day itself, or the next business day when nobody works on it.
    """
    step = DAY if business_days >= 0 else -DAY
    while not is_business_day(day, free):
        day += step if business_days else DAY
        if business_days and is_business_day(day, free):
            business_days -= 1 if business_days > 0 else -1
    for _ in range(abs(business_days)):
        day += step
        while not is_business_day(day, free):
            day += step
    return day
