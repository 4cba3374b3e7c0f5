"""What reading a list gives: one reading for each row, and what was passed over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from audits.rules.criteria import RequirementKind, kind_for
from evidence.rules.request_list_dates import DateOrder
from evidence.rules.request_list_headers import Header
from evidence.rules.request_list_messages import Message, codes_of
from evidence.rules.request_list_words import ListField

VALUES: Final = (
    "ref", "area", "title", "description", "acceptance_hint", "criteria", "whole_scope",
    "controls", "kind", "priority", "status", "sensitivity", "owner_email", "contributors",
    "invitations", "requested_on", "due_on", "received_on", "period_from", "period_to", "as_of",
    "comment",
)  # fmt: skip


class Outcome(StrEnum):
    """What a row is worth as it stands in the list, before the engagement is looked at."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, kw_only=True)
class ListContext:
    """What a list is read against.

    report_type: SOC1, SOC2 or SOC3. exam_type: T1 or T2. known_requirements: every criterion of
    the catalog, or every control objective of a SOC 1, in order; in_scope: those the engagement
    examines. controls: the engagement's control ids. people: name by e-mail, lower case, of the
    client's people. date_order: None to find it out. requested_on: for lists that do not say when
    they were sent. default_due_on: for rows of a list that has no column of due dates.
    """

    report_type: str
    known_requirements: Sequence[str]
    in_scope: Collection[str]
    controls: Collection[str]
    people: Mapping[str, str]
    exam_type: str = "T2"
    date_order: DateOrder | None = None
    requested_on: date | None = None
    default_due_on: date | None = None

    @property
    def requirement_kind(self) -> RequirementKind:
        """What this report measures against."""
        return kind_for(self.report_type)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowReading:
    """One request as one row of the list says it.

    told: the fields for which the row had a value of its own; the others hold defaults.
    owner_emails: as the cell names them, the first being the owner; the others are contributors,
    too. In a row in error they may be no addresses. invitations: valid addresses nobody of the
    client has (IM-05). duplicate_of: the earlier row, from 1.
    """

    sheet: str
    sheet_row: int
    outcome: Outcome
    messages: tuple[Message, ...]
    told: frozenset[ListField]
    ref: str = ""
    area: str = ""
    title: str = ""
    description: str = ""
    acceptance_hint: str = ""
    criteria: tuple[str, ...] = ()
    whole_scope: bool = False
    controls: tuple[str, ...] = ()
    kind: str = "document"
    priority: str = "medium"
    status: str = "open"
    sensitivity: str = "normal"
    owner_emails: tuple[str, ...] = ()
    contributors: tuple[str, ...] = ()
    invitations: tuple[str, ...] = ()
    requested_on: date | None = None
    due_on: date | None = None
    received_on: date | None = None
    period_from: date | None = None
    period_to: date | None = None
    as_of: date | None = None
    comment: str = ""
    duplicate_of: int | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of what decided the outcome, each once; hints are left out."""
        return codes_of(self.messages)

    @property
    def owner_email(self) -> str:
        """The first address; empty when the row names nobody."""
        return self.owner_emails[0] if self.owner_emails else ""

    @property
    def fields(self) -> dict[str, object]:
        """Every value of the row, ready for JSON: dates as ISO text, several values as lists."""
        values: dict[str, object] = {}
        for name in VALUES:
            value = getattr(self, name)
            if isinstance(value, date):
                value = value.isoformat()
            values[name] = list(value) if isinstance(value, tuple) else value
        return values

    @property
    def is_usable(self) -> bool:
        """Whether a request can be made of it."""
        return self.outcome in (Outcome.OK, Outcome.WARNING)


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """A row that is no request (IM-03). reason: title, total, legend, header, empty or note."""

    sheet_row: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class ListReading:
    """A whole list. date_order_from: setting, note, dates or default."""

    header: Header
    rows: tuple[RowReading, ...]
    skipped: tuple[SkippedRow, ...]
    date_order: DateOrder
    date_order_from: str

    @property
    def counts(self) -> dict[Outcome, int]:
        """How many rows have each outcome."""
        counted = Counter(row.outcome for row in self.rows)
        return {outcome: counted[outcome] for outcome in Outcome}
