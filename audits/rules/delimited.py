"""Delimited text: bytes to text, text to records; with guards, and no guess about what it means."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

from tenants.errors import Invalid

MOST_BYTES: Final = 4 * 2**20
MOST_IN_CELL: Final = 32_767  # characters, as a spreadsheet program allows
LOOKED_AT: Final = 20_000  # characters, to find out how cells are separated


def text_of(content: bytes) -> str:
    """The text of a CSV file in UTF-8, UTF-16 with its mark, or Windows-1252.

    Raises Invalid for an empty file, a workbook, a file that is no text and one of more than 4 MB.
    """
    if not content.strip():
        raise _refusal(
            "The list is empty. Send the CSV itself, with its header and a row for each control.",
            "list_empty",
        )
    if len(content) > MOST_BYTES:
        raise _refusal(
            "This file is larger than 4 MB. A control list is text: leave out everything else.",
            "list_too_large",
        )
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise _refusal(
            "This is a workbook. Controls are read from CSV: in your spreadsheet program save the "
            "sheet as “CSV UTF-8”, then choose that file.",
            "list_is_a_workbook",
        )
    text = _decoded(content)
    if "\0" in text:
        raise _refusal(
            "This is no text file. Save the sheet as “CSV UTF-8”, then choose that file.",
            "list_is_no_text",
        )
    return text


def records_of(text: str, *, most: int, weigh: Callable[[list[str]], int]) -> list[list[str]]:
    """The records of a delimited text; a blank line counts as one, as in a spreadsheet.

    weigh: how much a record looks like the header; the separator that finds the best one wins.
    Raises Invalid when the text is no CSV, holds more than `most` records, or a cell so long that
    a quotation mark must be missing.
    """
    start = text.lstrip("\ufeff").replace("\r\n", "\n")  # as a form sends it, or a program
    try:
        mark = max((",", ";", "\t"), key=lambda mark: _weight(start, mark, weigh))
        records = list(islice(_reader(start, mark), most + 1))
    except csv.Error as broken:
        raise _refusal(
            f"The list cannot be read as CSV: {broken}. Check its quotation marks.",
            "list_unreadable",
        ) from broken
    for number, record in enumerate(records, start=1):
        if any(len(cell) > MOST_IN_CELL for cell in record):
            raise _refusal(
                f"Row {number:,} has a cell of more than {MOST_IN_CELL:,} characters. Its closing "
                "quotation mark may be missing.",
                "list_unreadable",
            )
    if len(records) > most:
        raise _refusal(
            f"The list has more than {most:,} rows. Split it into several.", "list_too_long"
        )
    return records


def _reader(text: str, mark: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=mark)


def _weight(text: str, mark: str, weigh: Callable[[list[str]], int]) -> int:
    records = islice(_reader(text[:LOOKED_AT], mark), 20)
    return max((weigh(record) for record in records), default=0)


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _refusal(message: str, code: str) -> Invalid:
    return Invalid(message, code=code, field="file")
