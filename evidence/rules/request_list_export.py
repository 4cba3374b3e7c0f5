"""Writing requests as a list that a person is glad to get, and that imports back unchanged."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

import xlsxwriter

from evidence.rules.request_list_cells import disarmed, without_controls
from evidence.rules.request_list_plan import RequestFacts
from evidence.rules.request_list_words import KINDS, PRIORITIES, SENSITIVITIES
from evidence.workbooks import column_name

Value = str | date | None

STATUS_LABELS: Final = {
    "draft": "Draft",
    "open": "Open",
    "in_progress": "In progress",
    "submitted": "Submitted",
    "under_review": "Under review",
    "accepted": "Accepted",
    "returned": "Returned",
    "na_proposed": "N/A proposed",
    "not_applicable": "Not applicable",
    "withdrawn": "Withdrawn",
    "reopened": "Reopened",
}
FIXED_MOMENT: Final = datetime(2000, 1, 1, tzinfo=UTC)  # the same requests give the same bytes
BETWEEN: Final = "; "
HEADER_ROW: Final = 3  # from 0, below the title, the note and an empty row
HEADER_HEIGHT: Final = 30
CELL_CHARACTERS: Final = 32_767


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """One column: its heading, a known name of the importer; its width in characters."""

    heading: str
    width: int
    value: Callable[[RequestFacts], Value]
    choices: tuple[str, ...] = ()


def _label(value: str) -> str:
    """A stored word as people write it."""
    return value.replace("_", " ").capitalize()


def _criteria(facts: RequestFacts) -> str:
    """The criteria of a request; one word when it stands for all in scope."""
    return "All" if facts.whole_scope else BETWEEN.join(facts.criteria)


COLUMNS: Final = (
    ExportColumn("Ref", 9, lambda facts: facts.ref),
    ExportColumn("Area", 18, lambda facts: facts.area),
    ExportColumn("Request", 52, lambda facts: facts.title),
    ExportColumn("Description", 44, lambda facts: facts.description),
    ExportColumn("Acceptance hint", 30, lambda facts: facts.acceptance_hint),
    ExportColumn("Criteria", 18, _criteria),
    ExportColumn("Controls", 14, lambda facts: BETWEEN.join(facts.controls)),
    ExportColumn("Type", 14, lambda facts: _label(facts.kind), tuple(map(_label, KINDS))),
    ExportColumn("Owner e-mail", 32, lambda facts: facts.owner_email),
    ExportColumn("Contributors", 32, lambda facts: BETWEEN.join(facts.contributors)),
    ExportColumn("Date requested", 13, lambda facts: facts.requested_on),
    ExportColumn("Due date", 13, lambda facts: facts.due_on),
    ExportColumn(
        "Priority", 10, lambda facts: _label(facts.priority), tuple(map(_label, PRIORITIES))
    ),
    ExportColumn(
        "Status", 14, lambda facts: STATUS_LABELS[facts.status], tuple(STATUS_LABELS.values())
    ),
    ExportColumn("Period from", 13, lambda facts: facts.period_from),
    ExportColumn("Period to", 13, lambda facts: facts.period_to),
    ExportColumn("As of", 13, lambda facts: facts.as_of),
    ExportColumn(
        "Sensitivity", 12, lambda facts: _label(facts.sensitivity),
        tuple(map(_label, SENSITIVITIES)),
    ),
)  # fmt: skip


def write_csv(requests: Iterable[RequestFacts]) -> bytes:
    """The requests as CSV: UTF-8 with its mark, commas, ISO dates, no cell that runs (UPL-16)."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([column.heading for column in COLUMNS])
    for facts in requests:
        values = (column.value(facts) for column in COLUMNS)
        writer.writerow([_text(value) for value in values])
    return text.getvalue().encode("utf-8-sig")


def write_xlsx(requests: Sequence[RequestFacts], *, title: str, note: str = "") -> bytes:
    """The requests as an Excel workbook: header in sight, filters, real dates, lists to choose.

    title, note: the two lines above the list, such as client and engagement, and when it was
    written. Same input, same bytes.
    """
    memory = io.BytesIO()
    book = xlsxwriter.Workbook(
        memory,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"title": title[:200], "created": FIXED_MOMENT})
    sheet = book.add_worksheet("Requests")
    formats = _formats(book)
    sheet.write_string(0, 0, _safe(title), formats["title"])
    sheet.write_string(1, 0, _safe(note), formats["note"])
    for index, column in enumerate(COLUMNS):
        sheet.set_column(index, index, column.width)
        sheet.write_string(HEADER_ROW, index, column.heading, formats["header"])
    for row, facts in enumerate(requests, start=HEADER_ROW + 1):
        for index, column in enumerate(COLUMNS):
            _write(sheet, row, index, column.value(facts), formats)
    _finish(sheet, len(requests))
    book.close()
    return memory.getvalue()


def _formats(book: Any) -> dict[str, Any]:
    """How cells look: quiet lines, a dark header, texts wrapped and at the top."""
    body = {"valign": "top", "text_wrap": True, "border": 1, "border_color": "#D5D9E0"}
    return {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "note": book.add_format({"font_color": "#5B6472"}),
        "header": book.add_format(
            {
                **body, "bold": True, "valign": "vcenter", "font_color": "#FFFFFF",
                "bg_color": "#1F3A5F",
            }
        ),
        "text": book.add_format({**body, "num_format": "@"}),
        "date": book.add_format({**body, "num_format": "yyyy-mm-dd", "align": "left"}),
    }  # fmt: skip


def _write(sheet: Any, row: int, index: int, value: Value, formats: dict[str, Any]) -> None:
    """One cell: a date as a date, everything else as text that cannot run."""
    if isinstance(value, date):
        sheet.write_datetime(row, index, value, formats["date"])
    elif value:
        sheet.write_string(row, index, _safe(value), formats["text"])
    else:
        sheet.write_blank(row, index, None, formats["text"])


def _finish(sheet: Any, count: int) -> None:
    """What makes the sheet pleasant: filters, frozen header, lists to choose from, printing."""
    last_row, last_column = HEADER_ROW + max(count, 1), len(COLUMNS) - 1
    sheet.set_row(0, 22)
    sheet.set_row(HEADER_ROW, HEADER_HEIGHT)
    sheet.freeze_panes(HEADER_ROW + 1, 3)
    sheet.autofilter(HEADER_ROW, 0, last_row, last_column)
    for index, column in enumerate(COLUMNS):
        if column.choices:
            options = {"validate": "list", "source": list(column.choices)}
            sheet.data_validation(HEADER_ROW + 1, index, last_row + 200, index, options)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADER_ROW)
    sheet.set_footer("&L&A&RPage &P of &N")
    sheet.print_area(f"A1:{column_name(last_column)}{last_row + 1}")


def _text(value: Value) -> str:
    """A value for CSV."""
    if isinstance(value, date):
        return value.isoformat()
    return _safe(value or "")


def _safe(text: str) -> str:
    """A text that a cell can hold and that never runs."""
    return disarmed(without_controls(text))[:CELL_CHARACTERS]
