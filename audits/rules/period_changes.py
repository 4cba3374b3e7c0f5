"""What another period adds and takes away, in days."""

from __future__ import annotations

from datetime import date, timedelta


def days_changed(before: tuple[date, date], after: tuple[date, date]) -> tuple[int, int]:
    """(days that are new, days that are no longer covered); both ends of a period count."""
    held, wanted = (_length(start, end) for start, end in (before, after))
    common = max(0, _length(max(before[0], after[0]), min(before[1], after[1])))
    return wanted - common, held - common


def _length(start: date, end: date) -> int:
    return (end - start + timedelta(days=1)).days
