"""Programs of the load: each call is recorded as it was told, and asked again until it is known."""

from __future__ import annotations

import http.client
import json
import time
from typing import Any
from uuid import uuid4

from tests.faults.history import ACKNOWLEDGED, REFUSED, UNKNOWN, Effect, Recorder
from tests.stories.people import Program

BUSY = "idempotency_key_busy"
PATIENCE = 90.0
PAUSE = 0.2


class Stopped(Exception):
    """No answer came while there was patience."""


class Client:
    """A program that never believes an effect done or undone before it was told so."""

    def __init__(self, program: Program, recorder: Recorder) -> None:
        self.program, self.recorder = program, recorder

    def write(
        self, effects: list[Effect], path: str, body: Any = None, *, target: str = "",
        said: str = "", key: bool = True, **headers: str,
    ) -> Any:  # fmt: skip
        """Post until the outcome is known; None when it was refused.

        `said` names the field of the answer that tells of the effect. A move (`key` False) that
        is refused after an unknown outcome may have been made by the first try: that is unknown.
        """
        once, unknown = str(uuid4()), False
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            began = time.monotonic()
            status, answer = self._ask("POST", path, body, once, headers)
            outcome = _outcome(status, answer)
            if outcome == REFUSED and unknown and not key:
                outcome = UNKNOWN
            for effect in effects:
                with self.recorder.timing() as told:
                    told.update(effect=effect, target=target, outcome=outcome, began=began)
                    told["said"] = str(answer.get(said, "")) if outcome == ACKNOWLEDGED else ""
            if outcome == ACKNOWLEDGED:
                return answer
            if outcome == REFUSED or (status == 409 and answer.get("code") != BUSY):
                return None
            unknown = True
            time.sleep(PAUSE)
        raise Stopped(path)

    def read(self, kind: str, target: str, path: str, word: str) -> None:
        """Read one page of a list once, and record which words it showed."""
        with self.recorder.timing() as told:
            told.update(effect=(kind, ""), target=target, saw=())
            status, answer = self._ask("GET", path, None, "", {})
            if status == 200:
                told["saw"] = tuple(row[word] for row in answer["results"])
                told["outcome"] = ACKNOWLEDGED

    def look(self, path: str) -> Any:
        """What an address shows, asked until it answers; not part of the history."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            status, answer = self._ask("GET", path, None, "", {})
            if status == 200:
                return answer
            time.sleep(PAUSE)
        raise Stopped(path)

    def _ask(
        self, method: str, path: str, body: Any, key: str, headers: dict[str, str]
    ) -> tuple[int, Any]:
        try:
            status, raw, _ = self.program.raw(method, path, body, key=key, **headers)
            return status, json.loads(raw) if raw else {}
        except (OSError, http.client.HTTPException, ValueError):
            return 0, {}


def _outcome(status: int, answer: Any) -> str:
    if 200 <= status < 300:
        return ACKNOWLEDGED
    if 400 <= status < 500 and answer.get("code") != BUSY:
        return REFUSED
    return UNKNOWN
