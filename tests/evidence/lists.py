"""Lists and contexts for the tests of request lists: made in memory, read without a database."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

from evidence.rules.request_list_headers import find_headers
from evidence.rules.request_list_readings import ListContext, ListReading
from evidence.rules.request_lists import contacts_of, read_list
from evidence.workbooks import Cell, Row, Sheet, Workbook, WorkbookKind, read_workbook

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "grc" / "sample"
GOLDEN = ROOT / "tests" / "data" / "sample-pbc-list-expected.csv"

SERIES = {
    **{f"CC{n}": count for n, count in enumerate((5, 3, 4, 2, 3, 8, 5, 1, 2), start=1)},
    "A1": 3,
    "C1": 2,
    "PI1": 5,
    **{f"P{n}": count for n, count in enumerate((1, 1, 2, 3, 2, 7, 1, 1), start=1)},
}
CATALOG = tuple(f"{series}.{n}" for series, count in SERIES.items() for n in range(1, count + 1))
IN_SCOPE = tuple(identifier for identifier in CATALOG if identifier[0] in "CA")
OBJECTIVES = tuple(f"CO-{n:02}" for n in range(1, 26))
HEADINGS = (
    "Ref",
    "Request",
    "TSC",
    "Control",
    "Type",
    "Owner e-mail",
    "Requested",
    "Due",
    "Status",
)
PEOPLE = {"ann@client.example": "Ann Archer", "bo@client.example": "Bo Berg"}


@cache
def sample_controls() -> tuple[str, ...]:
    """The control ids of the sample's control set."""
    with (SAMPLE / "sample-control-set.csv").open(encoding="utf-8", newline="") as file:
        return tuple(row["control_id"] for row in csv.DictReader(file))


@cache
def sample_workbook(name: str) -> Workbook:
    """A sample list as it is read."""
    return read_workbook(SAMPLE / name, name=name)


def sample_context(name: str) -> ListContext:
    """The engagement the sample lists were written for."""
    return soc2(controls=sample_controls(), people=contacts_of(sample_workbook(name)))


def soc2(**changes: object) -> ListContext:
    """A SOC 2 Type 2 over security, availability and confidentiality."""
    known = {
        "report_type": "SOC2",
        "known_requirements": CATALOG,
        "in_scope": IN_SCOPE,
        "controls": ("LAC-01", "LAC-02", "AC 1, b"),
        "people": PEOPLE,
        "requested_on": date(2026, 9, 14),
    }
    return ListContext(**{**known, **changes})


def soc1(**changes: object) -> ListContext:
    """A SOC 1 Type 2 over 25 control objectives."""
    basis = {"report_type": "SOC1", "known_requirements": OBJECTIVES, "in_scope": OBJECTIVES}
    return soc2(**{**basis, **changes})


def workbook(*rows: Sequence[Cell], title: str = "List", hidden: bool = False) -> Workbook:
    """A workbook of one sheet, row numbers from 1; empty rows left out as the reader does."""
    sheet = Sheet(
        title=title,
        rows=tuple(
            Row(number, tuple(cells))
            for number, cells in enumerate(rows, start=1)
            if any(cell is not None for cell in cells)
        ),
        hidden=hidden,
        width=max(len(cells) for cells in rows),
    )
    return Workbook("list.xlsx", WorkbookKind.XLSX, (sheet,))


def read(book: Workbook, context: ListContext | None = None) -> ListReading:
    """The likeliest list of a workbook, as suggested."""
    return read_list(book, find_headers(book)[0], context or soc2())


def read_one(context: ListContext | None = None, **cells: Cell):
    """The reading of a list of one good row, in which the cells named by heading are changed."""
    good = {
        "Ref": "A-01",
        "Request": "Access policy",
        "TSC": "CC6.1",
        "Control": "LAC-01",
        "Type": "Document",
        "Owner e-mail": "ann@client.example",
        "Requested": date(2026, 9, 14),
        "Due": date(2026, 10, 9),
        "Status": "Open",
    }
    values = {**good, **{name.replace("_", " "): cell for name, cell in cells.items()}}
    (row,) = read(workbook(tuple(values), tuple(values.values())), context).rows
    return row
