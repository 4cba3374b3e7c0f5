"""ODS: what content.xml says before the reader proper opens it, and its merged cells."""

from __future__ import annotations

from typing import Final

from evidence.workbooks import markup
from evidence.workbooks.archives import Archive, damaged
from evidence.workbooks.bounds import Bounds
from evidence.workbooks.compound import encrypted
from evidence.workbooks.office_open import Inspection, Troubles
from evidence.workbooks.sheets import CellTrouble, Notice

COLUMNS_REPEATED: Final = "table:number-columns-repeated"
ROWS_REPEATED: Final = "table:number-rows-repeated"
FURTHEST: Final = 1 << 24  # beyond any spreadsheet; larger repeats are cut to it


def inspect(archive: Archive) -> Inspection:
    """Check every sheet against the limits. Raises WorkbookRefused, naming sheet and cell."""
    if b"encryption-data" in archive.text("META-INF/manifest.xml"):
        raise encrypted()
    if "content.xml" not in archive.parts:
        raise damaged()
    scan = ContentScan()
    markup.scan(
        archive.chunks("content.xml"),
        part="content.xml",
        start=scan.start,
        end=scan.end,
        text=scan.text,
    )
    if scan.external:
        scan.found.notices.append(
            Notice(
                "external_links",
                "The workbook takes values from other files. They were not opened; the values "
                "saved in this workbook are used.",
            )
        )
    return scan.found


class ContentScan:
    """Handlers for content.xml: positions are counted, for cells carry no reference."""

    def __init__(self) -> None:
        self.found = Inspection()
        self.external = False
        self._bounds = Bounds()
        self._title = ""
        self._troubles: Troubles = {}
        self._row, self._column, self._row_repeat = 1, 0, 1
        self._attributes: markup.Attributes = {}
        self._characters = 0
        self._in_cell = False

    def start(self, name: str, attributes: markup.Attributes) -> None:
        """Open a sheet, a row or a cell."""
        if name == "table":
            self._title = attributes.get("table:name", "")
            self._troubles = self.found.troubles.setdefault(self._title, {})
            self.found.merges.setdefault(self._title, [])
            self._row = 1
        elif name == "table-row":
            self._row_repeat = _count(attributes, ROWS_REPEATED)
            self._column = 0
        elif name in ("table-cell", "covered-table-cell"):
            self._attributes, self._characters, self._in_cell = attributes, 0, True

    def text(self, text: str) -> None:
        """Count the text of a cell."""
        if self._in_cell:
            self._characters += len(text)

    def end(self, name: str) -> None:
        """Judge a cell once it is whole, and step on."""
        if name in ("table-cell", "covered-table-cell"):
            self._close_cell()
            self._in_cell = False
        elif name == "table-row":
            self._row += self._row_repeat

    def _close_cell(self) -> None:
        """Count a cell that holds something, as often as it is repeated."""
        attributes = self._attributes
        repeat = _count(attributes, COLUMNS_REPEATED)
        formula = attributes.get("table:formula")
        filled = self._characters or formula or "office:value-type" in attributes
        if filled:
            last_row, last_column = self._row + self._row_repeat - 1, self._column + repeat - 1
            self._bounds.count(
                self._title, last_row, last_column, self._characters, repeat * self._row_repeat
            )
            self._note(formula)
        rows = _count(attributes, "table:number-rows-spanned")
        columns = _count(attributes, "table:number-columns-spanned")
        if filled and (rows > 1 or columns > 1):
            top, left = self._row - 1, self._column
            corner = (top + rows - 1, left + columns - 1)
            self.found.merges[self._title].append(((top, left), corner))
        self._column += repeat

    def _note(self, formula: str | None) -> None:
        """Keep what is wrong with the cell, if anything."""
        place, shown = (self._row, self._column), (formula or "")[:80]
        if self._attributes.get("calcext:value-type") == "error":
            self._troubles[place] = CellTrouble("error_value", shown=shown)
        elif formula and "office:value-type" not in self._attributes:
            self._troubles[place] = CellTrouble("formula_without_value", shown=shown)
        elif formula and "'file:" in formula:
            self.external = True
            self._troubles[place] = CellTrouble("external_link", shown=shown)


def _count(attributes: markup.Attributes, name: str) -> int:
    """A repeat or span: 1 unless told otherwise."""
    told = attributes.get(name, "1")
    if not (told.isascii() and told.isdigit()):
        raise damaged()
    return max(1, min(int(told[:9]), FURTHEST))
