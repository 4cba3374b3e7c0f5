"""How much of one text is told in another (NR-13): shared runs of three words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

Shingles = frozenset[str]
"""Every run of three words of a text, folded."""

WORD: Final = re.compile(r"\w+")


def shingles_of(text: str) -> Shingles:
    """The runs of three words; of a shorter text, the text itself."""
    found = WORD.findall(text.casefold())
    runs = (" ".join(found[at : at + 3]) for at in range(max(1, len(found) - 2)))
    return frozenset(run for run in runs if run)


def likeness(one: Shingles, other: Shingles) -> float:
    """The share of runs that two texts have in common, 0 to 1 (Dice)."""
    together = len(one) + len(other)
    return 2 * len(one & other) / together if together else 0.0


def nearest(text: Shingles, others: Mapping[str, Shingles]) -> tuple[str, float]:
    """Whose text is most alike, and how much; ("", 0.0) when there is none."""
    found = ((likeness(text, other), name) for name, other in others.items())
    share, name = max(found, default=(0.0, ""))
    return name, share
