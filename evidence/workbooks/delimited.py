"""CSV: the encoding and the delimiter found out, then read like any sheet."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from math import log2
from typing import Final

from evidence.workbooks import limits
from evidence.workbooks.archives import damaged
from evidence.workbooks.bounds import Bounds
from evidence.workbooks.errors import WorkbookRefused
from evidence.workbooks.kinds import SEND_LIST, not_a_spreadsheet
from evidence.workbooks.merging import sheet_of
from evidence.workbooks.sheets import Cell, Notice, Sheet

DELIMITERS: Final = (",", ";", "\t", "|")
TRIED_CHARACTERS: Final = 64 * 1024  # of the text, to find the delimiter
TRIED_ROWS: Final = 200
MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
SAVE_UTF8: Final = "In Excel choose File, Save As, “CSV UTF-8 (Comma delimited)”, and send that."
WHITE: Final = frozenset("\t\n\r\f\v\x1a")


def read(data: bytes) -> tuple[Sheet, list[Notice]]:
    """The one sheet of a CSV file, and what should be known of how it was read.

    Raises WorkbookRefused for bytes that are no text, an unknown encoding, or too much of it.
    """
    text, notices = decoded(data)
    delimiter = delimiter_of(text)
    if text.startswith("sep=") and text[4:5] == delimiter:
        text = text.partition("\n")[2]  # Excel's own way to name the delimiter
    bounds = Bounds()
    grid: list[list[Cell]] = []
    usual = csv.field_size_limit(limits.TEXT_CHARACTERS)  # of the process: given back below
    try:
        for number, texts in enumerate(_rows(text, delimiter), start=1):
            for column, cell in enumerate(texts):
                if cell:
                    bounds.count("CSV", number, column, len(cell))
            grid.append([cell if cell.strip() else None for cell in texts])
            if number > limits.ROWS and not any(texts):
                break
    except csv.Error as error:
        raise damaged() from error
    finally:
        csv.field_size_limit(usual)
    return sheet_of("CSV", grid, ()), notices


def decoded(data: bytes) -> tuple[str, list[Notice]]:
    """The text of the file: by its mark, else UTF-16 without one, UTF-8, Windows-1252."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return _checked(_decode(data[len(mark) :], encoding)), []
    head = data[:4096]
    for encoding, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
        if zeros and zeros.count(0) * 2 > len(zeros):
            return _checked(_decode(data, encoding)), []
    if b"\x00" in data:
        raise not_a_spreadsheet("of a kind that is not known", SEND_LIST)
    try:
        return _checked(data.decode("utf-8")), []
    except UnicodeDecodeError:
        text = _checked(_decode(data, "cp1252"))
    guess = "The file does not say its encoding; it was read as Windows-1252. "
    return text, [Notice("encoding_guessed", f"{guess}Check accents and dashes. {SAVE_UTF8}")]


def delimiter_of(text: str) -> str:
    """The delimiter that splits the largest share of rows into one and the same many cells.

    The share counts most: one cell that lists fifty addresses does not make `;` the delimiter.
    """
    if text.startswith("sep=") and text[4:5] in DELIMITERS:
        return text[4]

    def score(delimiter: str) -> float:
        counts: Counter[int] = Counter()
        try:
            for number, cells in enumerate(_rows(text[:TRIED_CHARACTERS], delimiter)):
                counts[len(cells)] += 1
                if number >= TRIED_ROWS:
                    break
        except csv.Error:
            return 0
        total = max(1, counts.total())
        shares = ((rows / total, cells) for cells, rows in counts.items())
        return max((share**2 * log2(cells) for share, cells in shares if cells), default=0)

    return max(DELIMITERS, key=score)  # the first of equals: the comma


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    """The rows of a text, line breaks within quotes kept."""
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _decode(data: bytes, encoding: str) -> str:
    """Decode, or refuse naming the line."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise WorkbookRefused(
            f"Line {line:,} of the file holds characters in an encoding that is not known. "
            f"{SAVE_UTF8}",
            code="unknown_encoding",
        ) from error


def _checked(text: str) -> str:
    """The text, unless it is no text at all."""
    head = text[:TRIED_CHARACTERS]
    strange = sum(ord(character) < 32 and character not in WHITE for character in head)
    if "\x00" in text or strange * 100 > len(head):
        raise not_a_spreadsheet("of a kind that is not known", SEND_LIST)
    return text
