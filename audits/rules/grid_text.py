"""A testing grid as text of a spreadsheet: read and written (TP-05). Values in, values out."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Final

from audits.choices.testing import CellResult

SPELLED: Final = {
    "p": CellResult.PASS, "pass": CellResult.PASS, "passed": CellResult.PASS,
    "y": CellResult.PASS, "yes": CellResult.PASS, "ok": CellResult.PASS, "\u2713": CellResult.PASS,
    "d": CellResult.DEVIATION, "deviation": CellResult.DEVIATION, "dev": CellResult.DEVIATION,
    "fail": CellResult.DEVIATION, "failed": CellResult.DEVIATION, "f": CellResult.DEVIATION,
    "no": CellResult.DEVIATION, "\u2717": CellResult.DEVIATION,
    "n": CellResult.NOT_APPLICABLE, "na": CellResult.NOT_APPLICABLE,
    "n/a": CellResult.NOT_APPLICABLE, "not applicable": CellResult.NOT_APPLICABLE,
}  # fmt: skip
"""How a spreadsheet spells a result."""
LETTERS: Final = {
    CellResult.PASS: "P", CellResult.DEVIATION: "D", CellResult.NOT_APPLICABLE: "N",
}  # fmt: skip
ITEM: Final = "Item"


def written(letters: Sequence[str], lines: Iterable[tuple[int, Sequence[str]]]) -> str:
    """The grid as tab-separated text: a heading, then each item by its number."""
    rows = ["\t".join((ITEM, *letters))]
    for position, results in lines:
        rows.append("\t".join((str(position), *(LETTERS.get(CellResult(r), "") if r else ""
                                                 for r in results))))  # fmt: skip
    return "\n".join(rows)


def read(
    text: str, letters: Sequence[str], positions: Iterable[int]
) -> Mapping[tuple[int, str], str]:
    """(item's number, attribute's letter) → result, of what is not empty.

    The first line names the attributes by letter; each further one opens with the item's number.
    Raises ValueError naming line and column of what is none of these.
    """
    lines = [
        (number, [cell.strip() for cell in line.split("\t")])
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip()
    ]
    if not lines:
        raise ValueError("There is nothing to read. Paste the heading and the lines below it.")
    (_, heading), *rows = lines
    _check_heading(heading, letters)
    known, found = set(positions), {}
    seen: set[int] = set()
    for number, row in rows:
        position = _position(number, row, heading, known)
        if position in seen:
            raise ValueError(f"Line {number}: item {position} stands there twice.")
        seen.add(position)
        for place, (letter, cell) in enumerate(zip(heading[1:], row[1:], strict=False), 2):
            if cell:
                found[position, letter] = _result(cell, number, place)
    return found


def _check_heading(heading: Sequence[str], letters: Sequence[str]) -> None:
    for place, letter in enumerate(heading[1:], 2):
        if letter not in letters:
            raise ValueError(
                f"Line 1, column {place}: “{letter[:20]}” is no attribute of this test. The first "
                f"line names them: {ITEM}, {', '.join(letters)}."
            )
    if len(set(heading[1:])) < len(heading[1:]):
        raise ValueError("Line 1 names an attribute twice.")


def _position(
    number: int, row: Sequence[str], heading: Sequence[str], known: Container[int]
) -> int:
    position = int(row[0]) if row[0].isdecimal() and len(row[0]) < 9 else 0
    if position not in known:
        raise ValueError(
            f"Line {number}: “{row[0][:20]}” is no item of this test. Each line opens with an "
            "item’s number."
        )
    if len(row) > len(heading):
        raise ValueError(f"Line {number} has more columns than the first line.")
    return position


def _result(cell: str, number: int, place: int) -> str:
    if cell.lower() not in SPELLED:
        raise ValueError(
            f"Line {number}, column {place}: “{cell[:20]}” is no result. Write P for pass, D for "
            "deviation, N for not applicable."
        )
    return str(SPELLED[cell.lower()])
