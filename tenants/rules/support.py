"""How a wish of support to look stands: a pure decision."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

ASKED, LIVE, OVER, LAPSED = "asked", "live", "ended", "lapsed"
WAITS = timedelta(days=1)
"""How long a wish waits for an administrator."""


class Wish(Protocol):
    """The moments of a wish."""

    @property
    def asked_at(self) -> datetime: ...
    @property
    def until(self) -> datetime | None: ...
    @property
    def ended_at(self) -> datetime | None: ...


def state_of(wish: Wish, now: datetime) -> str:
    """Asked, live, ended (or refused), or lapsed without an answer."""
    if wish.ended_at is not None or (wish.until is not None and wish.until <= now):
        return OVER
    if wish.until is not None:
        return LIVE
    return LAPSED if wish.asked_at + WAITS <= now else ASKED
