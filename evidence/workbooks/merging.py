"""From a grid of values to rows: merged cells resolved by IM-02, empty rows left out."""

from __future__ import annotations

from collections.abc import Sequence

from evidence.workbooks import limits
from evidence.workbooks.errors import WorkbookRefused
from evidence.workbooks.sheets import Cell, Row, Sheet

Corner = tuple[int, int]  # row and column, both from 0
Merge = tuple[Corner, Corner]  # top left, bottom right


def sheet_of(
    title: str, grid: list[list[Cell]], merges: Sequence[Merge], *, hidden: bool = False
) -> Sheet:
    """A sheet from its grid (rows from the top, cells from column A).

    A vertical merge repeats its top value in the rows below that hold something of their own; a
    merge over the full width, alone in its row, is a title (IM-02). Raises WorkbookRefused when
    the merges cover more cells than a list ever has.
    """
    width = max((_length(cells) for cells in grid), default=0)
    in_use = [any(cell is not None for cell in cells) for cells in grid]
    alone = [sum(cell is not None for cell in cells) == 1 for cells in grid]
    filled = _fill_down(title, grid, merges, in_use)
    titles = {
        top
        for (top, left), (_, right) in merges
        if left == 0 and right > 0 and right >= width - 1 and top < len(grid) and alone[top]
    }
    rows = tuple(
        Row(
            number=index + 1,
            cells=tuple(cells[: _length(cells)]),
            filled=frozenset(filled.get(index, ())),
            is_title=index in titles,
        )
        for index, cells in enumerate(grid)
        if in_use[index]
    )
    return Sheet(title=title, rows=rows, hidden=hidden, width=width)


def _fill_down(
    title: str, grid: list[list[Cell]], merges: Sequence[Merge], in_use: list[bool]
) -> dict[int, set[int]]:
    """Repeat top values downwards in place; the columns filled, by row index."""
    filled: dict[int, set[int]] = {}
    budget = limits.MERGED_CELLS
    for (top, column), (bottom, _) in merges:
        if bottom <= top or top >= len(grid) or column >= len(grid[top]):
            continue
        last = min(bottom, len(grid) - 1)
        budget -= last - top
        if budget < 0:
            raise WorkbookRefused(
                f"Sheet “{title}” merges more cells than a list ever does (last seen at row "
                f"{top + 1:,}). Unmerge all cells and send it again.",
                code="workbook_unsafe",
            )
        value = grid[top][column]
        if value is None:
            continue
        for index in range(top + 1, last + 1):
            cells = grid[index]
            if in_use[index] and (column >= len(cells) or cells[column] is None):
                cells.extend([None] * (column + 1 - len(cells)))
                cells[column] = value
                filled.setdefault(index, set()).add(column)
    return filled


def _length(cells: Sequence[Cell]) -> int:
    """How many cells are left when empty ones at the end are dropped."""
    length = len(cells)
    while length and cells[length - 1] is None:
        length -= 1
    return length
