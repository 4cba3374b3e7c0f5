"""The words client lists use for columns, frequencies, natures and types of controls."""

from __future__ import annotations

import re
from typing import Final

from audits.rules.controls import KNOWN

HEADERS: Final[dict[str, frozenset[str]]] = {
    "ref": frozenset(
        {"control id", "control ref", "control reference", "control number", "control no",
         "control", "id", "ref", "reference", "number", "no"}
    ),
    "title": frozenset(
        {"title", "control title", "control name", "name", "short title", "short description",
         "summary"}
    ),
    "narrative": frozenset(
        {"narrative", "control narrative", "description", "control description",
         "control activity", "activity", "control wording", "control text"}
    ),
    "owner_role": frozenset(
        {"owner role", "owner", "control owner", "owner title", "responsible", "responsible role",
         "performer", "performed by"}
    ),
    "frequency": frozenset({"frequency", "control frequency", "how often"}),
    "nature": frozenset(
        {"nature", "control nature", "manual automated", "manual or automated", "automation",
         "execution"}
    ),
    "type": frozenset(
        {"type", "control type", "preventive detective", "preventive or detective"}
    ),
    "systems": frozenset(
        {"system", "systems", "application", "applications", "supporting system",
         "supporting systems", "system s", "in scope systems"}
    ),
    "criteria": frozenset(
        {"criteria", "criterion", "tsc", "trust services criteria", "soc 2 criteria",
         "soc2 criteria", "tsc criteria", "tsc reference", "common criteria"}
    ),
    "objectives": frozenset(
        {"objectives", "objective", "control objectives", "control objective",
         "soc 1 objectives", "soc1 objectives", "soc 1 control objectives"}
    ),
    "evidence": frozenset(
        {"evidence requests", "evidence request", "evidence", "evidence examples",
         "usual evidence", "supporting evidence"}
    ),
}  # fmt: skip
COLUMN_OF: Final = {word: field for field, words in HEADERS.items() for word in words}
TEST_PLAN: Final = re.compile(r"\btest|\btod\b|\btoe\b|\bsample size")
"""Columns of the firm's test plan: no business of the client's library."""

VALUES: Final[dict[str, dict[str, str]]] = {
    "frequency": {
        "yearly": "annual", "annually": "annual", "once a year": "annual",
        "semi annual": "semiannual", "semi annually": "semiannual", "semiannually": "semiannual",
        "twice a year": "semiannual", "half yearly": "semiannual", "biannual": "semiannual",
        "every quarter": "quarterly", "every month": "monthly", "every week": "weekly",
        "every day": "daily", "several times a day": "multiple daily",
        "many times a day": "multiple daily",
        "multiple times a day": "multiple daily", "multiple times per day": "multiple daily",
        "hourly": "multiple daily", "continuously": "continuous", "ongoing": "continuous",
        "real time": "continuous", "always on": "continuous", "per event": "event driven",
        "when the event occurs": "event driven", "upon occurrence": "event driven",
        "on event": "event driven",
        "per occurrence": "event driven", "as needed": "event driven", "ad hoc": "event driven",
        "on demand": "event driven", "as occurs": "event driven",
    },
    "nature": {
        "automatic": "automated", "auto": "automated", "system": "automated",
        "it dependent": "it dependent manual", "itdm": "it dependent manual",
        "semi automated": "it dependent manual", "hybrid": "it dependent manual",
        "manual with it dependency": "it dependent manual",
        "partly automated": "it dependent manual",
    },
    "type": {
        "prevent": "preventive", "preventative": "preventive", "detect": "detective",
        "correct": "corrective",
    },
}  # fmt: skip

_MARKS: Final = re.compile(r"[^a-z0-9]+")


def folded_words(text: str) -> str:
    """A header or value as it is compared: lower case, one space between words, no marks."""
    return _MARKS.sub(" ", text.casefold()).strip()


def value_of(field: str, text: str) -> str:
    """The stored word that a cell means; the cell's own text when it means none we know."""
    words = folded_words(text)
    stored = VALUES[field].get(words, words).replace(" ", "_")
    return stored if stored in KNOWN[field] else text.strip()
