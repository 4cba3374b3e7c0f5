"""How long signing in waits after failures (AUT-4): pure arithmetic.

Failures fill a level that leaks away with time. Each failure makes the next try wait longer, so
that no hour can hold more failures than `most_in_an_hour` says, whatever their rhythm.
"""

from __future__ import annotations

from dataclasses import dataclass

HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Limit:
    """`free` failures cost nothing; then the wait doubles from one second up to `longest`."""

    free: int
    longest: float

    @property
    def leak(self) -> float:
        """Failures forgiven in a second: as many as the longest wait lets through."""
        return 1 / self.longest

    def level_at(self, level: float, seconds: float) -> float:
        """What is left of `level` after so many seconds without a failure."""
        return max(0.0, level - max(0.0, seconds) * self.leak)

    def wait(self, level: float, seconds: float) -> float:
        """Seconds the next try has to wait, `seconds` after the failure that left `level`."""
        over = level - self.free
        if over <= 0:
            return 0.0
        whole = self.longest if over > 20 else min(self.longest, 2.0 ** (over - 1))
        return max(0.0, whole - seconds)

    @property
    def most_in_an_hour(self) -> int:
        """More failures than this fit into no hour: the free ones, the short waits, the rest."""
        short = 0
        while 2.0**short < self.longest:
            short += 1
        return self.free + 2 * short + int(HOUR / self.longest) + 1


ACCOUNT = Limit(free=5, longest=60.0)
"""At most 78 failures in any hour; the requirement is 100."""
ADDRESS = Limit(free=30, longest=15.0)
NETWORK = Limit(free=120, longest=5.0)
"""An office of hundreds behind one address mistypes now and then; a machine does all the time."""
