"""The campaign: every change must be found by the shipped verifier, every untouched copy passed."""

from __future__ import annotations

import importlib.util
import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from tests.tamper.changes import CHANGES, Lines
from tests.trails import Trail

SOURCE = Path(__file__).resolve().parents[2] / "tenants" / "trail_verifier.py"


@dataclass
class Outcome:
    """How many of each change were made and found; untouched copies, and those found faulty."""

    made: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    untouched: int = 0
    accused: int = 0


def shipped(folder: Path) -> ModuleType:
    """The verifier as a file of its own, as those who check have it."""
    path = folder / "verify_trail.py"
    path.write_bytes(SOURCE.read_bytes())
    spec = importlib.util.spec_from_file_location("shipped_verify_trail", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def faults(verifier: ModuleType, lines: Lines, outside: str) -> list[str]:
    """What the verifier says of a copy, given one checkpoint from outside."""
    copy = verifier.TrailCopy(verifier.checkpoints_in(outside))
    copy.feed(b"".join(lines))
    copy.finish()
    return list(copy.faults)


def run(verifier: ModuleType, count: int, seed: int, size: int = 60) -> Outcome:
    """`count` changes in turn of each kind, over copies of some trails, and a twin now and then."""
    outcome, draw, kinds = Outcome(), random.Random(seed), list(CHANGES)
    trails = [Trail(size + number, seed + number) for number in range(5)]
    copies = {
        (number, view): trail.copy(view)
        for number, trail in enumerate(trails)
        for view in ("firm", "client")
    }
    for turn in range(count):
        number, view = draw.randrange(len(trails)), draw.choice(("firm", "client"))
        trail, lines = trails[number], copies[number, view]
        kind = kinds[turn % len(kinds)]
        changed = CHANGES[kind](trail, lines, draw)
        outside = trail.checkpoint()
        if changed == lines:  # a draw that changes nothing, such as turning equal values around
            continue
        outcome.made[kind] += 1
        if faults(verifier, changed, outside):
            outcome.found[kind] += 1
        else:
            outcome.missed.append(f"{kind}, turn {turn}")
        if turn % 20 == 0:
            outcome.untouched += 1
            outcome.accused += bool(
                faults(verifier, lines, trail.checkpoint(draw.randint(1, size)))
            )
    return outcome
