"""Two versions of a narrative side by side: what was taken out, what came in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

WORD: Final = re.compile(r"\s*\S+")
SENTENCE: Final = re.compile(r"\s*[^.!?]+[.!?]*|\s*[.!?]+")
BY_WORD_UP_TO: Final = 400
"""Words; longer texts are compared by sentence, so that no text takes seconds to compare."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text; changed: it stands on this side alone."""

    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """The former and the later text in pieces that join to the whole again."""

    before: tuple[Piece, ...]
    after: tuple[Piece, ...]

    @property
    def removed(self) -> int:
        """Words that stand in the former text alone."""
        return _words(self.before)

    @property
    def added(self) -> int:
        """Words that stand in the later text alone."""
        return _words(self.after)


def compare(before: str, after: str) -> Difference:
    """What changed from one text to the next, by words."""
    old, new = WORD.findall(before), WORD.findall(after)
    if long := max(len(old), len(new)) > BY_WORD_UP_TO:
        old, new = SENTENCE.findall(before), SENTENCE.findall(after)
    left: list[Piece] = []
    right: list[Piece] = []
    matcher = SequenceMatcher(None, [w.strip() for w in old], [w.strip() for w in new], long)
    for what, i, j, k, n in matcher.get_opcodes():
        _add(left, old[i:j], what != "equal")
        _add(right, new[k:n], what != "equal")
    return Difference(tuple(left), tuple(right))


def _add(pieces: list[Piece], parts: Sequence[str], changed: bool) -> None:
    if parts:
        pieces.append(Piece("".join(parts), changed))


def _words(pieces: Sequence[Piece]) -> int:
    return sum(len(piece.text.split()) for piece in pieces if piece.changed)
