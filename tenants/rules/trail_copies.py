"""Copies of a trail, line by line: JSON that `trail_verifier` checks, and CSV to read.

No text in an entry can make or break a line: JSON is written in ASCII with every control character
escaped, and a cell of CSV holds none (AUD-9) and never runs (UPL-16).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tenants.models import TrailEntry
from tenants.rules.trail_leaves import moment, public, text_of
from tenants.trail_verifier import TRAIL_FORMAT, canonical, shown

COLUMNS = (
    "Place", "When (UTC)", "Who", "What", "Record", "Name of the record", "Version", "From", "To",
    "Text", "Details", "Zone", "From where", "Request", "Person id", "For organization",
    "Record id", "Entry id",
)  # fmt: skip
ARMED = ("=", "+", "-", "@", "\t", "\r", "\n", "'")


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a book's tree, with what it shows to everybody of the book."""

    number: int
    entry_id: UUID
    zone: str
    named: bool
    digest: str


def head_line(book: UUID, size: int, view: str, *, whole: bool, checkpoint: str) -> bytes:
    """The first line of a copy. `view` is whose it is; `checkpoint` the note it leads to."""
    return canonical(
        {"format": TRAIL_FORMAT, "book": str(book), "size": size, "view": view, "whole": whole,
         "checkpoint": checkpoint}
    )  # fmt: skip


def open_line(place: Place, entry: TrailEntry, path: Sequence[bytes] | None = None) -> bytes:
    """The line of an entry; `path` is its inclusion proof, left out when None."""
    line: dict[str, Any] = {
        "number": place.number, "entry": public(entry), "text": text_of(entry)
    }  # fmt: skip
    if path is not None:
        line["proof"] = [step.hex() for step in path]
    return canonical(line)


def closed_line(place: Place) -> bytes:
    """The line of an entry that is not for the copy's reader."""
    return canonical(
        {"number": place.number, "zone": place.zone, "named": place.named, "closed": place.digest}
    )


def csv_head() -> bytes:
    """The first line of a copy as CSV in UTF-8, with a mark that says so."""
    return "\ufeff".encode() + _csv(COLUMNS)


def csv_line(number: int | None, entry: TrailEntry) -> bytes:
    """An entry as a line of CSV. A number of None: not placed yet."""
    return _csv(_cells(number, entry))


def cell(text: str) -> str:
    """A text as it stands in a cell: on one line, without codes, and never run."""
    text = shown(text)
    return f"'{text}" if text.startswith(ARMED) else text


def _cells(number: int | None, entry: TrailEntry) -> Iterator[str]:
    detail = canonical(entry.detail).decode().strip() if entry.detail else ""
    for value in (
        "" if number is None else number, moment(entry.at), entry.person_name, entry.verb,
        entry.subject_type, entry.subject_label, entry.subject_version or "", entry.before,
        entry.after, entry.note, detail, entry.zone, entry.address or "", entry.request_id,
        entry.person_id or "", entry.acting_for_id or "", entry.subject_id or "", entry.pk,
    ):  # fmt: skip
        yield cell(str(value))


def _csv(cells: Iterable[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue().encode()
