"""The child process: `python -m evidence.workbooks PATH ENDING` answers on standard output.

With `.rows` for an ending, and a third word, it reads a population row by row.
"""

from __future__ import annotations

import contextlib
import resource
import sys
from pathlib import Path

from evidence.workbooks import limits, wire, word
from evidence.workbooks.errors import WorkbookRefused


def limit_resources() -> None:
    """Cap memory, processor time and open files, and forbid writing any, before a byte is read."""
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_CPU, limits.CPU_SECONDS),
        (resource.RLIMIT_AS, limits.MEMORY_BYTES),
    ):
        # Some systems know a limit but cannot set it; the caller's own timeout holds there.
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(what, (most, most))


def answer(path: Path, ending: str) -> bytes:
    """What the file holds, or why it is refused."""
    try:
        told = _told(path, ending)
    except WorkbookRefused as refused:
        return wire.encode_refusal(refused)
    if len(told) > limits.ANSWER_BYTES:
        raise MemoryError
    return told


def _told(path: Path, ending: str) -> bytes:
    if ending == wire.WORD:
        return wire.encode_paragraphs(word.read(path))
    from evidence.workbooks.parsing import parse

    return wire.encode(parse(path, name=f"list{ending}"))


def main() -> None:
    """Read the one file, within the limits, and be gone."""
    path, ending = Path(sys.argv[1]), sys.argv[2]
    if ending == wire.ROWS:
        from evidence.workbooks import rows

        rows.widen()
        limit_resources()
        rows.answer(path, sys.argv[3], sys.stdout.buffer)
        return
    limit_resources()
    sys.stdout.buffer.write(answer(path, ending))


if __name__ == "__main__":
    main()
