"""By when a file is put together: 60 days from release, or from withdrawal (LK-01, LK-05)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

DAYS: Final = 60
TOLD_AT: Final = (30, 45, 53, 60)
"""Days after which those in charge are told that the file is not locked yet."""


def due_on(ended_on: date) -> date:
    """The last day of the assembly."""
    return ended_on + timedelta(days=DAYS)


def words(ended_on: date, today: date) -> str:
    """How it stands, in words that follow “its file”."""
    left = (due_on(ended_on) - today).days
    if left < 0:
        return f"should have been locked {-left} day{'' if left == -1 else 's'} ago"
    return f"is to be locked within {left} day{'' if left == 1 else 's'}"
