"""A population's rows as they are frozen: one text that anybody can hash and draw from again.

UTF-8, lines end in LF, cells are quoted as RFC 4180 says, the first line names the columns, the
first column is the item's key. Nothing is neutralised (IM-09): this is the record that is hashed,
not a sheet for a spreadsheet program.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Final

from tenants.errors import Invalid

KEY_COLUMN: Final = "item_key"
MOST_ROWS: Final = 1_000_000
MOST_COLUMNS: Final = 200
MOST_IN_CELL: Final = 32_767  # characters, as a spreadsheet program allows
MOST_IN_KEY: Final = 300
CHUNK_ROWS: Final = 10_000
CHUNK_BYTES: Final = 4 * 2**20
YEAR_FIRST: Final = re.compile(r"\s*(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?\s*\Z")
UNPRINTED: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
PARTS: Final = re.compile(r"\s*(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?:[T ,].*)?\s*\Z")


@dataclass(frozen=True, slots=True)
class Layout:
    """How a list is to be read.

    `key_columns`: headings of the columns that together name a row, none: the row's number.
    `date_column`: the one that tells when the control was performed, for the spread (SM-08).
    """

    key_columns: tuple[str, ...] = ()
    date_column: str = ""
    date_order: str = "year_first"


@dataclass(slots=True)
class Chunk:
    """Some rows, as they are kept: `content` holds whole lines, `keys` their keys, one a line."""

    rows: int
    content: bytes
    keys: bytes


@dataclass(slots=True)
class Rows:
    """Writes rows in the frozen form and checks them as they come. Errors name the row.

    `quarters`: calendar quarter → how many rows fall there; `outside`: rows dated beside
    `covers`.
    """

    columns: tuple[str, ...]
    layout: Layout
    covers: tuple[date, date]
    quarters: Counter[str] = field(default_factory=Counter)
    outside: int = 0
    count: int = 0
    _named_by: tuple[int, ...] = ()
    _dated_by: int | None = None
    _keys: set[str] = field(default_factory=set)
    _lines: list[bytes] = field(default_factory=list)
    _chunk_keys: list[str] = field(default_factory=list)
    _bytes: int = 0

    def __post_init__(self) -> None:
        if not 1 <= len(self.columns) <= MOST_COLUMNS:
            raise Invalid(
                f"A population has 1 to {MOST_COLUMNS} columns; this one has {len(self.columns)}.",
                code="columns", field="rows",
            )  # fmt: skip
        keys, day = self.layout.key_columns, self.layout.date_column
        self._named_by = tuple(column_of(self.columns, key, "key_columns") for key in keys)
        self._dated_by = column_of(self.columns, day, "date_column") if day else None
        self._add(line_of((KEY_COLUMN, *self.columns)))

    def write(self, cells: Sequence[str]) -> Chunk | None:
        """Take one row; a chunk when one is full. Raises Invalid naming the row and the cure."""
        if self.count == MOST_ROWS:
            raise Invalid(
                f"The list has more than {MOST_ROWS:,} rows. Split it by process or by part of "
                "the period, each a population of its own.", code="too_many_rows", field="rows",
            )  # fmt: skip
        self.count += 1
        full = self._fitted(cells)
        key = self._key(full)
        self._date(full)
        self._chunk_keys.append(key)
        self._add(line_of((key, *full)))
        if len(self._chunk_keys) >= CHUNK_ROWS or self._bytes >= CHUNK_BYTES:
            return self.rest()
        return None

    def rest(self) -> Chunk:
        """What is not yet handed on: the header where there is no row at all."""
        chunk = Chunk(
            len(self._chunk_keys), b"".join(self._lines),
            "".join(f"{key}\n" for key in self._chunk_keys).encode(),
        )  # fmt: skip
        self._lines, self._chunk_keys, self._bytes = [], [], 0
        return chunk

    def _add(self, line: bytes) -> None:
        self._lines.append(line)
        self._bytes += len(line)

    def _fitted(self, cells: Sequence[str]) -> list[str]:
        """The row with a cell for each column."""
        beyond = [cell for cell in cells[len(self.columns) :] if cell.strip()]
        if beyond:
            raise self._refusal(
                f"has more cells than the {len(self.columns)} columns of the header", "row_long"
            )
        full = [*cells[: len(self.columns)], *[""] * (len(self.columns) - len(cells))]
        if any(len(cell) > MOST_IN_CELL or "\0" in cell for cell in full):
            raise self._refusal(
                f"has a cell of more than {MOST_IN_CELL:,} characters, or one that is no text",
                "cell",
            )
        return full

    def _key(self, cells: Sequence[str]) -> str:
        if not self._named_by:
            return str(self.count)
        key = "|".join(cells[column].strip() for column in self._named_by)
        if not key.strip("| "):
            raise self._refusal("has no key: the columns that name it are empty", "key_empty")
        if len(key) > MOST_IN_KEY or UNPRINTED.search(key):
            raise self._refusal(
                f"has a key of more than {MOST_IN_KEY} characters, or with a line break or "
                "another mark that cannot be printed", "key_unfit",
            )  # fmt: skip
        if key in self._keys:
            raise self._refusal(
                f"has the key “{key[:60]}” of an earlier row; choose columns that together name "
                "each row, or none to take the row's number", "key_twice",
            )  # fmt: skip
        self._keys.add(key)
        return key

    def _date(self, cells: Sequence[str]) -> None:
        if self._dated_by is None:
            return
        told = cells[self._dated_by]
        day = day_of(told, self.layout.date_order)
        if day is None:
            raise self._refusal(
                f"has “{told[:40]}” where a date was expected; correct it, or say otherwise how "
                "dates are written", "date",
            )  # fmt: skip
        self.quarters[quarter_of(day)] += 1
        self.outside += not self.covers[0] <= day <= self.covers[1]

    def _refusal(self, what: str, code: str) -> Invalid:
        return Invalid(f"Row {self.count:,} {what}.", code=f"row_{code}", field="rows")


def column_of(columns: Sequence[str], heading: str, field: str) -> int:
    """The position of a column by its heading, case aside. Raises Invalid naming the field."""
    wanted = plain(heading).casefold()
    found = [place for place, each in enumerate(columns) if each.casefold() == wanted]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"“{each}”" for each in columns[:12])
    raise Invalid(
        f"Two columns are headed “{heading}”; rename one of them in the list." if found
        else f"No column is headed “{heading[:60]}”; there is {known}.",
        code="column_unknown", field=field,
    )  # fmt: skip


def line_of(cells: Sequence[str]) -> bytes:
    """One row as it is kept, its LF with it."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(_lf(cell) for cell in cells)
    return text.getvalue().encode("utf-8", "replace")


def lines_of(content: bytes) -> Iterator[list[str]]:
    """The rows of a chunk as cells, the key first."""
    return csv.reader(io.StringIO(content.decode(), newline=""))


def row_hash(cells: Sequence[str]) -> str:
    """What papers name a row by: the SHA-256 of its line, key first, without its LF."""
    return sha256(line_of(cells)[:-1]).hexdigest()


def day_of(told: str, order: str) -> date | None:
    """The day a text tells; None for one that tells none, also in the order given."""
    if match := YEAR_FIRST.match(told):
        year, month, day = map(int, match.groups())
    elif order != "year_first" and (match := PARTS.match(told)):
        first, second, year = map(int, match.groups())
        day, month = (first, second) if order == "day_first" else (second, first)
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def quarter_of(day: date) -> str:
    """The calendar quarter, such as 2026-Q4."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def plain(text: str) -> str:
    """A heading on one line, without marks that cannot be seen."""
    folded = " ".join(unicodedata.normalize("NFC", text).split())
    return "".join(each for each in folded if each.isprintable())[:300]


def _lf(cell: str) -> str:
    return cell.replace("\r\n", "\n").replace("\r", "\n")
