"""What a deviation must say, and when a sample may grow because of one (soc.md, section 14)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from audits.choices.deviations import DeviationNature as N

LONGEST: Final = 4_000
SHORT: Final = 160
FEWEST: Final = 20
"""Below so many items an expansion says nothing of the rest."""


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of a deviation (DV-01). compensating: the id of a control, or None."""

    happened: str
    happened_on: date | None = None
    cause: str = ""
    nature: str = ""
    intentional: bool = False
    effect: str = ""
    found_by: str = ""
    fixed: str = ""
    compensating: UUID | None = None
    compensating_why: str = ""
    after_the_fact: bool = False


def unexplained(cause: str, nature: str, effect: str) -> str:
    """What an explanation lacks, in a sentence; empty when it lacks nothing (DV-01)."""
    missing = [
        word for word, said in (
            ("its cause", cause), ("whether it is isolated or systematic", nature),
            ("its effect", effect),
        ) if not said
    ]  # fmt: skip
    if not missing:
        return ""
    last = missing[-1]
    return f"DV-01: say {', '.join(missing[:-1]) + ' and ' if len(missing) > 1 else ''}{last}."


def no_expansion(tested: int, natures: Sequence[str], *, expanded: bool) -> str:
    """Why a sample does not grow because of its deviations; empty when it may (DV-03).

    natures: of each deviating item, empty where nobody has explained it yet.
    """
    if not natures:
        return ""
    if N.SYSTEMATIC in natures:
        return "DV-03: a sample never grows to dilute a systematic cause."
    if set(natures) != {N.ISOLATED}:
        return "DV-03: explain the deviation first; only an isolated one lets the sample grow."
    if len(natures) > 1:
        return "DV-03: with a second deviation the control is not effective, and stays so."
    if expanded:
        return "DV-03: because of a deviation a sample grows once."
    if tested < FEWEST:
        return (
            f"DV-03: with fewer than {FEWEST} items, test all that remain or conclude by the cause."
        )
    return ""
