"""Every sentence a row of a list may get: its weight, and the words that name the cure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Weight(StrEnum):
    """What a message means for its row: kept out, in doubt, or only worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to know about a row.

    code: stable, for programs. place: cell or row as the spreadsheet shows it, such as J25.
    field: what the column holds. text: a sentence that ends in the cure.
    """

    code: str
    place: str
    text: str
    field: str = ""
    weight: Weight = Weight.WARNING

    @property
    def is_error(self) -> bool:
        """Whether the row cannot be used."""
        return self.weight is Weight.ERROR


_PASTE = "Select the cell, copy it, paste it as a value, and send the list again."

# Code and words; the words in braces are given by the rule that speaks.
ERRORS: Final[dict[str, str]] = {  # keep the row out
    "missing_ref": "The row has no reference. Give it one that no other row has.",
    "missing_description": (
        "The row does not say what is requested. Fill the cell, or delete the row."
    ),
    "text_too_long": "The text has {length:,} characters; at most {most:,} are kept. Shorten it.",
    "unknown_control": (
        "“{shown}” is no control of this engagement. Correct the id, or add the control first."
    ),
    "sample_in_type_1": (
        "A Type 1 tests design as of one date; it has no samples. Choose another type, or delete "
        "the row."
    ),
    "bad_email": "“{shown}” is not an e-mail address. Write it as name@company.com.",
    "missing_due_date": "The row has no due date. Fill it in, such as 2026-10-09.",
    "due_before_requested": (
        "The due date {due} lies before the day of the request, {requested}. Correct one of them."
    ),
    "impossible_date": "“{shown}” is no day of the calendar. Write the date as in 2026-10-09.",
    "unreadable_date": "“{shown}” is no date that can be read. Write the date as in 2026-10-09.",
    "period_ends_early": "The period ends before it begins. Correct one of the two dates.",
    "unknown_status": (
        "“{shown}” is no status that is known. Use Open, In progress, Received, Under "
        "review, Accepted, Returned or N/A."
    ),
    "formula_without_value": (
        f"The cell holds a formula that was never calculated ({{shown}}). {_PASTE}"
    ),
    "request_closed": "{ref} cannot be changed by a list: {reason}.",
    "error_value": f"The cell shows an error ({{shown}}). {_PASTE}",
}
WARNINGS: Final[dict[str, str]] = {  # doubts about a row that is used
    "two_emails": (
        "The cell names {count} people: {owner} becomes the owner, the others contributors. "
        "Leave one address if that is not meant."
    ),
    "missing_owner": "The row names no owner. Name one before the request is sent.",
    "ambiguous_date": (
        "“{shown}” was read as {value}; it could mean {other}. Write it as {value} to be sure."
    ),
    "date_order_mixed": (
        "“{shown}” was read as {value}, the only order that makes a date of it; the list "
        "writes its dates the other way round. Write it as {value} to be sure."
    ),
    "unknown_kind": (
        "“{shown}” is no type that is known; it was read as {default}. Known are: {known}."
    ),
    "unknown_priority": (
        "“{shown}” is no priority that is known; it was read as {default}. Known are: {known}."
    ),
    "unknown_sensitivity": (
        "“{shown}” is no sensitivity that is known; it was read as {default}. Known are: {known}."
    ),
    "external_link": (
        "The cell takes its value from another file, which was not opened ({shown}); the "
        f"value saved here was used. {_PASTE}"
    ),
    "duplicate_row": "Row {other} is the same request. Delete one of the two.",
    "duplicate_reference": (
        "Row {other} has the same reference {ref} for another request. Give one of the two a "
        "reference of its own."
    ),
    "duplicate_content": (
        "Row {other} ({ref}) asks for the same with the same control and type. Keep one of "
        "the two, and add to it what only the other says."
    ),
    # What the engagement adds to a row.
    "same_as_existing": (
        "{ref} of this engagement already asks for the same with the same control and type. Use "
        "its reference, or say what is different."
    ),
}
HINTS: Final[dict[str, str]] = {  # worth knowing, and no doubt
    "owner_not_known": (
        "“{shown}” is no name of the client's people here. Give the e-mail address to name "
        "the owner."
    ),
    "unknown_email": (
        "{shown} is not among the client's people yet. Invite the person, then name them on "
        "the request."
    ),
}
WORDINGS: Final = {
    **{code: (Weight.ERROR, words) for code, words in ERRORS.items()},
    **{code: (Weight.WARNING, words) for code, words in WARNINGS.items()},
    **{code: (Weight.HINT, words) for code, words in HINTS.items()},
}


def message(code: str, place: str, field: str = "", **words: object) -> Message:
    """The message of a code, at a place, with the words it needs."""
    weight, wording = WORDINGS[code]
    return Message(code, place, wording.format(**words), field, weight)


def codes_of(messages: Iterable[Message]) -> tuple[str, ...]:
    """The codes of messages, each once; hints are left out, for they decide nothing."""
    return tuple(dict.fromkeys(said.code for said in messages if said.weight is not Weight.HINT))
