"""A long list, row by row, within the child process: CSV or XLSX to the frozen text, in chunks.

Answers on standard output as frames: a kind, the number of rows, the lengths of two texts, then
these. Chunks come as they are full; the end tells what was found, a refusal ends it all.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, Final

import python_calamine as calamine

from audits.rules.population_rows import (
    MOST_COLUMNS,
    MOST_IN_CELL,
    MOST_ROWS,
    Chunk,
    Layout,
    Rows,
    plain,
)
from evidence.workbooks import delimited, limits, office_open
from evidence.workbooks.archives import Archive, damaged
from evidence.workbooks.compound import encrypted
from evidence.workbooks.errors import WorkbookRefused
from evidence.workbooks.frames import CHUNK, END, FRAME, REFUSAL
from evidence.workbooks.kinds import not_a_spreadsheet, refuse_other_kinds
from evidence.workbooks.sheets import cell_name
from tenants.errors import Invalid

SEND: Final = "Send the list as XLSX or CSV."
HEAD_BYTES: Final = 64 * 1024
WIDER: Final = {
    "PART_BYTES": 3 * 2**30, "ALL_PARTS_BYTES": 4 * 2**30, "ROWS": MOST_ROWS + 100,
    "COLUMNS": MOST_COLUMNS, "TEXT_CHARACTERS": 2**31, "MEMORY_BYTES": limits.LONG_MEMORY_BYTES,
    "CPU_SECONDS": limits.LONG_CPU_SECONDS,
}  # fmt: skip
"""What is read of a population where a request list ends; the child reads one file and is gone."""


def widen() -> None:
    """Read as much as a population holds, from now on, in this process."""
    vars(limits).update(WIDER)


def answer(path: Path, asked: str, out: BinaryIO) -> None:
    """Write the frames of the file at `path`; `asked` says how to read it (`Asked`, as JSON)."""
    try:
        _answer(path, json.loads(asked), out)
    except Invalid as refused:
        told = json.dumps([refused.code, refused.message]).encode()
        out.write(FRAME.pack(REFUSAL, 0, len(told), 0) + told)


def _answer(path: Path, asked: dict[str, Any], out: BinaryIO) -> None:
    records = _records(path, asked["sheet"])
    number = 0
    for number, first in records:
        if number == asked["header_row"] or (
            not asked["header_row"] and any(map(str.strip, first))
        ):
            break
    else:
        raise WorkbookRefused(
            "The list has no row of headings. Say which row they stand in, or choose another "
            "sheet.", code="header_missing",
        )  # fmt: skip
    while first and not first[-1].strip():
        first = first[:-1]
    layout = Layout(tuple(asked["key_columns"]), asked["date_column"], asked["date_order"])
    covers = (date.fromisoformat(asked["covers"][0]), date.fromisoformat(asked["covers"][1]))
    rows = Rows(tuple(plain(cell) for cell in first), layout, covers)
    hashed = sha256()
    for _, cells in records:
        if any(cells) and (chunk := rows.write(cells)):
            _put(out, hashed, chunk)
    _put(out, hashed, rows.rest())
    found = {
        "columns": rows.columns, "row_count": rows.count, "sha256": hashed.hexdigest(),
        "quarters": dict(rows.quarters), "dated_outside": rows.outside,
    }  # fmt: skip
    told = json.dumps(found).encode()
    out.write(FRAME.pack(END, 0, len(told), 0) + told)


def _put(out: BinaryIO, hashed: Any, chunk: Chunk) -> None:
    hashed.update(chunk.content)
    out.write(FRAME.pack(CHUNK, chunk.rows, len(chunk.content), len(chunk.keys)))
    out.write(chunk.content)
    out.write(chunk.keys)
    out.flush()


def _records(path: Path, sheet: str) -> Iterator[tuple[int, Sequence[str]]]:
    """(number, cells) of every row, from 1. Raises WorkbookRefused for another kind of file."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        if head.startswith(b"PK"):
            archive = Archive(file)
            if "xl/workbook.xml" not in archive.parts:
                raise not_a_spreadsheet("a ZIP archive", SEND)
            inspection = office_open.inspect(archive)
            yield from _of_workbook(path, sheet, inspection)
            return
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise not_a_spreadsheet("an older or protected Office file", SEND)
    refuse_other_kinds(head)
    yield from enumerate(_of_text(path, head), start=1)


def _of_text(path: Path, head: bytes) -> Iterator[list[str]]:
    """The rows of a CSV file, read as it comes."""
    encoding, mark = _encoding(path, head)
    text = head[mark:].decode(encoding, "ignore")
    if text.count("\0"):
        raise not_a_spreadsheet("of a kind that is not known", SEND)
    delimiter = delimited.delimiter_of(text[: delimited.TRIED_CHARACTERS])
    csv.field_size_limit(MOST_IN_CELL * 4)
    with path.open("rb") as file:
        file.seek(mark)
        lines = io.TextIOWrapper(file, encoding, newline="")
        if text.startswith("sep="):
            lines.readline()
        reader = csv.reader(lines, delimiter=delimiter)
        try:
            yield from reader
        except (csv.Error, UnicodeDecodeError) as error:
            raise WorkbookRefused(
                f"Line {reader.line_num + 1:,} of the list cannot be read: a closing quotation "
                "mark may be missing before it, or its characters are in another encoding. "
                f"{delimited.SAVE_UTF8}", code="list_unreadable",
            ) from error  # fmt: skip


def _encoding(path: Path, head: bytes) -> tuple[str, int]:
    """The encoding of a text, and how many bytes its mark has: UTF-8 where all of it is."""
    for mark, encoding in delimited.MARKS:
        if head.startswith(mark):
            return encoding, len(mark)
    with path.open("rb") as file:
        try:
            for _ in io.TextIOWrapper(file, "utf-8", newline=""):
                pass
        except UnicodeDecodeError:
            return "cp1252", 0
    return "utf-8", 0


def _of_workbook(
    path: Path, sheet: str, inspection: office_open.Inspection
) -> Iterator[tuple[int, list[str]]]:
    """The rows of a worksheet: the one named, or the first that is shown."""
    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
        shown = [
            about.name for about in book.sheets_metadata
            if about.typ is calamine.SheetTypeEnum.WorkSheet
            and about.visible is calamine.SheetVisibleEnum.Visible
        ]  # fmt: skip
        title = sheet or (shown[0] if shown else "")
        if title not in shown:
            known = ", ".join(f"“{each}”" for each in shown[:10]) or "none"
            raise WorkbookRefused(
                f"The workbook has no sheet “{title[:60]}”; there is {known}.", code="sheet_unknown"
            )
        _refuse_troubles(title, inspection.troubles.get(title, {}))
        held = book.get_sheet_by_name(title)
        for number, row in enumerate(held.iter_rows(), start=1):
            yield number, [_text(value) for value in row]
    except calamine.PasswordError as error:
        raise encrypted() from error
    except calamine.CalamineError as error:
        raise damaged() from error


def _refuse_troubles(title: str, troubles: office_open.Troubles) -> None:
    """A value that is none, or was never calculated, is nobody's record."""
    for (row, column), trouble in sorted(troubles.items()):
        if trouble.code == "external_link":
            continue
        what = "an error" if trouble.code == "error_value" else "a formula without its result"
        raise WorkbookRefused(
            f"Sheet “{title}”, cell {cell_name(row, column)} holds {what} ({trouble.shown}). "
            "Calculate and save the workbook, or paste values only, and send it again.",
            code=trouble.code,
        )


def _text(value: object) -> str:
    """A value as text: dates as ISO, whole numbers without a point."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        whole = value.time() == time()
        return value.date().isoformat() if whole else value.isoformat(sep=" ", timespec="seconds")
    return value.isoformat() if isinstance(value, date | time) else str(value)
