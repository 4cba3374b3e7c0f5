"""`make faults`: kill and restart everything under load, then judge what programs were told.

    python -m tests.faults --kills 200 --minutes 15 --seed 1

Its own PostgreSQL, Valkey, web, worker, beat, sequencer and mail server, on loopback, gone
afterwards. Prints numbers; ends with 1 when the checker finds anything wrong.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.faults.checker import anomalies
from tests.faults.history import Recorder
from tests.faults.servers import Servers

LIVES = 5
SHOWN = 40
QUIET_SECONDS = 120.0
SWEEP = "from evidence.actions.leftovers import clear_unnamed_bytes as c; c(0)"
"""What a day later would be done by itself: bytes whose writer was killed before their row go."""


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=15, help="of killing, at most")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="tickmark-faults-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        servers = Servers(folder)
        try:
            servers.start()
            os.environ.update(servers.environment(), TICKMARK_LOCAL="1", DATA_DIR=name)
            return campaign(folder, servers, given)
        finally:
            servers.stop()


def campaign(folder: Path, servers: Servers, given: Any) -> int:
    """Build a company, measure recovery alone, then kill everything at once; judge."""
    from tests.faults.chaos import Chaos
    from tests.faults.load import OWNER, Load
    from tests.faults.recovery import quiet, service_seconds, work_seconds
    from tests.faults.state import state_of, told
    from tests.stories import company as story
    from tests.stories.stack import Stack

    print(f"seed {given.seed}", flush=True)
    story.OWNERS = (OWNER,)
    rates = dict.fromkeys(
        ("API_RATE_TOKEN", "API_RATE_PERSON", "API_RATE_ORGANIZATION", "API_RATE_ADDRESS"), "0"
    )
    stack = Stack(folder, redis_database=0, LOG_LEVEL="WARNING", **rates)
    recorder = Recorder(folder / "history.jsonl")
    (folder / "static").mkdir(exist_ok=True)
    try:
        stack.start()
        company = story.engaged(stack)
        before = state_of(stack)
        chaos = Chaos(stack, servers, recorder, given.seed)
        load = Load(company, recorder, given.seed)
        load.start(LIVES)
        service = [service_seconds(stack, chaos, recorder) for _ in range(3)]
        work = [work_seconds(stack, chaos) for _ in range(2)]
        print(f"service after the database's return: {seconds(service)}", flush=True)
        print(f"work resumed after a worker's death: {seconds(work)}", flush=True)
        began = time.monotonic()
        chaos.run(given.kills, began + given.minutes * 60)
        lasted = time.monotonic() - began
        load.join()
        ended = quiet(stack, chaos, QUIET_SECONDS)
        stack.manage("shell", "--no-imports", "-c", SWEEP)
        state = state_of(stack, before)
        found = anomalies(recorder.calls, state)
    finally:
        stack.stop()
        recorder.close()
    kills = chaos.kills
    print(f"{sum(kills.values())} kills in {lasted:.0f} s: {dict(sorted(kills.items()))}")
    print(f"revived by itself: {dict(chaos.revived)}")
    outcomes = Counter(call.outcome for call in recorder.calls)
    print(f"{len(recorder.calls)} calls: {dict(outcomes)}")
    print(f"all work done {ended:.1f} s after the last kill; {told(state)}")
    for fault in load.faults[:SHOWN]:
        print(f"the load stumbled: {fault}")
    print(f"{len(found)} anomalies")
    for each in found[:SHOWN]:
        print(f"  {each}")
    return 1 if found else 0


def seconds(some: list[float]) -> str:
    """Numbers for people."""
    return ", ".join(f"{each:.1f} s" for each in some)


if __name__ == "__main__":
    sys.exit(main())
