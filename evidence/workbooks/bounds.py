"""Counting what a workbook holds while it is being read, and stopping at the limits."""

from __future__ import annotations

from evidence.workbooks import limits
from evidence.workbooks.errors import WorkbookRefused
from evidence.workbooks.sheets import cell_name, column_name

OWN_WORKBOOK = "Copy the rows of the list into a new workbook, save it, and send that."


class Bounds:
    """The characters seen so far in all sheets of one workbook."""

    def __init__(self) -> None:
        self.characters = 0

    def count(self, title: str, row: int, column: int, characters: int, times: int = 1) -> None:
        """Take note of a cell with something in it: row from 1, column from 0.

        Raises WorkbookRefused, naming sheet and cell, when it lies or reaches too far.
        """
        refuse_far_cell(title, row, column)
        if characters > limits.CELL_CHARACTERS:
            raise WorkbookRefused(
                f"Sheet “{title}”, cell {cell_name(row, column)} holds {characters:,} characters; "
                f"at most {limits.CELL_CHARACTERS:,} are read. Shorten it and send the file again.",
                code="cell_too_long",
            )
        self.characters += characters * times
        if self.characters > limits.TEXT_CHARACTERS:
            raise WorkbookRefused(
                f"The workbook holds more text than is read: the limit was reached at sheet "
                f"“{title}”, cell {cell_name(row, column)}. {OWN_WORKBOOK}",
                code="text_too_large",
            )


def refuse_far_cell(title: str, row: int, column: int) -> None:
    """Raise WorkbookRefused for a value in a row or column beyond those that are read."""
    if row > limits.ROWS:
        raise WorkbookRefused(
            f"Sheet “{title}” has a value in row {row:,}; lists are read up to row "
            f"{limits.ROWS:,}. Delete what is below the list, or split it, and send it again.",
            code="too_many_rows",
        )
    if column >= limits.COLUMNS:
        raise WorkbookRefused(
            f"Sheet “{title}” has a value in cell {cell_name(row, column)} (column number "
            f"{column + 1:,}); lists are read up to column {column_name(limits.COLUMNS - 1)} "
            f"(number {limits.COLUMNS}). Delete what is to the right of the list and send it "
            "again.",
            code="too_many_columns",
        )
