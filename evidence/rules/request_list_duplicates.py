"""Requests a list holds twice (IM-08)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from evidence.rules.request_list_cells import folded_text
from evidence.rules.request_list_messages import message
from evidence.rules.request_list_readings import Outcome, RowReading

ContentKey = tuple[str, tuple[str, ...], str]


def content_key(title: str, description: str, controls: Collection[str], kind: str) -> ContentKey:
    """What makes two requests the same: text with case and space apart, controls, type."""
    return folded_text(title, description), tuple(sorted(controls)), kind


def folded_ref(ref: str) -> str:
    """A reference as it is compared: case and space apart."""
    return "".join(ref.split()).casefold()


def with_duplicates_marked(readings: Sequence[RowReading]) -> tuple[RowReading, ...]:
    """The readings, each row that repeats an earlier usable one marked and pointing at it.

    Same reference and content: `duplicate_row`; same reference, other content:
    `duplicate_reference`; other reference, same content: `duplicate_content`. Rows in error stay
    errors, and are no original for others.
    """
    by_ref: dict[str, RowReading] = {}
    by_content: dict[ContentKey, RowReading] = {}
    marked = []
    for reading in readings:
        if reading.is_usable:
            ref = folded_ref(reading.ref)
            key = _key(reading)
            same_ref, same_content = by_ref.get(ref) if ref else None, by_content.get(key)
            if same_ref is not None:
                code = "duplicate_row" if _key(same_ref) == key else "duplicate_reference"
                reading = _marked(reading, code, same_ref)
            elif same_content is not None:
                reading = _marked(reading, "duplicate_content", same_content)
            else:
                by_ref[ref] = by_content[key] = reading
        marked.append(reading)
    return tuple(marked)


def _key(reading: RowReading) -> ContentKey:
    """The content of a reading."""
    return content_key(reading.title, reading.description, reading.controls, reading.kind)


def _marked(reading: RowReading, code: str, original: RowReading) -> RowReading:
    """The reading as a duplicate of the earlier one it repeats."""
    words = {"other": original.sheet_row, "ref": original.ref}
    return replace(
        reading,
        outcome=Outcome.DUPLICATE,
        messages=(*reading.messages, message(code, f"row {reading.sheet_row}", "ref", **words)),
        duplicate_of=original.sheet_row,
    )
