"""Files coming in: a small one as programs send most of them, and a large one."""

from __future__ import annotations

import hashlib
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from tests.bench import scale
from tests.bench.bare_socket import send
from tests.bench.place import Caller, Place, noise
from tests.bench.table import Line, duration, rate, slower
from tests.bench.timing import cpu_seconds, in_turn, watching
from tests.stories.stack import ROOT, free_port, wait_for

MIB = 2**20
MOST_QUERIES, MOST_TIMES = 12, 15
"""15 ms where the bare socket takes 1 ms for the same bytes (docs/decisions/0017)."""
LEAST_RATE, MOST_GROWTH = 0.65, 80


@contextmanager
def bare_socket(folder: Path) -> Iterator[socket.socket]:
    """A connection to the floor, which runs in a process of its own."""
    port = free_port()
    command = [sys.executable, "-m", "tests.bench.bare_socket", str(port), str(folder)]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        wait_for(lambda: _listens(port), "bare socket")
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            yield connection
    finally:
        process.kill()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Sender:
    """The administrator of firm 1's first client, and an open request to answer."""

    def __init__(self, place: Place) -> None:
        person = scale.key(scale.PERSON, 1, 100 + scale.ADMINISTRATOR)
        token = place.token(person, scale.key(scale.ORGANIZATION, 1, 1))
        self.caller = Caller(place, token)
        found = self.caller.json("/api/v1/evidence-requests/?status=open&limit=1")["results"]
        self.path = f"/api/v1/evidence-requests/{found[0]['id']}/files/?name=export.bin"

    def send(self, content: bytes) -> int:
        """Post the bytes as they are; the number of queries it took."""
        _, answer = self.caller.ask(
            "POST", self.path, content, Content_Type="application/octet-stream",
            Idempotency_Key=str(uuid4()),
        )  # fmt: skip
        return int(answer.headers["X-Queries"])


def lines(place: Place, rounds: int, large_bytes: int) -> Iterator[Line]:
    """A file of 1 MiB, then a large one with the worker's memory watched."""
    worker = place.web()
    small, large = noise(MIB), noise(large_bytes)
    with bare_socket(place.folder) as bare:
        assert send(bare, small) == hashlib.sha256(small).digest()
        sender = Sender(place)
        queries = sender.send(small)
        used = cpu_seconds(worker)
        floor, ours = in_turn(lambda: send(bare, small), lambda: sender.send(small), rounds)
        used = (cpu_seconds(worker) - used) / (rounds + 1)
    yield slower(
        "POST a file of 1 MiB", floor, ours, MOST_TIMES, bar=f"≤ {MOST_QUERIES} queries",
        also=queries <= MOST_QUERIES,
        counts=f"{queries} queries, {duration(used)} of CPU",
    )  # fmt: skip
    with place.evidence_in_memory(9 * large_bytes) as folder, bare_socket(folder) as bare:
        worker, sender = place.web(), Sender(place)
        sender.send(small)
        with watching(worker) as grown:
            floor, ours = in_turn(lambda: send(bare, large), lambda: sender.send(large), 3)
    yield rate(
        f"upload {large_bytes // MIB} MiB", large_bytes, floor, ours, LEAST_RATE,
        bar=f"≤ {MOST_GROWTH} MiB more", also=grown.mib <= MOST_GROWTH,
        counts=f"worker +{grown.mib:.0f} MiB",
    )  # fmt: skip
