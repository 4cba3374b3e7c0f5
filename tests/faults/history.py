"""What programs asked for and were told, and what is there in the end: values, no application."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ACKNOWLEDGED, REFUSED, UNKNOWN = "acknowledged", "refused", "unknown"

Effect = tuple[str, str]
"""Kind of effect, and the word by which it is told from every other."""


@dataclass(frozen=True, slots=True)
class Call:
    """One invocation. Moments in seconds of one clock; `ended` None when no answer came.

    A write names its `effect`; `said` is what the answer told of it, such as a hash. A read names
    the words it `saw` of one `kind` of effects on one `target`.
    """

    effect: Effect
    began: float
    ended: float | None
    outcome: str
    target: str = ""
    said: str = ""
    saw: tuple[str, ...] | None = None


@dataclass(slots=True)
class State:
    """What the owner of the tables, the store and the mail server hold when all is quiet.

    `effects` and `trail` count what is there and what the trail says was done; `said` is what
    rows tell of an effect. `named` and `stored` give the SHA-256 of bytes by their key, as rows
    name them and as the store has them. `obligations` are mails owed, with the status their row
    has; `mails` counts what arrived for each. `undone` is due work nobody has done, `parked` work
    given up.
    """

    effects: dict[Effect, int] = field(default_factory=dict)
    trail: dict[Effect, int] = field(default_factory=dict)
    said: dict[Effect, str] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)
    stored: dict[str, str] = field(default_factory=dict)
    obligations: dict[str, str] = field(default_factory=dict)
    mails: dict[str, int] = field(default_factory=dict)
    undone: list[str] = field(default_factory=list)
    parked: list[str] = field(default_factory=list)


class Recorder:
    """Writes calls to a file outside the application, one line each, as they end."""

    def __init__(self, path: Path) -> None:
        self.calls: list[Call] = []
        self._file = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()

    def keep(self, call: Call) -> None:
        with self._lock:
            self.calls.append(call)
            self._file.write(json.dumps(asdict(call)) + "\n")

    @contextmanager
    def timing(self) -> Iterator[dict[str, Any]]:
        """Fill in what the call is; its end is noted when the block is left."""
        told: dict[str, Any] = {"began": time.monotonic(), "outcome": UNKNOWN}
        try:
            yield told
        finally:
            told["ended"] = time.monotonic()
            self.keep(Call(**told))

    def close(self) -> None:
        self._file.close()
