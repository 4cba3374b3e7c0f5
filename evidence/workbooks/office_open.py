"""XLSX and XLSM: what the parts say before the reader proper opens them.

One streaming pass over the sheets finds what is too large, and what the reader proper keeps
silent about: formulas that were never calculated, error values, values from other files.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from typing import Final

from evidence.workbooks import limits, markup
from evidence.workbooks.archives import Archive, damaged, too_large
from evidence.workbooks.bounds import Bounds
from evidence.workbooks.errors import WorkbookRefused
from evidence.workbooks.sheets import CellTrouble, Notice

Troubles = dict[tuple[int, int], CellTrouble]  # by row number from 1 and column index from 0

EXTERNAL_FORMULA: Final = re.compile(r"\[\d+\][^\[\]!]*!")
REFERENCE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})\Z")


@dataclass(slots=True)
class Inspection:
    """What the pass over a workbook found, sheets by title."""

    troubles: dict[str, Troubles] = field(default_factory=dict)
    merges: dict[str, list[tuple[tuple[int, int], tuple[int, int]]]] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    from_1904: bool = False


def inspect(archive: Archive) -> Inspection:
    """Check every sheet against the limits. Raises WorkbookRefused, naming sheet and cell."""
    found = Inspection()
    sheets = _sheets(archive, found)
    if len(sheets) > limits.SHEETS:
        raise WorkbookRefused(
            f"The workbook has {len(sheets)} sheets; at most {limits.SHEETS} are read. Copy the "
            "sheet with the list into a workbook of its own and send that.",
            code="too_many_sheets",
        )
    lengths = _shared_lengths(archive)
    bounds = Bounds()
    formulas = hidden_rows = 0
    for title, part in sheets:
        scan = SheetScan(title, lengths, bounds)
        markup.scan(archive.chunks(part), part=part, start=scan.start, end=scan.end, text=scan.text)
        found.troubles[title] = scan.troubles
        formulas += scan.formulas
        hidden_rows += len(scan.hidden_rows)
    if "xl/styles.xml" in archive.parts:
        markup.scan(archive.chunks("xl/styles.xml"), part="xl/styles.xml")
    found.notices += _notices(archive, formulas, hidden_rows)
    return found


class SheetScan:
    """Handlers for one sheet's XML: where its values end, and which cells are in trouble."""

    def __init__(self, title: str, lengths: list[int], bounds: Bounds) -> None:
        self.title = title
        self.troubles: Troubles = {}
        self.formulas = 0
        self.hidden_rows: set[int] = set()
        self._lengths = lengths
        self._bounds = bounds
        self._row, self._column, self._hidden = 0, -1, False
        self._type = ""
        self._texts: dict[str, str] = {}
        self._inside = ""

    def start(self, name: str, attributes: markup.Attributes) -> None:
        """Open a row, a cell, or one of the three elements of a cell that hold text."""
        if name == "c":
            self._open_cell(attributes.get("r", ""))
            self._type = attributes.get("t", "n")
            self._texts = {}
        elif name == "row":
            number = attributes.get("r", "")
            self._row = int(number) if number.isascii() and number.isdigit() else self._row + 1
            self._column = -1
            self._hidden = attributes.get("hidden") in ("1", "true")
        elif name in ("v", "f", "t"):
            self._inside = name
            self._texts.setdefault(name, "")

    def text(self, text: str) -> None:
        """Keep the text of a value, formula or inline string."""
        if self._inside:
            self._texts[self._inside] += text

    def end(self, name: str) -> None:
        """Judge a cell once it is whole."""
        if name == self._inside:
            self._inside = ""
        elif name == "c" and self._texts:
            self._close_cell()

    def _open_cell(self, reference: str) -> None:
        """Where the cell is; a cell without a reference follows the one before it."""
        match = REFERENCE.match(reference)
        if match is None:
            self._column += 1
            return
        column = 0
        for letter in match[1]:
            column = column * 26 + ord(letter) - 64
        self._row, self._column = int(match[2]), column - 1

    def _close_cell(self) -> None:
        """Count a cell that holds something, and note what is wrong with it."""
        value, formula = self._texts.get("v", ""), self._texts.get("f")
        length = len(value) + len(self._texts.get("t", ""))
        if self._type == "s":
            index = int(value) if value.isascii() and value.isdigit() else -1
            if not 0 <= index < len(self._lengths):
                raise damaged()
            length = self._lengths[index]
        elif not length and formula is None:
            return
        self._bounds.count(self.title, self._row, self._column, length)
        if self._hidden:
            self.hidden_rows.add(self._row)
        trouble = self._trouble(value, formula)
        if formula is not None:
            self.formulas += 1
        if trouble is not None:
            self.troubles[self._row, self._column] = trouble

    def _trouble(self, value: str, formula: str | None) -> CellTrouble | None:
        """What is wrong with the cell, if anything."""
        if self._type == "e":
            return CellTrouble("error_value", shown=value)
        if formula is None:
            return None
        if not value and self._type != "str":
            return CellTrouble("formula_without_value", shown=f"={formula}"[:80])
        if EXTERNAL_FORMULA.search(formula):
            return CellTrouble("external_link", shown=f"={formula}"[:80])
        return None


def _sheets(archive: Archive, found: Inspection) -> list[tuple[str, str]]:
    """Title and part of each worksheet, in the order of the workbook."""
    targets: dict[str, str] = {}
    named: list[tuple[str, str]] = []

    def relationship(name: str, attributes: markup.Attributes) -> None:
        if name == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
            target = posixpath.join("/xl", attributes.get("Target", ""))
            targets[attributes.get("Id", "")] = posixpath.normpath(target).lstrip("/")

    def sheet(name: str, attributes: markup.Attributes) -> None:
        if name == "sheet":
            key = next((attributes[a] for a in attributes if a.endswith(":id")), "")
            named.append((attributes.get("name", ""), key))
        elif name == "workbookPr":
            found.from_1904 = attributes.get("date1904") in ("1", "true")

    for part, handler in (
        ("xl/_rels/workbook.xml.rels", relationship),
        ("xl/workbook.xml", sheet),
    ):
        markup.scan([archive.text(part)], part=part, start=handler)
    parts = [(title, targets[key]) for title, key in named if key in targets]
    if any(part not in archive.parts for _, part in parts):
        raise damaged()
    return parts


def _shared_lengths(archive: Archive) -> list[int]:
    """The length of each shared string; WorkbookRefused for one no program would write."""
    part = next((name for name in archive.parts if name.lower() == "xl/sharedstrings.xml"), "")
    lengths: list[int] = []
    inside = False

    def start(name: str, _: markup.Attributes) -> None:
        nonlocal inside
        if name == "si":
            lengths.append(0)
        inside = name == "t" and bool(lengths)

    def end(name: str) -> None:
        nonlocal inside
        inside = False

    def text(text: str) -> None:
        if inside:
            lengths[-1] += len(text)
            if lengths[-1] > 2 * limits.CELL_CHARACTERS:  # pieces of rich text add a little
                raise too_large(part, f"its text {len(lengths)} is longer than a cell can hold")

    if part:
        markup.scan(archive.chunks(part), part=part, start=start, end=end, text=text)
    return lengths


def _notices(archive: Archive, formulas: int, hidden_rows: int) -> list[Notice]:
    """What the person should know about a workbook that is read all the same."""
    notices = []
    folders = {name.partition("/")[2].partition("/")[0] for name in archive.parts}
    if "externalLinks" in folders:
        notices.append(
            Notice(
                "external_links",
                "The workbook takes values from other files. They were not opened; the values "
                "saved in this workbook are used. To be sure of them, copy those cells and paste "
                "them as values before sending.",
            )
        )
    if "xl/vbaProject.bin" in archive.parts:
        notices.append(Notice("macros_ignored", "The workbook's macros were not run."))
    if "embeddings" in folders:
        notices.append(
            Notice("embedded_files_ignored", "Files embedded in the workbook were not opened.")
        )
    if formulas:
        cells = "1 cell holds a formula" if formulas == 1 else f"{formulas} cells hold formulas"
        notices.append(Notice("formulas", f"{cells}; the results saved in the file are used."))
    if hidden_rows:
        rows = "1 hidden row was" if hidden_rows == 1 else f"{hidden_rows} hidden rows were"
        notices.append(Notice("hidden_rows", f"{rows} read like the others."))
    return notices
