"""When a person's one mail of the day goes out, and what can become of it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

REFUSED, UNKNOWN, GIVEN_UP, AGAIN = "mail_refused", "mail_unknown", "mail_given_up", "mail_again"
"""Verbs of the trail: the mail server would not take it, nobody knows, it could not be made, and it
arrives again."""
TROUBLES = {REFUSED: "refused", UNKNOWN: "outcome unknown", GIVEN_UP: "given up"}
"""Verb → what is wrong, in words that follow "Daily mail"."""


def moments(now: datetime, zone: ZoneInfo, hour: int, gather: float) -> list[tuple[date, datetime]]:
    """Today's and tomorrow's digest: (local date, moment), for something that happened `now`.

    Today's waits until `hour` o'clock and `gather` seconds, so that what happens together goes
    out together; if today's was sent already, tomorrow's carries it.
    """
    today = now.astimezone(zone).date()
    gathered = now + timedelta(seconds=gather)
    return [
        (today, max(gathered, _at(today, hour, zone))),
        (today + timedelta(days=1), _at(today + timedelta(days=1), hour, zone)),
    ]


def next_morning(now: datetime, zone: ZoneInfo, hour: int) -> list[tuple[date, datetime]]:
    """The next digest that goes out at `hour` o'clock, for what nobody waits for.

    It never uses up the mail of a day that is under way.
    """
    at = next_time(now, zone, hour)
    return [(at.date(), at)]


def next_time(now: datetime, zone: ZoneInfo, hour: int) -> datetime:
    """The next moment it is `hour` o'clock in `zone`."""
    today = now.astimezone(zone).date()
    at = _at(today, hour, zone)
    return at if at > now else _at(today + timedelta(days=1), hour, zone)


def _at(day: date, hour: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=zone)
