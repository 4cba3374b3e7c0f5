"""Reading narratives from a Word document: the bytes are parsed by the guarded child alone."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile

from audits.rules.narrative_documents import Line, word_lines
from evidence.workbooks import read_word


def read_docx(content: bytes) -> list[Line]:
    """The lines of a DOCX file, headings known by their style.

    Raises WorkbookRefused, whose message names the cure; nothing is ever half-read (UPL-11).
    """
    with NamedTemporaryFile(suffix=".docx") as file:
        file.write(content)
        file.flush()
        return word_lines(read_word(Path(file.name)))
