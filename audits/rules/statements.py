"""What a client states of its system in an engagement: which kinds, which entries, what differs.

An engagement shows only its own basis (RT-20) and its own time (DC4, DC9); a Type 1 tells of no
changes (RT-07).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Protocol
from uuid import UUID

from audits.choices.system import EntryKind as K
from tenants.choices import Basis, ExamType
from tenants.errors import Invalid

OF_BOTH: Final = (K.SERVICE, K.BOUNDARY, K.SUBSERVICE, K.VENDOR, K.CUEC, K.CSOC, K.INCIDENT)
OF_CRITERIA: Final = (
    K.COMPONENT, K.DATA_TYPE, K.DATA_FLOW, K.LOCATION, K.COMMITMENT, K.REQUIREMENT,
    K.USER_RESPONSIBILITY,
)  # fmt: skip
OF_OBJECTIVES: Final = (K.TRANSACTION_CLASS, K.APPLICATION)
SHOWN: Final = ("ref", "title", "text", "category", "aspects", "facts", "related")
"""What of an entry is copied into a statement and compared."""
TYPE_1_HAS_NO_CHANGES: Final = (
    "RT-07: a Type 1 report speaks of one day, so it tells of no changes (DC9, S1-D9). They belong "
    "in a Type 2."
)


class Terms(Protocol):
    """What an engagement examines, and when."""

    basis: str
    exam_type: str
    as_of: date | None
    period_start: date | None
    period_end: date | None


class Entry(Protocol):
    """An entry of a library, or of a statement."""

    kind: str
    facts: dict[str, Any]


def asked_of(terms: Terms) -> tuple[str, ...]:
    """The kinds a client speaks to in such an engagement, in the order of the library."""
    own = OF_OBJECTIVES if terms.basis == Basis.OBJECTIVE else OF_CRITERIA
    asked = {*OF_BOTH, *own, *([K.CHANGE] if terms.exam_type == ExamType.TYPE_2 else [])}
    return tuple(str(kind) for kind in K if kind in asked)


def refuse_kind(kind: str, terms: Terms) -> None:
    """Raise Invalid for a kind that is none, or that such an engagement does not tell of."""
    if kind == K.CHANGE and terms.exam_type == ExamType.TYPE_1:
        raise Invalid(TYPE_1_HAS_NO_CHANGES, code="type_1_has_no_changes", field="kind")
    if kind not in asked_of(terms):
        words = ", ".join(asked_of(terms))
        raise Invalid(f"This engagement asks about: {words}.", code="kind_unknown", field="kind")


def belongs(entry: Entry, terms: Terms, criteria: Collection[str]) -> bool:
    """Whether an entry of the library is told of in such an engagement.

    Incidents to be reported and changes of its time; a complementary control if it answers to
    something of its basis. criteria: the identifiers of all trust services criteria.
    """
    if entry.kind == K.INCIDENT:
        return bool(entry.facts.get("reportable")) and _then(entry.facts["happened_on"], terms)
    if entry.kind == K.CHANGE:
        return _then(entry.facts["changed_on"], terms)
    if "answers_to" in entry.facts:
        return bool(of_basis(entry.facts, terms, criteria)["answers_to"])
    return True


def of_basis(facts: Mapping[str, Any], terms: Terms, criteria: Collection[str]) -> dict[str, Any]:
    """The facts with the identifiers of the engagement's own basis alone (RT-20)."""
    if "answers_to" not in facts:
        return dict(facts)
    by_criteria = terms.basis == Basis.CRITERION
    kept = [one for one in facts["answers_to"] if (one in criteria) == by_criteria]
    return {**facts, "answers_to": kept}


def _then(day: str, terms: Terms) -> bool:
    """Whether the day lies in the period, or before the one day, of an engagement."""
    on = date.fromisoformat(day)
    if terms.exam_type == ExamType.TYPE_1:
        return terms.as_of is None or on <= terms.as_of
    after = terms.period_start is None or on >= terms.period_start
    return after and (terms.period_end is None or on <= terms.period_end)


@dataclass(frozen=True, slots=True)
class Changed:
    """An entry that both tell, and what of it is told otherwise."""

    ref: str
    title: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What a later telling adds, leaves out and tells otherwise; (ref, title) of each."""

    added: tuple[tuple[str, str], ...]
    removed: tuple[tuple[str, str], ...]
    changed: tuple[Changed, ...]

    @property
    def is_empty(self) -> bool:
        """Whether both tell the same."""
        return not (self.added or self.removed or self.changed)

    @property
    def count(self) -> int:
        """How many entries differ."""
        return len(self.added) + len(self.removed) + len(self.changed)


Telling = Mapping[UUID, Mapping[str, Any]]
"""Entry's id → the fields of SHOWN."""


def difference(before: Telling, after: Telling) -> Difference:
    """What `after` tells otherwise than `before`."""
    return Difference(
        _named(after[key] for key in after if key not in before),
        _named(before[key] for key in before if key not in after),
        tuple(
            Changed(after[key]["ref"], after[key]["title"], fields)
            for key in after
            if key in before
            and (fields := tuple(f for f in SHOWN if before[key][f] != after[key][f]))
        ),
    )


def _named(told: Iterable[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    return tuple((each["ref"], each["title"]) for each in told)
