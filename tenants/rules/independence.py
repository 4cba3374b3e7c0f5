"""Independence of the firm's people: what they state, how long it holds, what it asks for.

soc.md, section 18 (AC-04, AC-08): missing or run out, it keeps a person out; soon running out,
asked for anew or given to an older text, it warns.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

LASTS = timedelta(days=365)
"""How long a confirmation holds."""
SOON = timedelta(days=30)
"""How long before its end a renewal is asked for."""
VERSION = "2026-1"
"""The text that is stated now."""
STATEMENTS: dict[str, tuple[str, ...]] = {
    "2026-1": (
        "I hold no financial interest in the client or in a subservice organization of its report.",
        "Nobody close to me holds such an interest.",
        "I hold no position there, and nobody close to me can influence what is examined.",
        "I have made no management decision for the client.",
        "I have designed or run none of its controls in the time the report covers.",
        "I say so at once when any of this changes.",
    )
}
"""Version → what a person states, a sentence each. A text that was used stays here."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with one person on one engagement.

    `until` is the last day of a confirmation that holds, None without one; `why` says in a few
    words what is asked of the person, empty for nothing. `asked_anew`: somebody waits for a new
    word although the last one still holds.
    """

    until: date | None
    why: str
    asked_anew: bool = False

    @property
    def holds(self) -> bool:
        """Whether the person's assignment counts."""
        return self.until is not None


def last_day(confirmed_on: date) -> date:
    """The last day on which a confirmation of `confirmed_on` holds."""
    return confirmed_on + LASTS


def standing(
    today: date, *, until: date | None, version: str, said_at: datetime | None,
    asked_at: datetime | None,
) -> Standing:  # fmt: skip
    """Judge a person's last word: its last day, the version of its text, and when it was said."""
    if until is None:
        return Standing(None, "Not confirmed yet")
    if until < today:
        return Standing(None, f"Ran out on {until:%B} {until.day}, {until.year}")
    if asked_at and said_at and asked_at > said_at:
        return Standing(until, "Asked for anew", asked_anew=True)
    if version != VERSION:
        return Standing(until, "The statement has changed")
    if until - today <= SOON:
        return Standing(until, f"Runs out on {until:%B} {until.day}")
    return Standing(until, "")
