"""The facts of an entry as a reader sees them: labels, and words instead of values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from audits.choices.system import ProcessingAspect
from audits.rules.system_entries import KINDS, facts_of
from audits.rules.system_facts import CHOICE, DATE, LIST, YES, Fact


class Telling(Protocol):
    """An entry of a library, or of a statement."""

    kind: str
    category: str
    aspects: list[str]
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """One fact in words. `on` is set where it is a date."""

    label: str
    words: str
    on: date | None = None


def said_of(entry: Telling) -> list[Said]:
    """What an entry says besides its text: category, aspects, then the facts of its kind."""
    said = [*_category(entry)]
    said += [found for each in facts_of(entry.kind) if (found := _said(entry, each))]
    return said


def _category(entry: Telling) -> Iterator[Said]:
    labels = dict(KINDS[entry.kind].categories)
    if entry.category:
        yield Said("Category", labels.get(entry.category, entry.category))
    if entry.aspects:
        named = (ProcessingAspect(each).label for each in entry.aspects)
        yield Said("Of the processing", ", ".join(named))


def _said(entry: Telling, each: Fact) -> Said | None:
    value = entry.facts.get(each.name)
    if each.form == YES:
        return Said(each.label, "Yes" if value else "No")
    if not value:
        return None
    if each.form == DATE:
        return Said(each.label, value, date.fromisoformat(value))
    words = ", ".join(value) if each.form == LIST else str(value)
    return Said(each.label, dict(each.choices)[words] if each.form == CHOICE else words)
