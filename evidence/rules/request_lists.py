"""Reading a request list: the header understood, each row judged, none of them lost (IM-)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from evidence.rules import request_list_cells as cells
from evidence.rules.request_list_dates import DateOrder, order_shown, order_told
from evidence.rules.request_list_duplicates import with_duplicates_marked
from evidence.rules.request_list_headers import Header
from evidence.rules.request_list_notes import ListSettings
from evidence.rules.request_list_readings import ListContext, ListReading, RowReading, SkippedRow
from evidence.rules.request_list_rows import read_row
from evidence.rules.request_list_words import ListField, folded_words
from evidence.workbooks import Row, Sheet, Workbook

F = ListField

DATE_FIELDS: Final = (F.DUE_ON, F.REQUESTED_ON, F.RECEIVED_ON, F.PERIOD_FROM, F.PERIOD_TO, F.AS_OF)
TOTAL: Final = re.compile(
    r"\W*(?:grand |sub)?-?\s*totals?\b|\W*count\s*:|\W*number of (?:requests|items)\b",
    re.IGNORECASE,
)
LEGEND: Final = re.compile(
    r"\W*(?:(?:status|priority|type|colou?r)\s*)?(?:key|legend|codes?|note|notes|instructions?)\s*[:=–-]",
    re.IGNORECASE,
)
SECTION: Final = re.compile(r"\W*(?:section|part|area|domain|chapter|phase)\b", re.IGNORECASE)
CONTACT_EMAIL: Final = frozenset({"e mail", "email", "e mail address", "email address"})
CONTACT_NAME: Final = frozenset({"name", "full name", "contact", "contact name", "person"})
MOST_CELLS_OF_A_TOTAL: Final = 3
SHOWN_TEXT: Final = 120


def read_list(workbook: Workbook, header: Header, context: ListContext) -> ListReading:
    """Every row below the header of its sheet, read against the context.

    header: from `find_headers`, with its mapping as suggested or as a person chose it. Row errors
    never stop good rows (IM-07). Golden outcomes: sample-pbc-list-expected.csv.
    """
    sheet = next(sheet for sheet in workbook.sheets if sheet.title == header.sheet)
    columns = {field: index for index, field in header.mapping.items()}
    order, order_from = _date_order(sheet, header, columns, context)
    settings = ListSettings(
        sheet=sheet.title,
        columns=columns,
        context=context,
        known_controls=cells.controls_by_folded_id(context.controls),
        people_by_name={
            cells.folded_text(name): email for email, name in context.people.items() if name
        },
        date_order=order,
        from_1904=workbook.from_1904,
    )
    readings, skipped = _read_rows(sheet, header, settings)
    return ListReading(header, with_duplicates_marked(readings), tuple(skipped), order, order_from)


def _read_rows(
    sheet: Sheet, header: Header, settings: ListSettings
) -> tuple[list[RowReading], list[SkippedRow]]:
    """Requests and rows passed over; titles become the area of rows that tell none."""
    readings: list[RowReading] = []
    skipped: list[SkippedRow] = []
    section = ""
    for row in sheet.rows:
        if row.number <= header.row:
            continue
        reason = _reason_to_skip(row, header, settings.columns)
        if not reason:
            readings.append(read_row(row, settings, section=section))
            continue
        text = cells.clean_line(_own_texts(row)[0])
        skipped.append(SkippedRow(row.number, reason, text[:SHOWN_TEXT]))
        if reason == "title" and F.AREA not in settings.columns:
            section = text[: cells.AREA_CHARACTERS]
    return readings, skipped


def _reason_to_skip(row: Row, header: Header, columns: Mapping[ListField, int]) -> str:
    """Why a row is no request (IM-03); empty when it is one."""
    texts = _own_texts(row)
    first = texts[0]
    few = len(texts) <= MOST_CELLS_OF_A_TOTAL and not _has_request(row, columns)
    if TOTAL.match(first) and (few or row.is_title):
        return "total"
    if LEGEND.match(first) and (few or row.is_title):
        return "legend"
    if row.is_title:
        return "title"
    if _repeats_header(row, header):
        return "header"
    mapped = [
        field
        for field, index in columns.items()
        if index < len(row.cells) and row.cells[index] is not None and index not in row.filled
    ]
    if not mapped:
        return "note"
    return _reason_for_single(mapped[0], first) if len(texts) == 1 else ""


def _reason_for_single(field: ListField, text: str) -> str:
    """A row of one cell: a title, or a number waiting for its request; a text may be a request."""
    if field is F.REF:
        is_number = len(text) <= cells.REF_CHARACTERS and any(map(str.isdigit, text))
        return "empty" if is_number and " " not in text.strip() else "title"
    if field in (F.TITLE, F.DESCRIPTION):
        return "title" if SECTION.match(text) or text.isupper() else ""
    return "title" if field is F.AREA else "note"


def _has_request(row: Row, columns: Mapping[ListField, int]) -> bool:
    """Whether a row names both a reference and a text, as no total or legend does."""
    return all(
        name in columns and columns[name] < len(row.cells) and row.cells[columns[name]] is not None
        for name in (F.REF, F.TITLE)
    )


def _repeats_header(row: Row, header: Header) -> bool:
    """Whether a row prints the headings again, as lists made for paper do."""
    named = [column for column in header.columns if column.heading]
    repeated = sum(
        column.index < len(row.cells)
        and folded_words(cells.text_of(row.cells[column.index])[: len(column.heading) + 20])
        == folded_words(column.heading)
        for column in named
    )
    return repeated * 2 > len(named)


def _own_texts(row: Row) -> list[str]:
    """What the row itself says, cell by cell, without values repeated from a merge."""
    own = (cell for index, cell in enumerate(row.cells) if index not in row.filled)
    return [cells.text_of(cell) for cell in own if cell is not None]


def _date_order(
    sheet: Sheet, header: Header, columns: Mapping[ListField, int], context: ListContext
) -> tuple[DateOrder, str]:
    """How the list writes month and day (IM-04), and what that is known from."""
    if context.date_order is not None:
        return context.date_order, "setting"
    notes = [text for row in sheet.rows if row.number <= header.row for text in _own_texts(row)]
    if told := order_told(notes):
        return told, "note"
    indexes = [columns[name] for name in DATE_FIELDS if name in columns]
    dates = [
        row.cells[index]
        for row in sheet.rows
        if row.number > header.row
        for index in indexes
        if index < len(row.cells)
    ]
    if shown := order_shown(dates):
        return shown, "dates"
    return DateOrder.MONTH_FIRST, "default"


def contacts_of(workbook: Workbook) -> dict[str, str]:
    """People named on a sheet of contacts: name by e-mail, lower case. Empty when there is none."""
    people: dict[str, str] = {}
    for sheet in workbook.sheets:
        columns = _contact_columns(sheet.rows[:1])
        if columns is None:
            continue
        name_at, email_at = columns
        for row in sheet.rows[1:]:
            if max(columns) < len(row.cells):
                email = cells.text_of(row.cells[email_at]).strip().lower()
                if cells.is_address(email):
                    people[email] = cells.clean_line(cells.text_of(row.cells[name_at]))
    return people


def _contact_columns(rows: Sequence[Row]) -> tuple[int, int] | None:
    """Where a sheet of contacts has its names and its addresses; None when it is no such sheet."""
    headings = {
        folded_words(cells.text_of(cell)): index
        for row in rows
        for index, cell in enumerate(row.cells)
    }
    emails = [at for word, at in headings.items() if word in CONTACT_EMAIL]
    names = [at for word, at in headings.items() if word in CONTACT_NAME]
    return (names[0], emails[0]) if names and emails else None
