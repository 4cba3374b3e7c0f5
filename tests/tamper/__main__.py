"""`make tamper`: change copies of trails, and ask the shipped verifier whether it notices.

    python -m tests.tamper              the full size; some minutes
    python -m tests.tamper --small      everything once, small
    python -m tests.tamper --seed 7     the same changes as another run with that seed

Prints counts and times, and ends with 1 when a change was not found, an untouched copy was
accused, or a bar was missed.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.place import measuring
from tests.bench.table import Line, duration, printed

CHANGES, ENTRIES, BATCHES = 10_000, 1_000_000, 40
MOST_SECONDS, LEAST_RATE, MOST_LAG_SECONDS = 60.0, 0.9, 5.0


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.tamper")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    parser.add_argument("--small", action="store_true", help="a quick look that all of it works")
    given = parser.parse_args()
    with measuring() as place, tempfile.TemporaryDirectory(prefix="tickmark-tamper-") as folder:
        lines = list(_measured(place, Path(folder), given.seed, given.small))
    print(printed(lines))
    print(f"\nSeed {given.seed}, Python {sys.version.split()[0]}, one machine for all.")
    return 1 if any(line.within is False for line in lines) else 0


def _measured(place: object, folder: Path, seed: int, small: bool) -> Iterator[Line]:
    """Every line of the table, told as it is found."""
    from tests.tamper import campaign, speed

    share = 100 if small else 1
    for line in (
        *_changes(campaign.run(campaign.shipped(folder), CHANGES // share, seed)),
        _verified(*speed.verified(folder, ENTRIES // share, seed), ENTRIES // share),
        *_written(*speed.written(place, BATCHES // (10 if small else 1))),
    ):
        print("  ".join(filter(None, line.cells)), file=sys.stderr, flush=True)
        yield line


def _changes(outcome: object) -> Iterator[Line]:
    from tests.tamper.campaign import Outcome

    assert isinstance(outcome, Outcome)
    for kind, made in outcome.made.items():
        found = outcome.found[kind]
        yield Line(kind, f"{found} found", f"{made} made", bar="all", within=found == made)
    yield Line(
        "untouched copies", f"{outcome.accused} accused", f"{outcome.untouched} asked",
        bar="none", within=outcome.accused == 0, counts="; ".join(outcome.missed[:5]),
    )  # fmt: skip


def _verified(seconds: float, cpu: float, entries: int) -> Line:
    return Line(
        f"verify {entries:,} entries", duration(seconds), bar=f"≤ {MOST_SECONDS:g} s",
        within=seconds <= MOST_SECONDS, counts=f"{duration(cpu)} on a processor",
    )  # fmt: skip


def _written(without: float, with_it: float, lag: float | None, count: int) -> Iterator[Line]:
    share = without / with_it
    yield Line(
        "write by the API, the trail being sequenced", f"{1 / with_it:.0f} / s",
        f"{1 / without:.0f} / s without", f"{share:.0%}", f"≥ {LEAST_RATE:.0%}",
        share >= LEAST_RATE, f"{count} of each, in turn",
    )  # fmt: skip
    if lag is not None:
        yield Line(
            "entry to its place, 99th percentile", duration(lag),
            bar=f"≤ {MOST_LAG_SECONDS:g} s", within=lag <= MOST_LAG_SECONDS,
        )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
