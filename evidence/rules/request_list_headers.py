"""Finding the header of a list and saying what each of its columns holds (IM-01)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from evidence.rules.request_list_cells import clean_line, text_of
from evidence.rules.request_list_headings import HEADINGS, NOT_IMPORTED, PATTERNS
from evidence.rules.request_list_words import FIELD_LABELS, ListField, folded_words
from evidence.workbooks import Cell, Row, Sheet, Workbook, column_name
from tenants.errors import Invalid

SEARCHED_ROWS: Final = 30
KNOWN_NAMES_NEEDED: Final = 4
LONGEST_HEADING: Final = 60  # characters; longer cells are instructions, not headings
SHOWN_HEADING: Final = 40
LONGEST_REF: Final = 12  # characters of a reference in a column that has no heading


class HeaderNotFound(Invalid):
    """No sheet has a row of headings that are known (IM-01); nothing was read."""

    code = "header_not_found"


class MappingRefused(Invalid):
    """The columns chosen cannot make a list. `field` names what is wrong."""

    code = "mapping_refused"


class Recognized(StrEnum):
    """How it is known what a column holds."""

    BY_NAME = "by_name"
    BY_PATTERN = "by_pattern"
    CHOSEN = "chosen"  # by a person, now or the last time this layout came
    NOT_IMPORTED = "not_imported"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the list. index: from 0; letter: as the spreadsheet shows it."""

    index: int
    letter: str
    heading: str
    field: ListField | None
    recognized: Recognized


@dataclass(frozen=True, slots=True)
class Header:
    """The header row of one sheet, and the suggested meaning of its columns.

    row: its number, from 1. signature: the same for the same layout, to remember a mapping by.
    known_names: headings that were recognized by name.
    """

    sheet: str
    hidden: bool
    row: int
    columns: tuple[Column, ...]
    signature: str
    known_names: int

    @property
    def mapping(self) -> dict[int, ListField]:
        """Column index to what it holds, for the columns that are imported."""
        return {column.index: column.field for column in self.columns if column.field}

    @property
    def unknown(self) -> tuple[Column, ...]:
        """Columns nobody could name, for a person to look at."""
        return tuple(c for c in self.columns if c.recognized is Recognized.UNKNOWN)


def header_signature(cells: Sequence[Cell]) -> str:
    """A name for the layout of a header row: 64 hexadecimal figures.

    Case, spaces, marks and line breaks do not matter; order, words and columns in between do.
    """
    words = [folded_words(text_of(cell)) for cell in cells]
    while words and not words[-1]:
        words.pop()
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()


def find_headers(
    workbook: Workbook, remembered: Mapping[str, Mapping[int, ListField]] | None = None
) -> tuple[Header, ...]:
    """The header of every sheet that has one, the likeliest list first.

    remembered: mappings chosen before, by signature; such a layout is known whatever its words.
    Raises HeaderNotFound when no sheet has a row with four known names in its first 30.
    """
    found: list[tuple[int, int, Header]] = []
    for sheet in workbook.sheets:
        header = _best_header(sheet, remembered or {})
        if header is not None:
            rows_below = sum(row.number > header.row for row in sheet.rows)
            found.append((header.known_names - 100 * sheet.hidden, rows_below, header))
    if not found:
        sheets = ", ".join(f"“{sheet.title}”" for sheet in workbook.sheets[:10]) or "none"
        raise HeaderNotFound(
            f"No header row was found: none of the first {SEARCHED_ROWS} rows of the sheets looked "
            f"at ({sheets}) has at least {KNOWN_NAMES_NEEDED} headings that are known. Put one row "
            "of headings above the list, such as Ref, Request, Control, Owner e-mail and Due date, "
            "or say which row holds the headings and what each column is.",
            field="file",
        )
    found.sort(key=lambda item: item[:2], reverse=True)
    return tuple(header for *_, header in found)


def header_at(sheet: Sheet, row_number: int) -> Header:
    """The row a person pointed at, as a header. Raises HeaderNotFound when it holds nothing."""
    for row in sheet.rows:
        if row.number == row_number:
            return _header_of(sheet, row)
    raise HeaderNotFound(
        f"Sheet “{sheet.title}” has nothing in row {row_number}. Choose the row that holds the "
        "headings of the list.",
        field="header_row",
    )


def with_mapping(header: Header, mapping: Mapping[int, ListField]) -> Header:
    """The header with the columns a person chose. Raises MappingRefused.

    A field stands in one column at most, and a list needs at least the text of its requests.
    """
    indexes = {column.index for column in header.columns}
    for index, chosen in mapping.items():
        if index not in indexes:
            raise MappingRefused(
                f"The list has no column {column_name(index)}. Choose among columns "
                f"A to {header.columns[-1].letter}.",
                field=str(chosen),
            )
    chosen_fields = list(mapping.values())
    for chosen in chosen_fields:
        if chosen_fields.count(chosen) > 1:
            raise MappingRefused(
                f"Two columns are marked as “{FIELD_LABELS[chosen]}”. Choose one of them and leave "
                "the other out.",
                field=str(chosen),
            )
    if ListField.TITLE not in chosen_fields:
        raise MappingRefused(
            "No column is marked as the text of the request. Choose the column that says what is "
            "asked for.",
            field=str(ListField.TITLE),
        )
    columns = tuple(
        Column(
            column.index,
            column.letter,
            column.heading,
            mapping.get(column.index),
            Recognized.CHOSEN if column.index in mapping else Recognized.NOT_IMPORTED,
        )
        for column in header.columns
    )
    return Header(
        header.sheet, header.hidden, header.row, columns, header.signature, header.known_names
    )


def _best_header(sheet: Sheet, remembered: Mapping[str, Mapping[int, ListField]]) -> Header | None:
    """The row with the most known names; a layout seen before wins."""
    best: Header | None = None
    for row in sheet.rows:
        if row.number > SEARCHED_ROWS:
            break
        known = remembered.get(header_signature(row.cells))
        if known:
            return with_mapping(_header_of(sheet, row), known)
        if row.is_title:
            continue
        header = _header_of(sheet, row)
        if best is None or header.known_names > best.known_names:
            best = header
    if best is None or best.known_names < KNOWN_NAMES_NEEDED:
        return None
    return best


def _header_of(sheet: Sheet, row: Row) -> Header:
    """A row as a header: each heading by its name, then, where a field is free, by its pattern."""
    cells = {index: clean_line(text_of(cell)) for index, cell in enumerate(row.cells)}
    headings = {index: heading for index, heading in cells.items() if heading}
    fields = _by_name(headings)
    known_names = len(fields)
    named = frozenset(fields)
    _by_pattern(headings, fields)
    _settle_texts(fields)
    _settle_nameless_ref(sheet, row, headings, fields)
    columns = []
    for index in range(sheet.width):
        heading = headings.get(index, "")
        field = fields.get(index)
        if field is not None:
            how = Recognized.BY_NAME if index in named else Recognized.BY_PATTERN
        elif folded_words(heading) in NOT_IMPORTED:
            how = Recognized.NOT_IMPORTED
        else:
            how = Recognized.UNKNOWN
        columns.append(Column(index, column_name(index), heading[:SHOWN_HEADING], field, how))
    signature = header_signature(row.cells)
    return Header(sheet.title, sheet.hidden, row.number, tuple(columns), signature, known_names)


def _by_name(headings: Mapping[int, str]) -> dict[int, ListField]:
    """Columns whose heading is known word for word; the first column of a field keeps it."""
    fields: dict[int, ListField] = {}
    taken: set[ListField] = set()
    words = {index: folded_words(heading) for index, heading in headings.items()}
    for index, word in words.items():
        field = next((field for field, known in HEADINGS.items() if word in known), None)
        if field is not None and field not in taken:
            fields[index] = field
            taken.add(field)
    _settle_item(words, fields)
    return fields


def _settle_item(words: Mapping[int, str], fields: dict[int, ListField]) -> None:
    """A column `Item` before another text column is the reference, unless there is one."""
    if ListField.REF in fields.values():
        return
    item = next((i for i, word in words.items() if word in ("item", "request", "items")), None)
    if item is None or fields.get(item) is not ListField.TITLE:
        return
    titles = HEADINGS[ListField.TITLE]
    other = next((i for i, word in words.items() if i != item and word in titles), None)
    if other is not None:
        fields[item], fields[other] = ListField.REF, ListField.TITLE


def _by_pattern(headings: Mapping[int, str], fields: dict[int, ListField]) -> None:
    """Columns whose heading holds a telling word, where that field is still free."""
    for index, heading in headings.items():
        word = folded_words(heading)
        if index in fields or not word or len(heading) > LONGEST_HEADING or word in NOT_IMPORTED:
            continue
        for pattern, field in PATTERNS:
            if pattern.search(word):
                if field not in fields.values():
                    fields[index] = field
                break


def _settle_nameless_ref(
    sheet: Sheet, header: Row, headings: Mapping[int, str], fields: dict[int, ListField]
) -> None:
    """A first column of numbers without a heading is the reference, when no other column is."""
    if ListField.REF in fields.values() or not headings:
        return
    first = min(headings) - 1
    if first < 0:
        return
    below = [
        text_of(row.cells[first])
        for row in sheet.rows
        if row.number > header.number and len(row.cells) > first and row.cells[first] is not None
    ]
    numbered = sum(len(text) <= LONGEST_REF and any(map(str.isdigit, text)) for text in below)
    if numbered * 2 > len(below):
        fields[first] = ListField.REF


def _settle_texts(fields: dict[int, ListField]) -> None:
    """The only text column of a list is what is asked for, whatever it is called."""
    if ListField.TITLE in fields.values():
        return
    for index, field in fields.items():
        if field is ListField.DESCRIPTION:
            fields[index] = ListField.TITLE
            return
