"""How long until calls are served and work is done again, measured one kill at a time (TSK-13)."""

from __future__ import annotations

import time
from urllib.error import URLError
from urllib.request import urlopen

from tests.faults.chaos import Chaos
from tests.faults.history import ACKNOWLEDGED, Recorder
from tests.stories.stack import Stack, wait_for

SERVED_WITHIN, RESUMED_WITHIN = 10.0, 60.0
DONE = "SELECT count(*) FROM tenants_outboxentry WHERE done_at > to_timestamp(%s)"


def service_seconds(stack: Stack, chaos: Chaos, recorder: Recorder) -> float:
    """Restart PostgreSQL at once; the time from its return to the first acknowledged call."""
    chaos.servers.restart_postgres_at_once()
    chaos.kills["PostgreSQL at once"] += 1
    back = time.monotonic()

    def served() -> bool:
        calls = list(recorder.calls)[-200:]
        return any(call.outcome == ACKNOWLEDGED and call.began >= back for call in calls)

    wait_for(served, "acknowledged call after the database's return", 2 * RESUMED_WITHIN)
    calls = [call for call in recorder.calls if call.outcome == ACKNOWLEDGED]
    return min(call.ended - back for call in calls if call.began >= back and call.ended)


def work_seconds(stack: Stack, chaos: Chaos) -> float:
    """Kill the worker; the time until a new one has done a piece of work."""
    stack.kill("worker")
    chaos.kills["worker"] += 1
    killed, wall = time.monotonic(), time.time()
    stack.run("worker")

    def resumed() -> bool:
        return bool(stack.rows(DONE, wall + 0.5)[0][0])

    wait_for(resumed, "work done after the worker's death", 2 * RESUMED_WITHIN)
    return time.monotonic() - killed


def quiet(stack: Stack, chaos: Chaos, seconds: float) -> float:
    """Wait until all is up and all work that is due is done; how long it took."""
    began = time.monotonic()
    end = began + seconds
    calm = 0
    while time.monotonic() < end and calm < 5:
        chaos.revive()
        calm = calm + 1 if _nothing_waits(stack) and _answers(stack) else 0
        time.sleep(1)
    return time.monotonic() - began - calm


def _nothing_waits(stack: Stack) -> bool:
    """Nothing is due, nor will be in a moment: retries and digests come with a delay."""
    waiting = stack.rows(
        "SELECT count(*) FROM tenants_outboxentry WHERE done_at IS NULL AND parked_at IS NULL "
        "AND due_at <= clock_timestamp() + interval '40 seconds'"
    )
    return not waiting[0][0]


def _answers(stack: Stack) -> bool:
    try:
        with urlopen(f"{stack.address}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
