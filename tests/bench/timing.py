"""Pairs measured in turn, so that a busy moment of the machine weighs on both; medians count."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def in_turn(
    floor: Callable[[], object],
    ours: Callable[[], object],
    rounds: int,
    after: Callable[[], object] = lambda: None,
) -> tuple[float, float]:
    """Median seconds of both, measured A B A B … after one call of each that does not count.

    `after` each of ours is called and not counted: it removes what was made.
    """
    pairs = []
    for _ in range(rounds + 1):
        pairs.append((seconds(floor), seconds(ours)))
        after()
    del pairs[0]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def cpu_seconds(pid: int) -> float:
    """Processor time a process has used so far, to 10 ms; 0 where the system does not say."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid: int) -> int:
    """What a process holds in memory now; 0 where the system does not say."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * 4096


@dataclass(slots=True)
class Growth:
    """How much more a process held at its highest than before."""

    before: int
    highest: int

    @property
    def mib(self) -> float:
        """In MiB."""
        return max(0, self.highest - self.before) / 2**20


@contextmanager
def watching(pid: int) -> Iterator[Growth]:
    """Watch the memory of a process every 10 ms."""
    growth = Growth(resident_bytes(pid), 0)
    over = Event()

    def look() -> None:
        while not over.wait(0.01):
            growth.highest = max(growth.highest, resident_bytes(pid))

    watcher = Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield growth
    finally:
        over.set()
        watcher.join()
