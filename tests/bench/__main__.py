"""`make bench`: measure each job beside its floor and print one table.

    python -m tests.bench              the full size; some minutes
    python -m tests.bench --small      everything once, small, in less than a minute
    python -m tests.bench lists sweep  some parts only

Prints and judges, and ends with 0 whatever it found: times are for people to read.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.bench.place import Place, measuring
from tests.bench.scale import Size
from tests.bench.table import Line, printed


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured. Sizes in bytes."""

    size: Size = field(default_factory=Size)
    rounds: int = 30
    large_file: int = 256 * 2**20
    package_files: int = 1_000
    package_file: int = 2**20
    sweep_rows: int = 1_000_000
    sweep_due: int = 20_000
    sweep_rounds: int = 3
    list_rows: int = 1_000
    cells: int = 2_000
    population_rows: int = 1_000_000


SMALL = Plan(
    size=Size(clients=4, engagements=10, requests=600), rounds=3, large_file=16 * 2**20,
    package_files=40, sweep_rows=8_000, sweep_due=400, sweep_rounds=1,
    list_rows=60, cells=100, population_rows=10_000,
)  # fmt: skip


def lists(place: Place, plan: Plan) -> Iterator[Line]:
    """The request list: three readers, then four times as many tenants."""
    from tests.bench import lists as part

    before = {}
    for name, line, units in part.pages(place, plan.rounds):
        before[name] = units
        yield line
    yield part.wide_page(place, plan.rounds)
    for number in (2, 3, 4):
        part.scale.add_firm(place.owner, number, plan.size)
    for name, _, units in part.pages(place, plan.rounds):
        yield part.growth(name, before[name], units)


def queries(place: Place, plan: Plan) -> Iterator[Line]:
    """What the list asks of the database with few and with many requests."""
    from tests.bench import query_counts as part

    yield from part.lines(place)


def uploads(place: Place, plan: Plan) -> Iterator[Line]:
    """Files coming in."""
    from tests.bench import uploads as part

    yield from part.lines(place, plan.rounds, plan.large_file)


def imports(place: Place, plan: Plan) -> Iterator[Line]:
    """A firm's list."""
    from tests.bench import list_import as part

    yield from part.lines(place, plan.list_rows)


def examination(place: Place, plan: Plan) -> Iterator[Line]:
    """A grid filled, a sample drawn."""
    from tests.bench import examination as part

    yield from part.lines(place, plan.cells, plan.population_rows)


def package(place: Place, plan: Plan) -> Iterator[Line]:
    """Files going out."""
    from tests.bench import package as part

    yield from part.lines(place, plan.size.engagements, plan.package_files, plan.package_file)


def sweep(place: Place, plan: Plan) -> Iterator[Line]:
    """Reminders of a day; last, because it fills the database."""
    from tests.bench import sweep as part

    yield from part.lines(place, plan.sweep_rows, plan.sweep_due, plan.sweep_rounds)


PARTS: dict[str, Callable[[Place, Plan], Iterator[Line]]] = {
    "lists": lists, "queries": queries, "uploads": uploads, "imports": imports,
    "examination": examination, "package": package, "sweep": sweep,
}  # fmt: skip


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--small", action="store_true", help="a quick look that all of it works")
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"no part is called {', '.join(sorted(unknown))}")
    plan = SMALL if given.small else Plan()
    print(printed(measured(plan, given.parts or list(PARTS))))
    print(f"\nPython {platform.python_version()}, {platform.machine()}, one machine for all.")
    return 0


def measured(plan: Plan, parts: list[str]) -> list[Line]:
    """Every line of the parts named, on a database that is gone afterwards."""
    found: list[Line] = []
    with measuring() as place:
        from tests.bench import scale

        scale.add_firm(place.owner, 1, plan.size)
        for part in parts:
            print(f"measuring: {part}", file=sys.stderr, flush=True)
            for line in PARTS[part](place, plan):
                print("  ".join(filter(None, line.cells)), file=sys.stderr, flush=True)
                found.append(line)
    return found


if __name__ == "__main__":
    sys.exit(main())
