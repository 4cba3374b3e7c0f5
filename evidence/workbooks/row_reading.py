"""Reading a population from the caller's side: the child's frames, a chunk in memory at a time."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any

from audits.rules.population_rows import CHUNK_ROWS, Chunk
from evidence.workbooks import limits, wire
from evidence.workbooks.errors import WorkbookRefused
from evidence.workbooks.frames import CHUNK, END, FRAME, MOST_IN_FRAME, REFUSAL
from evidence.workbooks.reading import ROOT


@dataclass(frozen=True, slots=True)
class Asked:
    """How a list is to be read. header_row: from 1; None: the first row that holds something."""

    covers: tuple[date, date]
    key_columns: tuple[str, ...] = ()
    date_column: str = ""
    date_order: str = "year_first"
    sheet: str = ""
    header_row: int | None = None


def read_rows(path: Path, asked: Asked) -> Iterator[Chunk | dict[str, Any]]:
    """The chunks of the file at `path` as they come, then what was found, as a dictionary.

    The child is ended when the caller stops. Raises WorkbookRefused, whose message names the place
    and the cure; what came before it must not be used.
    """
    size = path.stat().st_size
    if size > limits.LONG_FILE_BYTES:
        raise WorkbookRefused(
            f"The file has {size // limits.MIB} MB; populations are read up to "
            f"{limits.LONG_FILE_BYTES // limits.MIB} MB. Leave out columns nobody needs, or split "
            "it by part of the period.", code="file_too_large",
        )  # fmt: skip
    told = asdict(asked) | {"covers": [day.isoformat() for day in asked.covers]}
    until = time.monotonic() + limits.LONG_WALL_SECONDS
    with _child(path, json.dumps(told)) as out:
        while True:
            kind, rows, first, second = FRAME.unpack(_exactly(out, FRAME.size))
            if first > MOST_IN_FRAME or second > MOST_IN_FRAME or rows > CHUNK_ROWS:
                raise _stopped("broke off its answer")
            text, keys = _exactly(out, first), _exactly(out, second)
            if kind == REFUSAL:
                code, message = json.loads(text)
                raise WorkbookRefused(message, code=code)
            if kind == END:
                yield json.loads(text)
                return
            if kind != CHUNK or time.monotonic() > until:
                raise _stopped("had not finished in time")
            yield Chunk(rows, text, keys)


@contextmanager
def _child(path: Path, asked: str) -> Iterator[IO[bytes]]:
    """The child's answer while it comes; it gets neither the environment nor the file's name."""
    child = subprocess.Popen(
        [sys.executable, "-E", "-s", "-m", "evidence.workbooks", str(path.resolve()), wire.ROWS,
         asked],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT,
        env={"LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    assert child.stdout is not None
    try:
        yield child.stdout
    finally:
        child.stdout.close()
        child.kill()
        child.wait()


def _exactly(out: IO[bytes], count: int) -> bytes:
    found = out.read(count)
    if len(found) < count:
        raise _stopped("ran out of memory or time, or broke down")
    return found


def _stopped(what: str) -> WorkbookRefused:
    return WorkbookRefused(
        f"The list could not be read: the reader {what}. Send it as CSV, without columns nobody "
        "needs.", code="reader_stopped",
    )  # fmt: skip
