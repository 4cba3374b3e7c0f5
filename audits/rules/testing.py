"""What makes a test fit to be approved and concluded: values in, sentences out (TP-01 to TP-10)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Final

from audits.choices.testing import CONCLUSIONS, ProcedureNature, TestConclusion, TestKind

OTHERS: Final = ("who", "competence", "objectivity", "reperformed")
"""What is recorded of work that others did (TP-09)."""
_OTHERS_WORDS: Final = {
    "who": "whose work it was", "competence": "how competent they are",
    "objectivity": "how objective they are", "reperformed": "what of it you did again yourself",
}  # fmt: skip
MOST_ATTRIBUTES: Final = 40
MOST_STEPS: Final = 60


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a test: what the auditor does, in one of four ways."""

    nature: str
    instruction: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """One thing asked of every item. letter: empty for one that is new."""

    text: str
    letter: str = ""


def letter_of(number: int) -> str:
    """A, B … Z, AA, AB …: the letter of the attribute at a place that counts from 0."""
    return chr(65 + number) if number < 26 else letter_of(number // 26 - 1) + chr(65 + number % 26)


def lettered(attributes: Sequence[Attribute]) -> list[Attribute]:
    """Each with its letter: those that have one keep it, new ones take the next that is free.

    Raises ValueError for a letter that is none or stands twice, an empty text, or too many.
    """
    if len(attributes) > MOST_ATTRIBUTES:
        raise ValueError(f"At most {MOST_ATTRIBUTES} attributes fit one test.")
    taken = [each.letter for each in attributes if each.letter]
    for letter in taken:
        if letter not in _LETTERS:
            raise ValueError(f"“{letter[:8]}” is no letter of an attribute: use A to Z, then AA.")
        if taken.count(letter) > 1:
            raise ValueError(f"There are two attributes {letter}.")
    free = (letter for n in count() if (letter := letter_of(n)) not in taken)
    found = []
    for place, each in enumerate(attributes, 1):
        if not each.text.strip():
            raise ValueError(f"Attribute {each.letter or place} asks nothing.")
        found.append(Attribute(each.text.strip(), each.letter or next(free)))
    return found


_LETTERS: Final = frozenset(letter_of(n) for n in range(26 * 27))


def incomplete_others_work(said: Mapping[str, str]) -> str:
    """What is missing of a record of others' work (TP-09); empty when all or nothing is said."""
    told = {name: str(said.get(name, "")).strip() for name in OTHERS}
    missing = [_OTHERS_WORDS[name] for name in OTHERS if not told[name]]
    if len(missing) in (0, len(OTHERS)):
        return ""
    return f"TP-09: where others' work is used, say {', '.join(missing)} too."


def unready(kind: str, natures: Collection[str], attributes: int, report_wording: str) -> str:
    """Why a planned test cannot be approved yet; empty when it can."""
    if not natures:
        return "It has no step yet. Write down what is done."
    if not attributes:
        return "TP-05: it asks nothing of its items yet. Write at least one attribute."
    if kind == TestKind.OPERATION and not report_wording.strip():
        return "TP-10: say how the report describes this test, apart from your notes."
    return ""


def only_inquiry(kind: str, natures: Iterable[str]) -> str:
    """TP-01: why a test of operation cannot be concluded on its steps; empty when it can."""
    if kind != TestKind.OPERATION or set(natures) - {ProcedureNature.INQUIRY}:
        return ""
    return (
        "TP-01: inquiry alone concludes no test of operation. Observe, inspect or reperform as "
        "well."
    )


def unfit_conclusion(kind: str, conclusion: str) -> str:
    """Why a test of this kind cannot come to this; empty when it can."""
    known = [each for each in CONCLUSIONS[TestKind(kind)] if each != TestConclusion.SKIPPED]
    if conclusion in known:
        return ""
    named = ", ".join(str(each.label).lower() for each in known)
    return f"A {TestKind(kind).label.lower()} comes to one of these: {named}."


def uncovered(
    period: tuple[date, date], covers: Iterable[tuple[date, date]]
) -> list[tuple[date, date]]:
    """The days of the period of which no test speaks, as spans, in order (TP-07)."""
    start, end = period
    found, at = [], start
    for first, last in sorted(covers):
        if first > at:
            found.append((at, min(first - timedelta(1), end)))
        at = max(at, last + timedelta(1))
    if at <= end:
        found.append((at, end))
    return found
