"""XML read as a stream, with document types and entities refused before they can grow."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from xml.parsers import expat

from evidence.workbooks.archives import damaged, unsafe

Attributes = dict[str, str]


def _ignore_start(name: str, attributes: Attributes) -> None:
    """Nothing to do at the start of an element."""


def _ignore(text: str) -> None:
    """Nothing to do at the end of an element, or with text."""


def scan(
    chunks: Iterable[bytes],
    *,
    part: str,
    start: Callable[[str, Attributes], None] = _ignore_start,
    end: Callable[[str], None] = _ignore,
    text: Callable[[str], None] | None = None,
) -> None:
    """Feed one part to the handlers, element names without their namespace prefix.

    Raises WorkbookRefused for a document type (entity bombs need one) and for broken XML.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse_doctype(*_: object) -> None:
        raise unsafe(f"its part {part} declares a document type, which no workbook needs")

    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.StartElementHandler = lambda name, attributes: start(name.rpartition(":")[2], attributes)
    parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise damaged() from error
