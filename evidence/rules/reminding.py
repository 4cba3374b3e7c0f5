"""The reminder ladder (RQ-05): who is reminded of a request, how many business days from due."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from evidence.rules.business_days import shifted


class Recipient(StrEnum):
    """Who is reminded."""

    OWNER = "owner"
    CONTRIBUTORS = "contributors"
    CLIENT_ADMINS = "client_admin"
    CLIENT_EXECUTIVES = "executive"
    SENIORS = "senior"
    MANAGERS = "manager"


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder: `offset` business days from the due date; `to` are reminded."""

    offset: int
    to: tuple[Recipient, ...]

    @property
    def name(self) -> str:
        """Such as "-5", "+0", "+10"."""
        return f"{self.offset:+d}"


R = Recipient
LADDER: tuple[Rung, ...] = (
    Rung(-5, (R.OWNER,)),
    Rung(-1, (R.OWNER,)),
    Rung(0, (R.OWNER, R.CONTRIBUTORS)),
    Rung(1, (R.OWNER,)),
    Rung(3, (R.OWNER, R.CLIENT_ADMINS)),
    Rung(5, (R.OWNER, R.CLIENT_ADMINS, R.SENIORS, R.CLIENT_EXECUTIVES)),
    Rung(10, (R.OWNER, R.CLIENT_ADMINS, R.SENIORS, R.CLIENT_EXECUTIVES, R.MANAGERS)),
)
"""Each later rung keeps the earlier recipients and adds its own, as RQ-05 reads."""

AT_RISK = 10
"""Business days past due from which the engagement is at risk."""
_REACH = timedelta(days=31)  # no ladder day lies further from its due date in calendar days


def due_today(
    today: date, free: Container[date] = frozenset(), ladder: Sequence[Rung] = LADDER
) -> list[tuple[date, Rung]]:
    """Every (due date, rung) whose day is `today`, a local date of the client.

    A rung belongs to one due date; none of an earlier day is caught up.
    """
    days = (today - _REACH + timedelta(days=number) for number in range(2 * _REACH.days + 1))
    return [
        (due, rung) for due in days for rung in ladder if shifted(due, rung.offset, free) == today
    ]


def returned_due(old: date | None, today: date, free: Container[date] = frozenset()) -> date:
    """The due date after a return: the old one, or three business days from today if later."""
    least = shifted(today, 3, free)
    return max(old, least) if old else least
