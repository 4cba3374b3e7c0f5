"""What importing a list would do to an engagement, row by row, before anything is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from evidence.rules.request_list_cells import clean_line, clean_text, title_and_description
from evidence.rules.request_list_duplicates import ContentKey, content_key, folded_ref
from evidence.rules.request_list_messages import Message, codes_of, message
from evidence.rules.request_list_readings import ListReading, Outcome, RowReading
from evidence.rules.request_list_words import ListField

F = ListField

# Errors of a row that say nothing against it when the request already stands just so.
HARMLESS_WHEN_UNCHANGED: Final = frozenset(
    {
        "missing_due_date",
        "due_before_requested",
        "criterion_out_of_scope",
        "objective_out_of_scope",
    }
)
NEW_REF: Final = "R-{:03}"


class Step(StrEnum):
    """What importing a row would do."""

    CREATE = "create"
    UPDATE = "update"
    SKIP = "skip"
    DUPLICATE = "duplicate"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFacts:
    """A request of the engagement as lists speak of it.

    key: the caller's own name for it. whole_scope: it stands for everything in scope, whatever
    `criteria` holds. closed_because: why a list may not change it any more; empty when it may.
    status and requested_on are exported, and never changed by an import.
    """

    key: str
    ref: str
    title: str
    description: str = ""
    area: str = ""
    acceptance_hint: str = ""
    kind: str = "document"
    criteria: tuple[str, ...] = ()
    whole_scope: bool = False
    controls: tuple[str, ...] = ()
    owner_email: str = ""
    contributors: tuple[str, ...] = ()
    requested_on: date | None = None
    due_on: date | None = None
    priority: str = "medium"
    status: str = "draft"
    sensitivity: str = "normal"
    period_from: date | None = None
    period_to: date | None = None
    as_of: date | None = None
    closed_because: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One field that a row would change: as it is, and as the list has it."""

    field: str
    old: object
    new: object


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One row and what importing it would do.

    ref: the request's reference, new for lists that have none. key: the request it would change,
    or repeats; empty when there is none. messages: the reading's, and what the engagement adds.
    """

    reading: RowReading
    step: Step
    ref: str
    key: str = ""
    changes: tuple[Change, ...] = ()
    messages: tuple[Message, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of its messages, each once; hints are left out."""
        return codes_of(self.messages)


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """The whole list, row by row."""

    rows: tuple[PlannedRow, ...]

    @property
    def counts(self) -> dict[Step, int]:
        """How many rows each step has."""
        counted = Counter(row.step for row in self.rows)
        return {step: counted[step] for step in Step}


def plan_import(reading: ListReading, existing: Iterable[RequestFacts]) -> ImportPlan:
    """Compare each row with the engagement's requests, by reference.

    Only what a row tells is compared: an empty cell changes nothing. Status is never compared, for
    requests move by their own moves. A second import of the same list gives skips only, beside
    the rows that were refused the first time.
    """
    planner = _Planner(list(existing))
    return ImportPlan(tuple(planner.plan(row) for row in reading.rows))


class _Planner:
    """The engagement's requests by reference and by content."""

    def __init__(self, existing: list[RequestFacts]) -> None:
        self._by_ref = {folded_ref(facts.ref): facts for facts in existing}
        self._by_content: Mapping[ContentKey, RequestFacts] = {
            content_key(facts.title, facts.description, facts.controls, facts.kind): facts
            for facts in reversed(existing)
        }
        self._new_refs = self._free_refs()

    def plan(self, reading: RowReading) -> PlannedRow:
        """What importing one row would do."""
        facts, same = self._by_ref.get(folded_ref(reading.ref)), self._same_content(reading)
        if not reading.ref:
            facts = same
        changes = tuple(_changes(reading, facts)) if facts is not None else ()
        if facts is not None and not changes and _stands_already(reading):
            return PlannedRow(reading, Step.SKIP, facts.ref, facts.key, (), reading.messages)
        if reading.outcome is Outcome.ERROR:
            return PlannedRow(reading, Step.ERROR, reading.ref, messages=reading.messages)
        if reading.outcome is Outcome.DUPLICATE and not _may_stand_twice(reading, facts):
            key = facts.key if facts else ""
            return PlannedRow(reading, Step.DUPLICATE, reading.ref, key, (), reading.messages)
        if facts is not None:
            return _update(reading, facts, changes)
        if same is not None:
            return self._repeats(reading, same)
        ref = reading.ref or next(self._new_refs)
        return PlannedRow(reading, Step.CREATE, ref, messages=reading.messages)

    def _same_content(self, reading: RowReading) -> RequestFacts | None:
        """The request that asks for the same with the same controls and type."""
        key = content_key(reading.title, reading.description, reading.controls, reading.kind)
        return self._by_content.get(key)

    def _repeats(self, reading: RowReading, same: RequestFacts) -> PlannedRow:
        """A new reference for what another request already asks for (IM-08)."""
        place = f"row {reading.sheet_row}"
        said = message("same_as_existing", place, F.REF.value, ref=same.ref)
        return PlannedRow(
            reading, Step.DUPLICATE, reading.ref, same.key, (), (*reading.messages, said)
        )

    def _free_refs(self) -> Iterator[str]:
        """References nobody uses, for lists that have none."""
        number = 0
        while True:
            number += 1
            ref = NEW_REF.format(number)
            if folded_ref(ref) not in self._by_ref:
                yield ref


def _update(reading: RowReading, facts: RequestFacts, changes: tuple[Change, ...]) -> PlannedRow:
    """A row whose request exists: changed, unchanged, or closed to changes."""
    if not changes:
        return PlannedRow(reading, Step.SKIP, facts.ref, facts.key, (), reading.messages)
    if facts.closed_because:
        said = message(
            "request_closed", f"row {reading.sheet_row}", F.REF.value,
            ref=facts.ref, reason=facts.closed_because,
        )  # fmt: skip
        messages = (*reading.messages, said)
        return PlannedRow(reading, Step.ERROR, facts.ref, facts.key, changes, messages)
    return PlannedRow(reading, Step.UPDATE, facts.ref, facts.key, changes, reading.messages)


def _stands_already(reading: RowReading) -> bool:
    """Whether a row that changes nothing may be passed over in silence."""
    if reading.outcome is Outcome.ERROR:
        errors = {said.code for said in reading.messages if said.is_error}
        return errors <= HARMLESS_WHEN_UNCHANGED
    return reading.outcome is not Outcome.DUPLICATE or "duplicate_content" in reading.codes


def _may_stand_twice(reading: RowReading, facts: RequestFacts | None) -> bool:
    """Whether the engagement already holds both of two requests that ask for the same."""
    return facts is not None and "duplicate_content" in reading.codes


def _changes(reading: RowReading, facts: RequestFacts) -> Iterator[Change]:
    """The fields that a row tells otherwise than the request has them."""
    yield from _text_changes(reading, facts)
    if F.CRITERIA in reading.told and not _same_scope(reading, facts):
        new = "all in scope" if reading.whole_scope else reading.criteria
        yield Change("criteria", "all in scope" if facts.whole_scope else facts.criteria, new)
    if F.CONTROLS in reading.told and set(reading.controls) != set(facts.controls):
        yield Change("controls", facts.controls, reading.controls)
    yield from _people_changes(reading, facts)
    plain = (F.KIND, F.PRIORITY, F.SENSITIVITY, F.DUE_ON, F.PERIOD_FROM, F.PERIOD_TO, F.AS_OF)
    for name in plain:
        old, new = getattr(facts, name.value), getattr(reading, name.value)
        if name in reading.told and old != new:
            yield Change(name.value, old, new)


def _text_changes(reading: RowReading, facts: RequestFacts) -> Iterator[Change]:
    """Texts, compared as an import would store them."""
    title, description = title_and_description(facts.title, facts.description)
    if F.TITLE in reading.told and reading.title != title:
        yield Change("title", facts.title, reading.title)
    if reading.description and reading.description != description:
        yield Change("description", facts.description, reading.description)
    if F.AREA in reading.told and reading.area != clean_line(facts.area):
        yield Change("area", facts.area, reading.area)
    hint = clean_text(facts.acceptance_hint)
    if F.ACCEPTANCE_HINT in reading.told and reading.acceptance_hint != hint:
        yield Change("acceptance_hint", facts.acceptance_hint, reading.acceptance_hint)


def _people_changes(reading: RowReading, facts: RequestFacts) -> Iterator[Change]:
    """Owner and contributors; people who are not here yet cannot be named, so change nothing."""
    unknown = set(reading.invitations)
    owner = reading.owner_email
    if F.OWNER_EMAIL in reading.told and owner not in unknown and owner != facts.owner_email:
        yield Change("owner_email", facts.owner_email, owner)
    if F.CONTRIBUTORS in reading.told:
        apart = unknown | {owner}
        if set(reading.contributors) - apart != set(facts.contributors) - apart:
            yield Change("contributors", facts.contributors, reading.contributors)


def _same_scope(reading: RowReading, facts: RequestFacts) -> bool:
    """Whether row and request name the same criteria or objectives."""
    if reading.whole_scope and facts.whole_scope:
        return True
    return reading.whole_scope == facts.whole_scope and set(reading.criteria) == set(facts.criteria)
