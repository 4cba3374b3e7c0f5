"""The rows of a list that cannot be imported, written so that they can be corrected and sent."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

from evidence.rules.request_list_cells import disarmed, without_controls
from evidence.rules.request_list_words import FIELD_LABELS, ListField

F = ListField

DATES: Final = (F.REQUESTED_ON, F.DUE_ON, F.RECEIVED_ON, F.PERIOD_FROM, F.PERIOD_TO, F.AS_OF)
HARMLESS: Final = (F.AREA, F.KIND, F.PRIORITY, F.STATUS)
"""Columns that say nothing when empty: enough of them make a header known again."""
TAKEN_REF: Final = ("duplicate_reference", "duplicate_row")
ROW, WHAT_TO_FIX = "Row in the list", "What to fix"


def write_corrections(
    columns: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]
) -> bytes:
    """A CSV in UTF-8: imported columns under known headings, the row's number, what to fix.

    columns: as a list's header was read; rows: row, cells (texts), fields (values that were read)
    and problems (each with code, place and text). A reference that another row has is left out:
    by itself the row would change that one's request. Dates that were read are ISO, so that
    nobody asks for the order of month and day again; nothing in a cell runs (IM-09).
    """
    places = {ListField(each["field"]): each["index"] for each in columns if each["field"]}
    fields = [*places, *(name for name in HARMLESS if name not in places)]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([*(FIELD_LABELS[name] for name in fields), ROW, WHAT_TO_FIX])
    for row in rows:
        cells = [_cell(row, name, places.get(name)) for name in fields]
        problems = " ".join(f"{said['place']}: {said['text']}" for said in row["problems"])
        writer.writerow([_safe(cell) for cell in (*cells, str(row["row"]), problems)])
    return text.getvalue().encode("utf-8-sig")


def _cell(row: Mapping[str, Any], name: ListField, index: int | None) -> str:
    """What the list's row says in a field; the section's title where the list has no areas."""
    said: str = row["cells"][index] if index is not None and index < len(row["cells"]) else ""
    if name is F.REF and any(each["code"] in TAKEN_REF for each in row["problems"]):
        return ""
    if name in DATES:
        return str(row["fields"].get(name.value) or said)
    if name is F.AREA and index is None:
        return str(row["fields"].get("area", ""))
    return said


def _safe(text: str) -> str:
    return disarmed(without_controls(text))
