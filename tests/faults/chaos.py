"""What is killed, how often, and how long it took to serve again."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.faults.history import ACKNOWLEDGED, Recorder
from tests.faults.servers import STOPPED_SECONDS, Servers, paused
from tests.stories.stack import Stack

LATELY, LONGEST_WAIT = 1.5, 20.0
REVIVED = ("web", "worker", "beat", "sequencer")


class Chaos:
    """Kills in parallel, one thread for each kind of victim, until there were enough."""

    def __init__(self, stack: Stack, servers: Servers, recorder: Recorder, seed: int) -> None:
        self.stack, self.servers, self._recorder = stack, servers, recorder
        self.kills: Counter[str] = Counter()
        self.revived: Counter[str] = Counter()
        self.over = threading.Event()
        self._seed = seed
        self._wanted = 0
        self._lock = threading.Lock()
        self._database = threading.Lock()

    def run(self, kills: int, until: float) -> None:
        """Kill until there were so many or the clock says `until`, then let everything be."""
        self._wanted = kills
        threads = [
            threading.Thread(target=self._repeat, args=(kinds, pause), daemon=True)
            for kinds, pause in self._victims()
        ]
        for thread in threads:
            thread.start()
        while time.monotonic() < until and sum(self.kills.values()) < kills:
            self.revive()
            time.sleep(0.3)
        self.over.set()
        for thread in threads:
            thread.join()
        self.revive()

    def _victims(self) -> list[tuple[dict[str, Callable[[], object]], tuple[float, float]]]:
        """What one thread does in turn, and how long it waits before each."""
        servers = self.servers
        return [
            ({"web": lambda: self.kill("web"), "web child": lambda: self._child("web"),
              "web child again": lambda: self._child("web")}, (2.0, 6.0)),
            ({"worker": lambda: self.kill("worker"), "worker child": lambda: self._child("worker"),
              "worker paused": self._pause_worker}, (2.0, 6.0)),
            ({"beat": lambda: self.kill("beat"),
              "sequencer": lambda: self.kill("sequencer")}, (3.0, 8.0)),
            ({"PostgreSQL at once": servers.restart_postgres_at_once,
              "PostgreSQL crash": servers.crash_postgres,
              "PostgreSQL session": servers.kill_a_session}, (5.0, 10.0)),
            ({"Valkey": servers.kill_valkey, "Valkey emptied": servers.forget_all,
              "Valkey paused": servers.pause_valkey}, (2.0, 5.0)),
        ]  # fmt: skip

    def _repeat(self, kinds: dict[str, Callable[[], object]], pause: tuple[float, float]) -> None:
        chance = random.Random(f"{self._seed}:{sorted(kinds)}")
        while not self.over.wait(chance.uniform(*pause)):
            self._let_it_serve()
            name = chance.choice(sorted(kinds))
            done = kinds[name]()
            if done is not False:
                with self._lock:
                    self.kills[name.removesuffix(" again")] += 1

    def _let_it_serve(self) -> None:
        """Wait until something was acknowledged lately: only what works can be interrupted."""
        end = time.monotonic() + LONGEST_WAIT
        while time.monotonic() < end and not self.over.wait(0.1):
            lately = time.monotonic() - LATELY
            if any(
                call.outcome == ACKNOWLEDGED and (call.ended or 0) > lately
                for call in list(self._recorder.calls)[-100:]
            ):
                return

    def kill(self, name: str) -> bool:
        """`kill -9` of a process with its children, and a new one at once, as init would."""
        with self._lock:
            process = self.stack.processes.get(name)
            if process is None or process.poll() is not None:
                return False
            self.stack.kill(name)
            self.stack.run(name)
        return True

    def _child(self, name: str) -> bool:
        """`kill -9` of one child; its parent makes another."""
        process = self.stack.processes.get(name)
        children = children_of(process.pid) if process else []
        if not children:
            return False
        with suppress(ProcessLookupError):
            os.kill(random.Random(len(self.kills)).choice(children), signal.SIGKILL)
        return True

    def _pause_worker(self) -> None:
        """It stands still for longer than its leases last, then goes on as if nothing was."""
        process = self.stack.processes.get("worker")
        if process is not None:
            lease = float(self.stack.environment["LEASE_SECONDS"])
            with paused(process.pid):
                self.over.wait(lease + STOPPED_SECONDS)

    def revive(self) -> None:
        """Start again what ended by itself: a worker that found no database, as init would."""
        for name in REVIVED:
            with self._lock:
                process = self.stack.processes.get(name)
                if process is not None and process.poll() is not None:
                    self.stack.processes.pop(name)
                    self.stack.run(name)
                    self.revived[name] += 1


def children_of(pid: int) -> list[int]:
    """The children of a process."""
    with suppress(OSError):
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [int(child) for child in found]
    return []
