"""A Word document to its paragraphs, within the child process: text alone, nothing is run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import BinaryIO, Final

from evidence.workbooks import limits, markup
from evidence.workbooks.archives import Archive
from evidence.workbooks.errors import WorkbookRefused

DOCUMENT: Final = "word/document.xml"
STYLES: Final = "word/styles.xml"
HEADING: Final = re.compile(r"(?:heading [1-9]|title)\Z", re.IGNORECASE)
QUOTE: Final = re.compile(r"(?:intense )?quote\Z", re.IGNORECASE)
BODY_LEVEL: Final = 9
"""The outline level of text that is no heading."""


def read(path: Path) -> list[tuple[str, str]]:
    """Every paragraph of the file at `path` as (kind, text): heading, quote or text.

    Text that somebody struck out under tracked changes is left out. Raises WorkbookRefused.
    """
    with path.open("rb") as file:
        return _read(file)


def _read(file: BinaryIO) -> list[tuple[str, str]]:
    if file.read(2) != b"PK":
        raise _no_document()
    archive = Archive(file)
    if DOCUMENT not in archive.parts:
        raise _no_document()
    styles = _Styles()
    if STYLES in archive.parts:
        markup.scan(archive.chunks(STYLES), part=STYLES, start=styles.start, end=styles.end)
    body = _Body(styles.kinds)
    markup.scan(
        archive.chunks(DOCUMENT), part=DOCUMENT, start=body.start, end=body.end, text=body.text
    )
    return body.paragraphs


def _no_document() -> WorkbookRefused:
    return WorkbookRefused(
        "The file is no Word document (DOCX). Open it in the program it came from, save it as a "
        "Word document (.docx), and send that.",
        code="not_a_document",
    )


def _attribute(attributes: markup.Attributes, name: str) -> str:
    """An attribute whatever its namespace prefix."""
    return next((v for key, v in attributes.items() if key.rpartition(":")[2] == name), "")


class _Styles:
    """Handlers for the styles: which of them are headings, and which are quotes."""

    def __init__(self) -> None:
        self.kinds: dict[str, str] = {}
        self._style = ""

    def start(self, name: str, attributes: markup.Attributes) -> None:
        """Keep a style's kind by its name or its outline level."""
        if name == "style":
            self._style = _attribute(attributes, "styleId")
        elif not self._style:
            return
        elif name == "name":
            told = _attribute(attributes, "val")
            if HEADING.match(told):
                self.kinds[self._style] = "heading"
            elif QUOTE.match(told):
                self.kinds[self._style] = "quote"
        elif name == "outlineLvl" and _level(attributes) < BODY_LEVEL:
            self.kinds[self._style] = "heading"

    def end(self, name: str) -> None:
        """A style ends."""
        if name == "style":
            self._style = ""


class _Body:
    """Handlers for the text: paragraphs in order, also those of tables."""

    def __init__(self, kinds: dict[str, str]) -> None:
        self.paragraphs: list[tuple[str, str]] = []
        self._kinds = kinds
        self._open: list[list[str]] = []  # a text box holds paragraphs inside one
        self._kind: list[str] = []
        self._in_text = False
        self._characters = 0

    def start(self, name: str, attributes: markup.Attributes) -> None:
        """Open a paragraph, note its style, keep breaks and tabs."""
        if name == "p":
            self._open.append([])
            self._kind.append("text")
        elif not self._open:
            return
        elif name == "pStyle":
            self._kind[-1] = self._kinds.get(_attribute(attributes, "val"), "text")
        elif name == "outlineLvl" and _level(attributes) < BODY_LEVEL:
            self._kind[-1] = "heading"
        elif name in ("br", "cr"):
            self._open[-1].append("\n")
        elif name == "tab":
            self._open[-1].append(" ")
        self._in_text = name == "t"

    def text(self, text: str) -> None:
        """Keep what is told inside a run of text."""
        if not self._in_text or not self._open:
            return
        self._characters += len(text)
        if self._characters > limits.TEXT_CHARACTERS:
            raise WorkbookRefused(
                f"The document holds more than {limits.TEXT_CHARACTERS:,} characters. Split it.",
                code="text_too_large",
            )
        self._open[-1].append(text)

    def end(self, name: str) -> None:
        """Close a paragraph."""
        if name == "t":
            self._in_text = False
        elif name == "p" and self._open:
            self.paragraphs.append((self._kind.pop(), "".join(self._open.pop())))


def _level(attributes: markup.Attributes) -> int:
    told = _attribute(attributes, "val")
    return int(told) if told.isascii() and told.isdigit() else BODY_LEVEL
