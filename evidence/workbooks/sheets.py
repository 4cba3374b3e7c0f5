"""What a workbook holds once read: sheets of rows of plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class WorkbookKind(StrEnum):
    """The kinds of file a list may come in, named by their usual ending."""

    XLSX = "xlsx"
    XLSM = "xlsm"
    XLS = "xls"
    ODS = "ods"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class CellTrouble:
    """A cell whose value cannot be used, or only with a doubt.

    code: `formula_without_value` (never calculated), `error_value` (such as #REF!) or
    `external_link` (a saved value that came from another file; `value` holds it).
    """

    code: str
    shown: str = ""
    value: str | int | float | bool | date | datetime | None = None


Cell = str | int | float | bool | date | datetime | CellTrouble | None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the person should know about the file, though it was read."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row that holds something of its own.

    number: as the spreadsheet shows it, from 1. cells: from column A, without empty ones at the
    end. filled: indexes of cells that repeat the top value of a vertical merge (IM-02).
    is_title: one merged cell spans the whole width of the sheet (IM-02).
    """

    number: int
    cells: tuple[Cell, ...]
    filled: frozenset[int] = frozenset()
    is_title: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: rows that hold something, top to bottom; width: columns in use."""

    title: str
    rows: tuple[Row, ...]
    hidden: bool = False
    width: int = 0


@dataclass(frozen=True, slots=True)
class Workbook:
    """A file as read. from_1904: its day numbers count from 1 January 1904, not from 1900."""

    name: str
    kind: WorkbookKind
    sheets: tuple[Sheet, ...]
    notices: tuple[Notice, ...] = field(default=())
    from_1904: bool = False


def column_name(index: int) -> str:
    """The letters of a column counted from 0: 0 is A, 25 is Z, 26 is AA."""
    letters = ""
    while index >= 0:
        index, letter = divmod(index, 26)
        letters = chr(ord("A") + letter) + letters
        index -= 1
    return letters


def cell_name(row_number: int, column: int) -> str:
    """A cell as the spreadsheet names it: row from 1, column from 0, such as J12."""
    return f"{column_name(column)}{row_number}"
