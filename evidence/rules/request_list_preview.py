"""What a person is shown of a list before it is imported, ready to be kept as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from evidence.rules.request_list_cells import clean_line, text_of
from evidence.rules.request_list_headers import Column, Header
from evidence.rules.request_list_messages import Weight
from evidence.rules.request_list_plan import PlannedRow, Step
from evidence.rules.request_list_readings import ListReading
from evidence.workbooks import Cell, Sheet, Workbook

Shown = dict[str, Any]

SHOWN_SHEETS: Final = 12
SHOWN_ROWS: Final = 15
SHOWN_COLUMNS: Final = 20
SHOWN_CHARACTERS: Final = 60
KEPT_CHARACTERS: Final = 32_767  # the most a cell holds
EXAMPLES: Final = 3
REF_CHARACTERS: Final = 80
WEIGHTS: Final = tuple(Weight)  # errors are told first, then doubts, then hints
TO_CORRECT: Final = (Step.ERROR, Step.DUPLICATE)

ORDERS: Final = {"month_first": "month first", "day_first": "day first"}
ORDER_KNOWN_FROM: Final = {
    "note": "as a note above the list says",
    "dates": "as its other dates show",
    "default": "as usual in the United States, for nothing in the list tells",
}


def sheets_shown(workbook: Workbook, header_rows: Mapping[str, int]) -> list[Shown]:
    """Every sheet with its header's row, if one was found, and its first rows as text.

    header_rows: sheet title → row. Sheets after the twelfth come without rows.
    """
    return [
        {
            "title": sheet.title,
            "hidden": sheet.hidden,
            "rows": len(sheet.rows),
            "header_row": header_rows.get(sheet.title),
            "first": [
                {
                    "number": row.number,
                    "cells": [_short(cell) for cell in row.cells[:SHOWN_COLUMNS]],
                }
                for row in (sheet.rows[:SHOWN_ROWS] if number < SHOWN_SHEETS else ())
            ],
        }
        for number, sheet in enumerate(workbook.sheets)
    ]


def column_shown(column: Column, sheet: Sheet, header: Header) -> Shown:
    """A column with what it was taken for and up to three of its values."""
    examples: dict[str, None] = {}
    for row in sheet.rows:
        if row.number <= header.row or column.index >= len(row.cells) or row.is_title:
            continue
        if said := _short(row.cells[column.index]):
            examples[said] = None
        if len(examples) == EXAMPLES:
            break
    return {
        "index": column.index,
        "letter": column.letter,
        "heading": column.heading,
        "field": str(column.field or ""),
        "recognized": str(column.recognized),
        "examples": list(examples),
    }


def row_shown(planned: PlannedRow, cells: Sequence[Cell]) -> Shown:
    """A planned row's values by the columns of its table."""
    reading = planned.reading
    return {
        "sheet_row": reading.sheet_row,
        "ref": planned.ref[:REF_CHARACTERS],
        "plan": str(planned.step),
        "codes": list(planned.codes),
        "messages": [
            {
                "code": said.code, "place": said.place, "text": said.text, "field": said.field,
                "weight": str(said.weight),
            }
            for said in sorted(planned.messages, key=lambda said: WEIGHTS.index(said.weight))
        ],
        "fields": {
            **reading.fields, "owner_emails": list(reading.owner_emails), "key": planned.key
        },
        "changes": {
            change.field: [plain(change.old), plain(change.new)] for change in planned.changes
        },
        "cells": [text_of(cell)[:KEPT_CHARACTERS] for cell in cells]
        if planned.step in TO_CORRECT else [],
    }  # fmt: skip


def plain(value: Any) -> Any:
    """A value of a request or a row as JSON has it: dates and words as text, several as a list."""
    if isinstance(value, tuple | list | set | frozenset):
        return [str(each) for each in value]
    return value if isinstance(value, bool | int | None) else str(value)


def notices_of(
    workbook: Workbook, reading: ListReading, *, chosen_before: bool
) -> list[dict[str, str]]:
    """What to know of the file: its own notices, the order of dates, rows that are no requests.

    chosen_before: an order that was set was said for an earlier list, not for this one.
    """
    found = [{"code": each.code, "message": each.message} for each in workbook.notices]
    chosen = "as was chosen the last time a list with these columns came"
    told = {**ORDER_KNOWN_FROM, "setting": chosen if chosen_before else "as you chose"}
    order, how = ORDERS[str(reading.date_order)], told[reading.date_order_from]
    found.append(
        {"code": "date_order", "message": f"Dates such as 10/11/2026 are read {order}, {how}."}
    )
    if passed := len(reading.skipped):
        rows = "1 row is a title, a total or a note, and is"
        if passed > 1:
            rows = f"{passed} rows are titles, totals or notes, and are"
        found.append({"code": "rows_passed_over", "message": f"{rows} passed over."})
    return found


def _short(cell: Cell) -> str:
    said = getattr(cell, "shown", None) or text_of(cell)
    return clean_line(said)[:SHOWN_CHARACTERS]
