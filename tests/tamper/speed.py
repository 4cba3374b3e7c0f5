"""How fast a long trail is verified, and what the trail costs those who write."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import uuid4

from tests.bench import scale
from tests.bench.place import Place
from tests.bench.scale import Size
from tests.stories.stack import wait_for
from tests.trails import Trail

PER_BATCH = 25


def verified(folder: Path, entries: int, seed: int) -> tuple[float, float]:
    """Seconds the shipped file takes for a whole copy of `entries`, and of them on a processor."""
    trail = Trail(0, seed)
    (folder / "outside.txt").write_text(_write_copy(folder / "trail.jsonl", entries, trail))
    begun, used = time.perf_counter(), _cpu_of_children()
    done = subprocess.run(
        [sys.executable, "-I", "verify_trail.py", "trail.jsonl", "--checkpoint", "outside.txt",
         "--key", trail.public_key],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    seconds = time.perf_counter() - begun
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert f"of {entries};" in done.stdout
    return seconds, _cpu_of_children() - used


def _cpu_of_children() -> float:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime


def _write_copy(path: Path, entries: int, trail: Trail) -> str:
    """A copy in which every entry is open; returns a checkpoint over all of it."""
    from tenants.rules.trail_copies import Place as TreePlace
    from tenants.rules.trail_copies import head_line, open_line
    from tenants.trail_verifier import Checkpoint, Tree, leaf_of

    tree = Tree()
    with path.open("wb") as file:
        file.write(head_line(trail.book, entries, "both", whole=True, checkpoint=""))
        for number in range(entries):
            entry = trail.entry(number)
            digest, named = entry.digest.hex(), entry.named is not None
            tree.append(leaf_of(entry.zone, named, digest))
            file.write(open_line(TreePlace(number, entry.pk, entry.zone, named, digest), entry))
    said = Checkpoint(str(trail.book), entries, tree.root(), "2026-11-03T00:00:00Z")
    return trail.signed(said)


def written(place: Place, batches: int) -> tuple[float, float, float | None, int]:
    """Median seconds for a write without and with the trail; its lag (p99); writes of each kind.

    A write is a comment posted through the whole API in this process, `batches` times 25 of each
    kind in turn, while a sequencer works in a process of its own.
    """
    from django.test import Client

    scale.add_firm(place.owner, 1, Size(clients=2, engagements=2, requests=40))
    person = scale.key(scale.PERSON, 1, 100 + scale.ADMINISTRATOR)
    token = place.token(person, scale.key(scale.ORGANIZATION, 1, 1))
    client = Client(headers={"Authorization": f"Bearer {token}"}, SERVER_NAME="127.0.0.1")
    found = client.get("/api/v1/evidence-requests/?status=open&limit=1").json()["results"]
    path = f"/api/v1/evidence-requests/{found[0]['id']}/messages/"

    def write() -> None:
        answer = client.post(
            path, {"text": "A word on this."}, "application/json",
            headers={"Idempotency-Key": str(uuid4())},
        )  # fmt: skip
        assert answer.status_code == 201, answer.content

    place.run("sequencer")
    try:
        without, with_it = _in_turn(write, batches)
        lag = wait_for(lambda: _lag(place), "lag of the sequencer")
    finally:
        place.kill("sequencer")
    return without, with_it, lag, batches * PER_BATCH


def _in_turn(write: Any, batches: int) -> tuple[float, float]:
    """Median seconds of one write without and with the trail, batch by batch, each first once."""
    times: dict[bool, list[float]] = {False: [], True: []}
    for turn in range(batches + 1):
        for with_it in (False, True) if turn % 2 else (True, False):
            off = mock.patch("tenants.trail.record_many", _nothing)
            with nullcontext() if with_it else off:
                begun = time.perf_counter()
                for _ in range(PER_BATCH):
                    write()
                if turn:  # the first warms up
                    times[with_it].append((time.perf_counter() - begun) / PER_BATCH)
    return statistics.median(times[False]), statistics.median(times[True])


def _nothing(verb: str, subjects: Any, **about: Any) -> list[None]:
    return [None for _ in subjects]


def _lag(place: Place) -> float | None:
    """The 99th percentile as the sequencer wrote it down, once nothing waits."""
    row = place.owner.execute(
        "SELECT lag_seconds FROM tenants_trailpulse WHERE waiting = 0 AND measured > 0"
    ).fetchone()
    return float(row[0]) if row else None
