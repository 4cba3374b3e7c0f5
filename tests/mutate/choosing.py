"""Which tests should notice that a guard is gone: those it has refused, then those it let pass."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby

from tests.mutate.guards import Guard
from tests.mutate.recording import Recorded

BUDGET = 30.0
"""Seconds of tests after which a guard has survived."""


class Choice:
    """Chooses among recorded tests."""

    def __init__(self, recorded: Iterable[Recorded]) -> None:
        self.refused: dict[str, list[Recorded]] = defaultdict(list)
        self.let_pass: dict[str, list[Recorded]] = defaultdict(list)
        for test in sorted(recorded, key=lambda test: (test.seconds, test.test)):
            for key in test.ran:
                (self.refused if key in test.refused else self.let_pass)[key].append(test)

    def of(self, guard: Guard) -> list[Recorded]:
        """The tests to run, in their order: the fastest of each sort first, within the budget."""
        found, seconds = list[Recorded](), 0.0
        for test in (*self.refused[guard.key], *self.let_pass[guard.key]):
            if found and seconds + test.seconds > BUDGET:
                continue
            found.append(test)
            seconds += test.seconds
        return found


def in_groups(tests: Sequence[Recorded]) -> list[tuple[str, list[str]]]:
    """(server, names of tests), in their order."""
    return [
        (group, [test.test for test in found])
        for group, found in groupby(tests, key=lambda test: test.group)
    ]
