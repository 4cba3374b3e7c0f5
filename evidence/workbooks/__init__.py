"""Spreadsheets as people send them, read into plain sheets of cells by a guarded child process.

Callers use `read_workbook` alone; everything that touches the bytes of the file runs in the
child (`python -m evidence.workbooks`), never in the web process (UPL-11).
"""

from __future__ import annotations

from evidence.workbooks.errors import WorkbookRefused
from evidence.workbooks.reading import read_word, read_workbook
from evidence.workbooks.sheets import (
    Cell,
    CellTrouble,
    Notice,
    Row,
    Sheet,
    Workbook,
    WorkbookKind,
    cell_name,
    column_name,
)

__all__ = [
    "Cell",
    "CellTrouble",
    "Notice",
    "Row",
    "Sheet",
    "Workbook",
    "WorkbookKind",
    "WorkbookRefused",
    "cell_name",
    "column_name",
    "read_word",
    "read_workbook",
]
