"""Reading a client's control set: CSV text in, controls and row problems out.

Each row is read or refused with its number (as a spreadsheet counts, the header included), the
column, a code and the cure. Criteria and objectives follow the grammar of `criteria.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from audits.rules.control_words import COLUMN_OF, TEST_PLAN, VALUES, folded_words, value_of
from audits.rules.controls import ControlFields, problems_of
from audits.rules.criteria import RequirementKind, parse_references
from audits.rules.delimited import records_of
from tenants.errors import Invalid

MOST_ROWS: Final = 5_000
MOST_COLUMNS: Final = 200
HEADER_WITHIN: Final = 20  # rows: titles and notes may stand above the header
NEEDED: Final = ("ref", "title", "narrative", "owner_role", "frequency", "nature", "type")
LISTS: Final = ("systems", "evidence")
BETWEEN: Final = re.compile(r"[;\n\r]+")


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong, or doubtful, at one place. column: the file's own header for it."""

    row: int
    column: str
    code: str
    message: str
    is_error: bool = True


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One row that holds anything: a control, or None where it was refused."""

    number: int
    ref: str
    title: str
    control: ControlFields | None
    problems: tuple[RowProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class ControlList:
    """A list as read. notices: what was left aside, one sentence each."""

    rows: tuple[ReadRow, ...]
    notices: tuple[str, ...] = ()

    @property
    def controls(self) -> list[ControlFields]:
        """The controls of the rows that were read."""
        return [row.control for row in self.rows if row.control]

    @property
    def errors(self) -> list[RowProblem]:
        """Why rows were refused, in the order of the file."""
        return [problem for row in self.rows for problem in row.problems if problem.is_error]


def read_control_list(
    text: str, *, criteria: Sequence[str], objectives: Sequence[str]
) -> ControlList:
    """Read a control set.

    criteria, objectives: every identifier there is, in order; for objectives the client's own and
    the catalog's. Raises Invalid when no header is found, a needed column is missing or the list
    is longer than 5,000 rows; everything else is said row by row.
    """
    records = records_of(
        text, most=MOST_ROWS + HEADER_WITHIN, weigh=lambda record: len(_columns(record))
    )
    at, columns = _find_header(records)
    _need_columns(columns)
    reader = _Reader(records[at], columns, criteria, objectives)
    rows = [
        reader.read(number, record)
        for number, record in enumerate(records[at + 1 :], at + 2)
        if any(cell.strip() for cell in record)
    ]
    if not rows:
        raise Invalid(
            "The list has a header and no rows below it.", code="list_empty", field="file"
        )
    return ControlList(tuple(_without_doubles(rows, reader)), tuple(_notices(records[at], columns)))


class _Reader:
    """Reads one row at a time by the columns of the header."""

    def __init__(
        self,
        header: Sequence[str],
        columns: dict[str, int],
        criteria: Sequence[str],
        objectives: Sequence[str],
    ) -> None:
        self.header = header
        self.columns = columns
        self.known = {"criteria": tuple(criteria), "objectives": tuple(objectives)}

    def read(self, number: int, record: Sequence[str]) -> ReadRow:
        """One row with its problems; refused when any of them is an error."""
        cells = {field: self._cell(record, field) for field in self.columns}
        problems: list[RowProblem] = []
        references = {
            field: self._references(number, field, cells[field], problems)
            for field in self.known
            if field in cells
        }
        told: dict[str, Any] = {field: cells[field] for field in NEEDED}
        told |= {field: _pieces(cells[field]) for field in LISTS if field in cells}
        control = ControlFields(**told | references)
        problems += [
            RowProblem(number, self.column(one.field), one.code, one.message, one.is_error)
            for one in problems_of(control)
        ]
        refused = any(problem.is_error for problem in problems)
        return ReadRow(
            number, control.ref, control.title, None if refused else control, tuple(problems)
        )

    def column(self, field: str) -> str:
        """The file's own name of a column."""
        at = self.columns.get(field)
        return field if at is None else self.header[at].strip()

    def _cell(self, record: Sequence[str], field: str) -> str:
        at = self.columns[field]
        text = record[at].strip() if at < len(record) else ""
        if field in VALUES:
            return value_of(field, text)
        return " ".join(text.split()) if field in ("ref", "title", "owner_role") else text

    def _references(
        self, number: int, field: str, cell: str, problems: list[RowProblem]
    ) -> tuple[str, ...]:
        kind = RequirementKind.TSC if field == "criteria" else RequirementKind.OBJECTIVE
        known = self.known[field]
        found = parse_references(cell, kind=kind, known=known, in_scope=known)
        problems += [
            RowProblem(number, self.column(field), one.code, _in_a_library(one.code, one.message),
                       one.is_error)
            for one in found.problems
        ]  # fmt: skip
        return found.identifiers


def _in_a_library(code: str, message: str) -> str:
    """A library knows no engagement: say where the objectives it may name come from."""
    if code == "unknown_objective":
        shown = message.partition("”")[0] + "”"
        return (
            f"{shown} is none of your control objectives, nor one of the catalog. Add it to your "
            "objectives first, or correct the id."
        )
    return message


def _columns(record: Iterable[str]) -> dict[str, int]:
    """Field → position, the first column that means it."""
    columns: dict[str, int] = {}
    for at, cell in enumerate(islice(record, MOST_COLUMNS)):
        if field := COLUMN_OF.get(folded_words(cell[:80])):
            columns.setdefault(field, at)
    return columns


def _find_header(records: list[list[str]]) -> tuple[int, dict[str, int]]:
    found = [(len(_columns(record)), -at) for at, record in enumerate(records[:HEADER_WITHIN])]
    best, at = max(found, default=(0, 0))
    if best < 3:
        raise Invalid(
            "No header was found in the first 20 rows. The list needs columns such as control_id, "
            "title, narrative, owner_role, frequency, nature and type.",
            code="header_missing", field="file",
        )  # fmt: skip
    return -at, _columns(records[-at])


def _need_columns(columns: dict[str, int]) -> None:
    missing = [field for field in NEEDED if field not in columns]
    if missing:
        words = ", ".join("control_id" if field == "ref" else field for field in missing)
        raise Invalid(
            f"The list has no column for: {words}. Add it, or name it so in the header.",
            code="column_missing", field="file",
        )  # fmt: skip


def _pieces(cell: str) -> tuple[str, ...]:
    """The pieces of a cell that lists several, each once whatever its letter case."""
    pieces = {piece.strip().casefold(): piece.strip() for piece in reversed(BETWEEN.split(cell))}
    return tuple(reversed([piece for piece in pieces.values() if piece]))


def _without_doubles(rows: list[ReadRow], reader: _Reader) -> Iterable[ReadRow]:
    """The rows, with every second use of an id refused."""
    seen: dict[str, int] = {}
    for row in rows:
        first = seen.setdefault(row.ref.casefold(), row.number) if row.ref else row.number
        if first == row.number:
            yield row
            continue
        double = RowProblem(
            row.number, reader.column("ref"), "ref_twice",
            f"“{row.ref}” stands in row {first} already. Give one of them another id.",
        )  # fmt: skip
        yield ReadRow(row.number, row.ref, row.title, None, (double, *row.problems))


def _notices(header: Sequence[str], columns: dict[str, int]) -> Iterable[str]:
    """What was left aside."""
    rest = [
        cell.strip()
        for at, cell in enumerate(header[:MOST_COLUMNS])
        if cell.strip() and at not in columns.values()
    ]
    plan = [cell for cell in rest if TEST_PLAN.search(folded_words(cell))]
    if plan:
        yield (
            f"Not imported, because tests are the audit firm's plan and not part of your library: "
            f"{', '.join(plan)}."
        )
    other = [cell for cell in rest if cell not in plan][:20]
    if other:
        yield f"Not read, because no field matches: {', '.join(other)}."
