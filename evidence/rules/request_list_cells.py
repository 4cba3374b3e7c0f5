"""Texts, e-mail addresses and control ids out of the cells of a list, and safely back into them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from evidence.workbooks import Cell

TITLE_CHARACTERS: Final = 500
AREA_CHARACTERS: Final = 120
LONG_TEXT_CHARACTERS: Final = 10_000
REF_CHARACTERS: Final = 40
EMAIL_CHARACTERS: Final = 254
ADDRESSES_CHARACTERS: Final = 1_000

# A spreadsheet program would run a cell that begins so as a formula (IM-09, UPL-16). A leading
# apostrophe disarms it; one more is put before texts that begin like a disarmed one, so that
# taking one away gives back exactly what was there.
ARMED: Final = re.compile(r"'*[=+\-@\t\r]")
DISARMED: Final = re.compile(r"'+[=+\-@\t\r]")

BLANK: Final = frozenset({"", "-", "–", "—", "n/a", "na", "none", "nil", "tbc"})
# Characters no request holds: controls other than tab and line ends, and halves of pairs.
UNWANTED: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
EMAIL: Final = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])"
)
IN_BRACKETS: Final = re.compile(r"<\s*([^<>\s]+@[^<>\s]+)\s*>")
BETWEEN_ADDRESSES: Final = re.compile(r"[;,\n\r]+")
# Tried one after the other, the surest first.
BETWEEN_CONTROLS: Final = (
    re.compile(r"[;\n\r]+"),
    re.compile(r",+"),
    re.compile(r"\s*[/&+|]\s*|\s+and\s+"),
)


def disarmed(text: str) -> str:
    """A text as it may stand in a spreadsheet: never run as a formula (IM-09)."""
    return f"'{text}" if ARMED.match(text) else text


def without_controls(text: str) -> str:
    """A text without the characters that no spreadsheet can hold."""
    return UNWANTED.sub("", text)


def rearmed(text: str) -> str:
    """What `disarmed` was given, exactly."""
    return text[1:] if DISARMED.match(text) else text


def clean_text(text: str) -> str:
    """A text of many lines as a request holds it: composed, LF at line ends, no outer space."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return without_controls(text).strip()


def clean_line(text: str) -> str:
    """A text of one line as a request holds it: one space between words."""
    return " ".join(clean_text(text).split())


def folded_text(*texts: str) -> str:
    """Texts as they are compared: case and space apart (IM-08)."""
    return clean_line(" ".join(texts)).casefold()


def text_of(cell: Cell) -> str:
    """What a cell says, as text: whole numbers without a point, dates as ISO."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return rearmed(cell)
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, (int, float)):
        return f"{cell:g}" if isinstance(cell, float) else str(cell)
    return text_of(cell.value)


def is_blank(text: str) -> bool:
    """Whether a text merely says that there is nothing."""
    return text.strip().casefold() in BLANK


def title_and_description(title: str, description: str) -> tuple[str, str]:
    """A title of at most 500 characters; what is too long for one stands whole in the description.

    The same input gives the same output, so a second import finds nothing changed.
    """
    line, body = clean_line(title), clean_text(description)
    if len(line) <= TITLE_CHARACTERS:
        return line, body
    cut = line[: TITLE_CHARACTERS - 1]
    cut = cut[: cut.rfind(" ")] if " " in cut[TITLE_CHARACTERS // 2 :] else cut
    whole = clean_text(title)
    return f"{cut}…", f"{whole}\n\n{body}" if body else whole


@dataclass(frozen=True, slots=True)
class Addresses:
    """E-mail addresses of a cell, trimmed and lower-cased (IM-05); `bad`: those that are none."""

    all: tuple[str, ...]
    bad: tuple[str, ...]


def read_addresses(text: str) -> Addresses:
    """The addresses of a cell, in order, each once."""
    bracketed = IN_BRACKETS.findall(text)
    pieces = BETWEEN_ADDRESSES.split(IN_BRACKETS.sub(";", text) if bracketed else text)
    found = list(bracketed)
    for piece in pieces:
        if bracketed and "@" not in piece:
            continue  # the name beside a bracketed address, such as "Archer, Ann"
        found += piece.replace("/", " ").split() if piece.count("@") > 1 else [piece]
    found = [address.strip().lower().removeprefix("mailto:") for address in found]
    unique = tuple(dict.fromkeys(address for address in found if address))
    return Addresses(unique, tuple(address for address in unique if not is_address(address)))


def is_address(text: str) -> bool:
    """Whether a lower-cased text is an e-mail address one can write to."""
    return len(text) <= EMAIL_CHARACTERS and EMAIL.fullmatch(text) is not None


def controls_by_folded_id(controls: Iterable[str]) -> dict[str, str]:
    """Control ids by the form in which they are looked up: case and space apart."""
    return {"".join(control.split()).casefold(): control for control in controls}


def read_controls(text: str, known: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The control ids of a cell, and those of them that are not known, as written.

    known: from `controls_by_folded_id`. A client's ids may hold spaces, slashes and commas, so
    each piece is tried whole before it is cut further.
    """
    found: list[str] = []
    unknown: list[str] = []

    def take(piece: str) -> bool:
        control = known.get("".join(piece.split()).casefold())
        if control is not None:
            found.append(control)
        return control is not None

    def read(text: str, separators: tuple[re.Pattern[str], ...]) -> None:
        shown = clean_line(text)
        if not shown or is_blank(shown) or take(shown):
            return
        parts = separators[0].split(text) if separators else []
        if len(parts) > 1:
            for part in parts:
                read(part, separators[1:])
        elif separators:
            read(text, separators[1:])
        else:
            found.append(shown)
            unknown.append(shown)

    read(text, BETWEEN_CONTROLS)
    return tuple(dict.fromkeys(found)), tuple(dict.fromkeys(unknown))
