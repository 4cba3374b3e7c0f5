"""What each test comes by, recorded once for a state of the code and shared by all parts.

Tests are recorded in bundles, a file each, and a bundle is one part's while it holds the file's
lock: parts that run side by side divide the bundles among themselves.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.mutate.guards import ROOT, sources
from tests.mutate.running import run_pytest
from tests.mutate.watching import RECORD

FOLDER = ROOT / "var/mutate"
LAYERS = ("tests/tenants", "tests/audits", "tests/evidence")
"""Folders whose tests arrange their own rows and take them back."""
SMALL = ("tests/grc/test_addresses.py", "tests/grc/test_answers.py", "tests/grc/test_forms.py",
         "tests/grc/test_health.py", "tests/grc/test_refusals.py", "tests/grc/test_safety.py",
         "tests/test_access_inputs.py", "tests/test_rights_taken_away.py")  # fmt: skip
ALONE = {"matrix": "tests/test_access_matrix.py", "sweep": "tests/test_access.py",
         "isolation": "tests/test_isolation.py"}  # fmt: skip
"""Files whose module commits a world of its own, which no other test would bear."""
COLLECTED = {"layers": [*LAYERS, *SMALL], **{name: [file] for name, file in ALONE.items()}}
"""What each server collects, once for all guards."""


@dataclass(frozen=True)
class Recorded:
    """A test, its seconds, and the keys of the guards it came by and of those that refused."""

    test: str
    seconds: float
    ran: frozenset[str]
    refused: frozenset[str] = field(default=frozenset())

    @property
    def group(self) -> str:
        """Which server has collected it."""
        file = self.test.partition("::")[0]
        return next((name for name, path in ALONE.items() if path == file), "layers")


def bundles() -> dict[str, list[str]]:
    """Name of a bundle → files or folders of tests, those that take longest first."""
    found = {name: [file] for name, file in ALONE.items()}
    for layer in LAYERS:
        for folder in sorted({path.parent for path in (ROOT / layer).rglob("test_*.py")}):
            place = folder.relative_to(ROOT)
            found[str(place).replace("/", "_")] = [
                str(path.relative_to(ROOT)) for path in sorted(folder.glob("test_*.py"))
            ]
    return {**found, "small": list(SMALL)}


def recorded(share: float, say: Callable[[str], None]) -> list[Recorded]:
    """What is recorded of all tests; what is missing is recorded now, as far as others do not.

    `share`: where to begin among the bundles, from 0 up to 1, so that parts meet late.
    """
    wanted = {FOLDER / f"{name}-{digest(files)}.jsonl": files for name, files in bundles().items()}
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in set(FOLDER.glob("*.jsonl")) - set(wanted):
        old.unlink()
    first = int(share * len(wanted))
    names = [*wanted][first:] + [*wanted][:first]
    for wait in (False, True):
        for path in names:
            if record(path, wanted[path], wait=wait):
                say(f"recorded {path.stem}")
    return [each for path in wanted for each in read(path)]


def record(path: Path, files: Iterable[str], *, wait: bool) -> bool:
    """Record a bundle unless it is done; `wait`: also where another part is at it."""
    if path.exists():
        return False
    with held(path.with_suffix(".lock"), wait=wait) as ours:
        if not ours or path.exists():
            return False
        making = path.with_suffix(".making")
        making.write_bytes(b"")
        run_pytest(list(files), name="record", plugin="watching", told={RECORD: str(making)})
        making.replace(path)
    return True


@contextmanager
def held(path: Path, *, wait: bool) -> Iterator[bool]:
    """Whether a lock is held inside the block; given up when the process ends, however it does."""
    with path.open("w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True


def read(path: Path) -> Iterator[Recorded]:
    """The tests of one bundle."""
    for line in path.read_text(encoding="utf-8").splitlines():
        told: dict[str, Any] = json.loads(line)
        yield Recorded(
            told["test"], told["seconds"], frozenset(told["ran"]), frozenset(told["refused"])
        )


def digest(files: Iterable[str]) -> str:
    """Of the code with guards, whose places a recording names, and of the tests in it."""
    running = hashlib.sha256()
    for path in [*sources(), *(ROOT / file for file in files)]:
        running.update(path.read_bytes())
    return running.hexdigest()[:12]
