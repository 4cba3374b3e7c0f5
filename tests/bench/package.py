"""The package: how fast its writer checks again what it packs, and what that costs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench import scale
from tests.bench.place import Place
from tests.bench.stored_files import add_files
from tests.bench.table import Line, duration, rate
from tests.stories.stack import ROOT

LEAST_RATE, MOST_GROWTH, MOST_QUERIES = 0.5, 60, 10


def assembled(place: Place, number: int, *, rounds: int) -> dict[str, Any]:
    """What `tests.bench.assembly` says of engagement `number` of firm 1."""
    ids = [
        scale.key(scale.ENGAGEMENT, 1, number), scale.key(scale.PERSON, 1, scale.PARTNER),
        scale.key(scale.ORGANIZATION, 1, 0),
    ]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.assembly", *map(str, ids), str(rounds)], cwd=ROOT,
        env=place.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def lines(place: Place, engagements: int, count: int, size_bytes: int) -> Iterator[Line]:
    """The two smallest engagements: one with large files, one with twice as many small ones."""
    wanted = ((engagements, count, size_bytes), (engagements - 1, 2 * count, 1024))
    with place.evidence_in_memory(3 * count * size_bytes):
        folder = Path(place.environment["EVIDENCE_DIR"])
        for number, files, size in wanted:
            engagement = scale.key(scale.ENGAGEMENT, 1, number)
            add_files(place.owner, folder, engagement, count=files, size_bytes=size)
        large = assembled(place, engagements, rounds=5)
        small = assembled(place, engagements - 1, rounds=1)
    yield rate(
        f"package of {count:,} files: checked and written", large["bytes"], large["floor"],
        large["ours"], LEAST_RATE, bar=f"≤ {MOST_GROWTH} MiB more",
        also=large["growth"] <= MOST_GROWTH, counts=f"worker +{large['growth']:.0f} MiB, "
        f"{duration(large['cpu'])} of CPU",
    )  # fmt: skip
    more = (small["queries"] - large["queries"]) * 1000 / (small["files"] - large["files"])
    yield Line(
        "… from asked for to ready", duration(large["whole"]),
        bar=f"≤ {MOST_QUERIES} queries per 1,000 files", within=more <= MOST_QUERIES,
        counts=f"{large['queries']} queries, {max(0, more):.1f} more per 1,000 files",
    )  # fmt: skip
    yield Line(
        f"… of {2 * count:,} small files", duration(small["whole"]),
        counts=f"{small['queries']} queries, worker +{small['growth']:.0f} MiB",
    )  # fmt: skip
