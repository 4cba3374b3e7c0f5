"""Days between two reports on the same system (RT-14)."""

from __future__ import annotations

from datetime import date


def gap(prior_end: date, start: date) -> int:
    """Days that no report covers; below zero, days that two cover. Both ends count as covered."""
    return (start - prior_end).days - 1


def gap_in_words(days: int) -> str:
    """Such as “There is a gap of 3 days”; empty for none."""
    if not days:
        return ""
    count = abs(days)
    unit = "day" if count == 1 else "days"
    return f"There is {'a gap' if days > 0 else 'an overlap'} of {count:,} {unit}"
