"""Reading the cells of one row while keeping what is to be said about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from evidence.rules import request_list_cells as cells
from evidence.rules.request_list_dates import DateOrder
from evidence.rules.request_list_messages import Message, Weight, message
from evidence.rules.request_list_readings import ListContext, Outcome
from evidence.rules.request_list_words import ListField
from evidence.workbooks import Cell, CellTrouble, Row, cell_name

F = ListField

# Columns that decide nothing: trouble in them never keeps a row out.
SIDE_FIELDS: Final = frozenset({F.AREA, F.OWNER_NAME, F.RECEIVED_ON, F.COMMENT})
LONGEST: Final = {
    F.REF: cells.REF_CHARACTERS,
    F.AREA: cells.AREA_CHARACTERS,
    F.TITLE: cells.LONG_TEXT_CHARACTERS,
    F.DESCRIPTION: cells.LONG_TEXT_CHARACTERS,
    F.ACCEPTANCE_HINT: cells.LONG_TEXT_CHARACTERS,
    F.COMMENT: cells.LONG_TEXT_CHARACTERS,
    F.OWNER_NAME: cells.ADDRESSES_CHARACTERS,
    F.OWNER_EMAIL: cells.ADDRESSES_CHARACTERS,
    F.CONTRIBUTORS: cells.ADDRESSES_CHARACTERS,
}
SHOWN_CHARACTERS: Final = 60


@dataclass(frozen=True, slots=True)
class ListSettings:
    """What holds for every row of one list.

    known_controls: from `controls_by_folded_id`; people_by_name: e-mail by folded name.
    """

    sheet: str
    columns: Mapping[ListField, int]
    context: ListContext
    known_controls: Mapping[str, str]
    people_by_name: Mapping[str, str]
    date_order: DateOrder
    from_1904: bool


@dataclass
class RowNotes:
    """One row being read. told: the fields for which it has a value of its own."""

    row: Row
    settings: ListSettings
    messages: list[Message] = field(default_factory=list)
    told: set[ListField] = field(default_factory=set)

    def text(self, name: ListField) -> str:
        """A cell as text, within the length the field may have; empty when it says nothing."""
        text = cells.text_of(self.cell(name))
        most = LONGEST.get(name, len(text))
        if len(text) > most:
            self.say("text_too_long", name, length=len(text), most=most)
        return text[:most]

    def told_text(self, name: ListField) -> str:
        """The same for fields where n/a and a dash mean nothing."""
        text = self.text(name)
        if cells.is_blank(text):
            self.told.discard(name)
            return ""
        return text

    def cell(self, name: ListField) -> Cell:
        """The cell of a field; one in trouble is reported and gives its saved value, if any."""
        column = self.settings.columns.get(name)
        if column is None or column >= len(self.row.cells):
            return None
        cell = self.row.cells[column]
        if isinstance(cell, CellTrouble):
            self.say(cell.code, name, shown=cell.shown)
            cell = cell.value
        if cell is not None:
            self.told.add(name)
        return cell

    def say(self, code: str, name: ListField, **words: object) -> None:
        """Keep a message about a field; texts of the row are cut to a length that reads well."""
        shown = {
            key: f"{word[:SHOWN_CHARACTERS]}…"
            if isinstance(word, str) and len(word) > SHOWN_CHARACTERS and key == "shown"
            else word
            for key, word in words.items()
        }
        self.keep(message(code, self.place(name), name.value, **shown))

    def keep(self, said: Message) -> None:
        """Keep a message once; in a side column an error is but a warning."""
        if said.is_error and said.field in SIDE_FIELDS:
            said = replace(said, weight=Weight.WARNING)
        if said not in self.messages:
            self.messages.append(said)

    def place(self, name: ListField) -> str:
        """Where a field stands: its cell, or the row when the list has no such column."""
        column = self.settings.columns.get(name)
        number = self.row.number
        return f"row {number}" if column is None else cell_name(number, column)

    @property
    def outcome(self) -> Outcome:
        """What the messages so far make of the row."""
        weights = {said.weight for said in self.messages}
        if Weight.ERROR in weights:
            return Outcome.ERROR
        return Outcome.WARNING if Weight.WARNING in weights else Outcome.OK
