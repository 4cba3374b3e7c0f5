"""The child's answer as JSON: what it read, or why it refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from evidence.workbooks.errors import WorkbookRefused
from evidence.workbooks.sheets import (
    Cell,
    CellTrouble,
    Notice,
    Row,
    Sheet,
    Workbook,
    WorkbookKind,
)

# JSON has no dates: a list of its own stands for what is no text, number, truth or nothing.
DATE: Final = "d"
MOMENT: Final = "m"
TROUBLE: Final = "x"

WORD: Final = ".docx"
"""The ending that asks the child for a document's paragraphs instead of sheets."""
ROWS: Final = ".rows"
"""The ending that asks the child for a population, row by row."""


def encode(workbook: Workbook) -> bytes:
    """A workbook as bytes."""
    sheets = [
        [sheet.title, sheet.hidden, sheet.width, [_row_out(row) for row in sheet.rows]]
        for sheet in workbook.sheets
    ]
    notices = [[notice.code, notice.message] for notice in workbook.notices]
    return _dump({"kind": workbook.kind, "from_1904": workbook.from_1904, "notices": notices,
                  "sheets": sheets})  # fmt: skip


def encode_paragraphs(paragraphs: Sequence[tuple[str, str]]) -> bytes:
    """The (kind, text) paragraphs of a document as bytes."""
    return _dump({"paragraphs": [list(one) for one in paragraphs]})


def decode_paragraphs(answer: bytes) -> list[tuple[str, str]]:
    """The paragraphs the child read. Raises the WorkbookRefused it sent, ValueError for noise."""
    told = json.loads(answer)
    _raise_refusal(told)
    return [(str(kind), str(text)) for kind, text in told["paragraphs"]]


def encode_refusal(refused: WorkbookRefused) -> bytes:
    """A refusal as bytes."""
    return _dump({"refused": [refused.code, refused.message]})


def decode(answer: bytes, *, name: str) -> Workbook:
    """The workbook the child read. Raises the WorkbookRefused it sent, ValueError for noise."""
    told = json.loads(answer)
    _raise_refusal(told)
    return Workbook(
        name=name,
        kind=WorkbookKind(told["kind"]),
        sheets=tuple(_sheet_in(sheet) for sheet in told["sheets"]),
        notices=tuple(Notice(code, message) for code, message in told["notices"]),
        from_1904=told["from_1904"],
    )


def _raise_refusal(told: dict[str, Any]) -> None:
    """Raise what the child refused, if it did."""
    if "refused" in told:
        code, message = told["refused"]
        raise WorkbookRefused(message, code=code)


def _dump(value: object) -> bytes:
    """Compact UTF-8; a lone surrogate, which no text should hold, becomes a question mark."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def _row_out(row: Row) -> list[object]:
    """One row, its cells in order."""
    return [row.number, [_out(cell) for cell in row.cells], sorted(row.filled), row.is_title]


def _out(cell: Cell) -> object:
    """One value; a moment is asked for before a date, being one."""
    if isinstance(cell, datetime):
        return [MOMENT, cell.isoformat()]
    if isinstance(cell, date):
        return [DATE, cell.isoformat()]
    if isinstance(cell, CellTrouble):
        return [TROUBLE, cell.code, cell.shown, _out(cell.value)]
    return cell


def _sheet_in(told: list[Any]) -> Sheet:
    """One sheet."""
    title, hidden, width, rows = told
    return Sheet(
        title=title,
        hidden=hidden,
        width=width,
        rows=tuple(
            Row(number, tuple(_in(cell) for cell in cells), frozenset(filled), is_title)
            for number, cells, filled, is_title in rows
        ),
    )


def _in(told: Any) -> Cell:
    """One value."""
    if not isinstance(told, list):
        return told  # type: ignore[no-any-return]
    match told:
        case ["d", text]:
            return date.fromisoformat(text)
        case ["m", text]:
            return datetime.fromisoformat(text)
        case ["x", code, shown, value]:
            inner = _in(value)
            return CellTrouble(code, shown, None if isinstance(inner, CellTrouble) else inner)
    raise ValueError(f"unknown kind of cell: {told[:1]}")
