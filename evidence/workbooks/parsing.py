"""A file to a workbook, within the child process: told apart by content, checked, then read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO, Final

import python_calamine as calamine

from evidence.workbooks import compound, delimited, limits, office_open, open_document
from evidence.workbooks.archives import Archive, damaged
from evidence.workbooks.bounds import Bounds, refuse_far_cell
from evidence.workbooks.errors import WorkbookRefused
from evidence.workbooks.kinds import (
    SAVE_AS,
    SEND_LIST,
    not_a_spreadsheet,
    refuse_other_kinds,
    refuse_other_name,
)
from evidence.workbooks.merging import sheet_of
from evidence.workbooks.office_open import Inspection, Troubles
from evidence.workbooks.sheets import Cell, CellTrouble, Sheet, Workbook, WorkbookKind

HEAD_BYTES: Final = 4096
OPEN_DOCUMENT_TYPE: Final = b"application/vnd.oasis.opendocument.spreadsheet"
# Parts by which other ZIP files betray themselves, in the order they are looked for.
OTHER_ARCHIVES: Final = (
    ("xl/workbook.bin", "an Excel binary workbook (XLSB)", SAVE_AS),
    ("word/document.xml", "a Word document", SEND_LIST),
    ("ppt/presentation.xml", "a PowerPoint presentation", SEND_LIST),
    ("Index/Document.iwa", "an Apple Numbers document", "Export it as Excel and send that."),
    ("mimetype", "an OpenDocument file, but no spreadsheet", SEND_LIST),
)


def parse(path: Path, *, name: str) -> Workbook:
    """Read the file at `path`, whose name as sent is `name`. Raises WorkbookRefused."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        if head.startswith(b"PK"):
            return _parse_archive(path, file, name)
        if head.startswith(compound.SIGNATURE):
            compound.refuse_unless_xls(file)
            return _parse_xls(path, name)
        refuse_other_kinds(head)
        data = head + file.read()
    sheet, notices = delimited.read(data)
    refuse_other_name(name, WorkbookKind.CSV)
    return Workbook(name, WorkbookKind.CSV, (sheet,), tuple(notices))


def _parse_archive(path: Path, file: BinaryIO, name: str) -> Workbook:
    """An XLSX, XLSM or ODS file."""
    archive = Archive(file)
    kind = _kind_of(archive)
    refuse_other_name(name, kind)
    inspection = (open_document if kind is WorkbookKind.ODS else office_open).inspect(archive)
    sheets = tuple(_sheets(path, inspection))
    return Workbook(name, kind, sheets, tuple(inspection.notices), inspection.from_1904)


def _parse_xls(path: Path, name: str) -> Workbook:
    """An Excel 97-2003 workbook: it carries no XML, so its size alone bounds it beforehand."""
    refuse_other_name(name, WorkbookKind.XLS)
    return Workbook(name, WorkbookKind.XLS, tuple(_sheets(path, Inspection(), Bounds())))


def _kind_of(archive: Archive) -> WorkbookKind:
    """Which spreadsheet the archive is. Raises WorkbookRefused, saying what else it is."""
    if "xl/workbook.xml" in archive.parts:
        macros = "xl/vbaProject.bin" in archive.parts
        return WorkbookKind.XLSM if macros else WorkbookKind.XLSX
    if archive.text("mimetype").strip() == OPEN_DOCUMENT_TYPE:
        return WorkbookKind.ODS
    for part, what, cure in OTHER_ARCHIVES:
        if part in archive.parts:
            raise not_a_spreadsheet(what, cure)
    raise not_a_spreadsheet("a ZIP archive", f"Unpack it first. {SEND_LIST}")


def _sheets(path: Path, inspection: Inspection, bounds: Bounds | None = None) -> Iterator[Sheet]:
    """Every worksheet as calamine reads it, with what the inspection found laid over it."""
    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
        for index, about in enumerate(book.sheets_metadata):
            if about.typ is not calamine.SheetTypeEnum.WorkSheet:
                continue
            if index >= limits.SHEETS:
                raise WorkbookRefused(
                    f"The workbook has more than {limits.SHEETS} sheets. Copy the sheet with the "
                    "list into a workbook of its own and send that.",
                    code="too_many_sheets",
                )
            sheet = book.get_sheet_by_index(index)
            end = sheet.end
            if end is not None:
                refuse_far_cell(about.name, end[0] + 1, end[1])
            grid = _grid(sheet, inspection.troubles.get(about.name, {}))
            if bounds is not None:
                _count(bounds, about.name, grid)
            merges = inspection.merges.get(about.name) or sheet.merged_cell_ranges or []
            hidden = about.visible is not calamine.SheetVisibleEnum.Visible
            yield sheet_of(about.name, grid, merges, hidden=hidden)
    except calamine.PasswordError as error:
        raise compound.encrypted() from error
    except calamine.CalamineError as error:
        raise damaged() from error


def _grid(sheet: calamine.CalamineSheet, troubles: Troubles) -> list[list[Cell]]:
    """The values of a sheet from A1 on, cells in trouble marked as such."""
    grid = [[_cell(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    for (row, column), trouble in troubles.items():
        while len(grid) < row:
            grid.append([])
        cells = grid[row - 1]
        cells.extend([None] * (column + 1 - len(cells)))
        value = cells[column] if trouble.code == "external_link" else None
        assert not isinstance(value, CellTrouble)
        cells[column] = CellTrouble(trouble.code, trouble.shown, value)
    return grid


def _cell(value: object) -> Cell:
    """One value in our own terms: nothing for empty text, whole numbers as int."""
    if isinstance(value, str):
        return value if value and not value.isspace() else None
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    if isinstance(value, (bool, int, float, date, datetime)):
        return value
    return str(value)  # a time of day or a duration


def _count(bounds: Bounds, title: str, grid: list[list[Cell]]) -> None:
    """Hold a sheet that was not inspected beforehand to the limits on text."""
    for number, cells in enumerate(grid, start=1):
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                bounds.count(title, number, column, len(cell))
