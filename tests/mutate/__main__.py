"""Runs the guard mutation, or a part of it; see the package's text."""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
from collections import Counter
from pathlib import Path

import django

from tests.mutate.choosing import Choice
from tests.mutate.explained import EXPLAINED
from tests.mutate.guards import KINDS, Guard, all_guards
from tests.mutate.recording import recorded
from tests.mutate.trying import BROKEN, KILLED, SURVIVED, Outcome, attempt_all

GOAL = 0.95


def main() -> int:
    """Try the chosen guards and print what came of each. Returns 1 for less than the goal."""
    asked = arguments()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "grc.settings")
    django.setup()
    guards = chosen(all_guards(), asked)
    say(f"{len(guards)} guards, seed {asked.seed}")
    if asked.list:
        for guard in guards:
            say(f"{guard.kind:12} {guard.name}")
        return 0
    done, outcomes = known(asked.log), list[Outcome]()
    guards = [guard for guard in guards if guard.name not in done]

    def tell(outcome: Outcome) -> None:
        outcomes.append(outcome)
        say(
            f"{len(outcomes)}/{len(guards)} {outcome.verdict} {outcome.guard.kind} "
            f"{outcome.guard.name} [{outcome.seconds:.1f} s] {outcome.by}"
        )
        keep(asked.log, outcome)

    number, parts = part(asked)
    tests = [] if all(guard.sql for guard in guards) else recorded((number - 1) / parts, say)
    say(f"{len(tests)} tests recorded")
    attempt_all(guards, Choice(tests), tell)
    return summary(outcomes)


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutate", description=__doc__)
    parser.add_argument("--only", default="", help=f"kinds, by comma: {', '.join(KINDS)}")
    parser.add_argument("--part", default="1/1", help="such as 2/8: the second of eight parts")
    parser.add_argument("--seed", type=int, default=1, help="the order, and so the parts")
    parser.add_argument("--most", type=int, default=0, help="at most so many guards")
    parser.add_argument("--match", default="", help="guards whose place or text holds this")
    parser.add_argument("--list", action="store_true", help="only say which guards there are")
    parser.add_argument("--log", type=Path, help="a file to go on from, one JSON line a guard")
    return parser.parse_args()


def chosen(guards: list[Guard], asked: argparse.Namespace) -> list[Guard]:
    """The guards of the kinds and the part asked for, in the seed's order."""
    kinds = set(filter(None, asked.only.split(","))) or set(KINDS)
    if unknown := kinds - set(KINDS):
        raise SystemExit(f"No kind of guard: {', '.join(sorted(unknown))}.")
    found = [each for each in guards if each.kind in kinds and asked.match in each.name]
    random.Random(asked.seed).shuffle(found)
    number, parts = part(asked)
    found = found[number - 1 :: parts]
    return found[: asked.most] if asked.most else found


def part(asked: argparse.Namespace) -> tuple[int, int]:
    """Which part, of how many."""
    number, _, parts = asked.part.partition("/")
    return int(number), int(parts)


def summary(outcomes: list[Outcome]) -> int:
    """Print the count, the survivors with their place, and whether the goal is met."""
    counts = Counter(outcome.verdict for outcome in outcomes)
    tried = counts[KILLED] + counts[SURVIVED]
    say(f"\n{tried} tried, {counts[KILLED]} killed, {counts[SURVIVED]} survived, "
        f"{counts[BROKEN]} not tried")  # fmt: skip
    for outcome in outcomes:
        if outcome.verdict != KILLED:
            reason = EXPLAINED.get(outcome.guard.lasting, f"not explained; {outcome.by}")
            say(f"{outcome.verdict} {outcome.guard.kind} {outcome.guard.name}: {reason}")
    share = counts[KILLED] / tried if tried else 0
    say(f"{share:.1%} killed; the goal is {GOAL:.0%}")
    return 0 if tried and share >= GOAL and not counts[BROKEN] else 1


def known(log: Path | None) -> set[str]:
    """Names of guards that an earlier run has tried."""
    if log is None or not log.exists():
        return set()
    lines = map(json.loads, log.read_text(encoding="utf-8").splitlines())
    return {line["name"] for line in lines if line["verdict"] != BROKEN}


def keep(log: Path | None, outcome: Outcome) -> None:
    """Add a line to the log."""
    if log is not None:
        told = {"kind": outcome.guard.kind, "name": outcome.guard.name,
                "verdict": outcome.verdict, "by": outcome.by,
                "seconds": round(outcome.seconds, 1)}  # fmt: skip
        with log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")


def say(text: str) -> None:
    """A line, at once."""
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
