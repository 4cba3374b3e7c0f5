"""Reading a workbook from the caller's side: the child is started, bounded and understood."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path, PurePath
from typing import Final

from evidence.workbooks import limits, wire
from evidence.workbooks.errors import WorkbookRefused
from evidence.workbooks.sheets import Workbook

ROOT: Final = Path(__file__).resolve().parents[2]
SIMPLER: Final = (
    "Copy the rows of the list into a new workbook (paste values only), save it as XLSX, and send "
    "that."
)


def read_workbook(path: Path, *, name: str) -> Workbook:
    """Everything in the file at `path` that a list may hold; `name` is its name as sent.

    The bytes are parsed in a child process with caps on memory, processor and time (UPL-11); it
    gets neither the environment nor the name, only its ending. Raises WorkbookRefused, whose
    message names the place and the cure; nothing is ever half-read.
    """
    size = path.stat().st_size
    if not size:
        raise WorkbookRefused(
            "The file is empty. Save the list again and send it.", code="file_empty"
        )
    if size > limits.FILE_BYTES:
        raise WorkbookRefused(
            f"The file has {size // limits.MIB} MB; lists are read up to "
            f"{limits.FILE_BYTES // limits.MIB} MB. {SIMPLER}",
            code="file_too_large",
        )
    answer = _ask_child(path, PurePath(name).suffix)
    try:
        return wire.decode(answer, name=name)
    except (ValueError, KeyError, TypeError) as error:
        raise _stopped("broke off its answer") from error


def read_word(path: Path) -> list[tuple[str, str]]:
    """The paragraphs of a Word document (DOCX), as (kind, text): heading, quote or text.

    Read by the same child, under the same caps. Raises WorkbookRefused.
    """
    if path.stat().st_size > limits.FILE_BYTES:
        raise WorkbookRefused(
            f"The document is larger than {limits.FILE_BYTES // limits.MIB} MB. Split it, or take "
            "its pictures out, and send it again.",
            code="file_too_large",
        )
    answer = _ask_child(path, wire.WORD)
    try:
        return wire.decode_paragraphs(answer)
    except (ValueError, KeyError, TypeError) as error:
        raise _stopped("broke off its answer") from error


def _ask_child(path: Path, ending: str) -> bytes:
    """The child's answer. Raises WorkbookRefused when it ran out of time or broke down."""
    try:
        done = subprocess.run(
            [sys.executable, "-E", "-s", "-m", "evidence.workbooks", str(path.resolve()), ending],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={"LC_ALL": "C.UTF-8"},
            timeout=limits.WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _stopped(f"had not finished after {limits.WALL_SECONDS} seconds") from error
    if done.returncode:
        raise _stopped("ran out of memory or broke down")
    return done.stdout


def _stopped(what: str) -> WorkbookRefused:
    """The refusal of a file on which the reader itself failed."""
    return WorkbookRefused(
        f"The workbook could not be read: the reader {what}. {SIMPLER}", code="reader_stopped"
    )
