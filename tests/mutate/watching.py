"""Loaded by pytest before anything of ours: each test notes the guards it comes by.

Every module with guards is compiled with a call around each of them, which notes that the running
test came by it, and whether it refused. A line of JSON a test goes to the file that the environment
names.
"""

from __future__ import annotations

import builtins
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import update_wrapper
from pathlib import Path
from typing import Any

import pytest

from tests.mutate.guards import Guard, of_source, sources
from tests.mutate.loading import load_changed
from tests.mutate.server import commits

RECORD = "TICKMARK_RECORD"
"""Variable of the environment: the file to write."""
NAME = "__passing__"
"""What the call around a guard is made on: a builtin while recording."""


def watched(raw: bytes, guards: Iterable[Guard]) -> bytes:
    """A module's text with a call around each guard; its lines stay where they are."""
    opened, closed = [], []
    for guard in guards:
        if guard.watch is not None:
            start, end = guard.watch.span
            opened.append((start, -end, f'{NAME}("{guard.key}").{guard.watch.method}('))
            closed.append((end, 0, ")"))
    for place, _, text in sorted([*closed, *opened], reverse=True):
        raw = raw[:place] + text.encode() + raw[place:]
    return raw


class Passages:
    """What the running test comes by: all guards, and those that refuse."""

    running = False

    def begin(self) -> None:
        """Start with nothing."""
        self.running, self.seconds, self.green = True, 0.0, True
        self.ran, self.within, self.refused = set[str](), Counter[str](), set[str]()

    def __call__(self, key: str) -> Passing:
        """Come by a guard; it refuses unless it answers (`Passing.left`)."""
        if self.running:
            self.ran.add(key)
            self.within[key] += 1
        return Passing(self, key)

    def left(self, key: str, *, refused: bool) -> None:
        """A guard has answered."""
        if self.running:
            self.within[key] -= 1
            if refused:
                self.refused.add(key)

    def told(self, test: str) -> dict[str, Any]:
        """What a test came by; a guard that never answered has raised."""
        raised = {key for key, count in self.within.items() if count > 0}
        return {"test": test, "seconds": round(self.seconds, 3), "ran": sorted(self.ran),
                "refused": sorted(self.refused | raised)}  # fmt: skip


class Passing:
    """One guard that is come by: each method takes what stands there and gives it back."""

    def __init__(self, passages: Passages, key: str) -> None:
        self.passages, self.key = passages, key

    def through(self, answer: Any) -> Any:
        """Whatever it answers, it has let pass: it refuses by raising."""
        self.passages.left(self.key, refused=False)
        return answer

    def met(self, answer: Any) -> Any:
        """The condition of a refusal."""
        self.passages.left(self.key, refused=bool(answer))
        return answer

    def answer(self, answer: Any) -> Any:
        """Yes or no."""
        self.passages.left(self.key, refused=not answer)
        return answer

    def reason(self, guard: Any) -> Any:
        """A function that answers why not."""
        return self._noting(guard, bool)

    def who(self, function: Any) -> Any:
        """A function that answers whether."""
        return self._noting(function, lambda answer: not answer)

    def move(self, move: Any) -> Any:
        """A move whose permission is asked by `is_for`."""
        self.through(None)
        object.__setattr__(move, "is_for", self._noting(move.is_for, lambda answer: not answer))
        return move

    def door(self, decorator: Any) -> Any:
        """A decorator that lets nobody in to the view whom it should not."""
        self.through(None)

        def decorated(view: Any) -> Any:
            def inside(*values: Any, **named: Any) -> Any:
                self.through(None)
                return view(*values, **named)

            def outside(*values: Any, **named: Any) -> Any:
                self.passages(self.key)
                return closed(*values, **named)

            closed = decorator(update_wrapper(inside, view))
            return update_wrapper(outside, closed)

        return decorated

    def _noting(self, function: Any, refuses: Callable[[Any], bool]) -> Any:
        self.through(None)

        def noting(*values: Any) -> Any:
            self.passages(self.key)
            answer = function(*values)
            self.passages.left(self.key, refused=refuses(answer))
            return answer

        return update_wrapper(noting, function)


PASSAGES = Passages()
if RECORD in os.environ:
    setattr(builtins, NAME, PASSAGES)
    found = {path: of_source(path) for path in sources()}
    load_changed(
        {
            path: lambda raw, guards=guards: watched(raw, guards)
            for path, guards in found.items()
            if any(guard.watch for guard in guards)
        }
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what the trying of guards leaves out."""
    items[:] = [item for item in items if not commits(item)]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Note what a test comes by; one that is not green is of no use."""
    PASSAGES.begin()
    result = yield
    PASSAGES.running = False
    if PASSAGES.green:
        with Path(os.environ[RECORD]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(PASSAGES.told(item.nodeid)) + "\n")
    return result


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """How long its parts took, and whether they were green."""
    PASSAGES.seconds += report.duration
    PASSAGES.green = PASSAGES.green and report.outcome == "passed"
