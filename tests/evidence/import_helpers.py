"""Lists handed in and read at once, for the tests of imports."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evidence.actions import import_reading, imports
from evidence.models import EvidenceRequest, ImportRow, RequestImport
from tests.conftest import as_

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "grc/sample/sample-pbc-list.xlsx"
CLEAN = ROOT / "grc/sample/sample-pbc-list-clean.xlsx"
EXPECTED = ROOT / "tests/data/sample-pbc-list-expected.csv"
PLANS = {"ok": "create", "warning": "create", "error": "error", "duplicate": "duplicate"}
HEADINGS = ("Ref", "Request", "Criteria", "Controls", "Owner e-mail", "Due date", "Priority")


def golden(name: str) -> list[dict[str, str]]:
    """What a sample list must give, row by row."""
    with EXPECTED.open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["file"] == name]


def hand_in(world: Any, content: bytes, name: str = "list.xlsx", by: Any = None) -> RequestImport:
    """A list handed in by somebody who is acting (the lead), and read."""
    handed_in = imports.hand_in(
        world.engagement, io.BytesIO(content), name=name, by=by or world.lead
    )
    return import_reading.read_now(handed_in)


def read_again(request_import: RequestImport, by: Any, **said: Any) -> RequestImport:
    """The list read once more as told."""
    understanding = imports.Understanding(**said)
    return import_reading.read_now(imports.read_again(request_import, understanding, by=by))


def rows_of(request_import: RequestImport) -> dict[int, ImportRow]:
    """The rows of a list by their number."""
    return {row.sheet_row: row for row in ImportRow.objects.filter(request_import=request_import)}


def kept(world: Any) -> tuple[int, int]:
    """How many rows of lists and how many requests the engagement's lead sees."""
    with as_(world.lead, world.firm):
        return ImportRow.objects.count(), EvidenceRequest.objects.count()


def csv_list(*rows: Sequence[str], headings: Sequence[str] = HEADINGS) -> bytes:
    """A list as CSV in UTF-8."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([headings, *rows])
    return text.getvalue().encode()


def good_row(number: int, **changes: str) -> tuple[str, ...]:
    """A row that can be imported; changes by heading, lower case with underscores."""
    values = {
        "ref": f"A-{number:04}",
        "request": f"Policy number {number}",
        "criteria": "CC6.1",
        "controls": "LAC-01",
        "owner_e_mail": "",
        "due_date": "2026-10-09",
        "priority": "High",
    }
    values["owner_e_mail"] = "someone@client.example"
    return tuple({**values, **changes}.values())
