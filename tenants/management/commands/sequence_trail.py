"""Give the trail's entries their places and sign checkpoints, until told to stop."""

from __future__ import annotations

import signal
import time
from argparse import ArgumentParser
from datetime import timedelta
from threading import Event
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, connection

from tenants import checks
from tenants.actions import trail_checkpoints, trail_sequencing

log = structlog.get_logger(__name__)

PASS_SECONDS = 0.5
SIGN_SECONDS = 30.0
PULSE_SECONDS = 2.0
RECENT = timedelta(minutes=2)
DAY_SECONDS = 86_400.0


class Command(BaseCommand):
    """The sequencer. Several may run, on several machines: one holds a book at a time."""

    help = "Sequence the trail and sign its checkpoints; runs until stopped, or once with --once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="one full pass, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        checks.refuse_too_much_power()
        if options["once"]:
            placed = trail_sequencing.sequence()
            trail_sequencing.note_pulse(None)
            signed = trail_checkpoints.sign_due()
            self.stdout.write(f"{placed} entries placed, {signed} checkpoints signed.")
            return
        stopped = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        Rounds().run(stopped)


class Rounds:
    """Which look is due: at the last minutes always, farther back now and then, at all nightly.

    After a failure the next look is at all there is.
    """

    def __init__(self) -> None:
        self._next: dict[str, float] = {}
        self._longest = timedelta(seconds=settings.CELERY_TASK_TIME_LIMIT + 60)

    def run(self, stopped: Event) -> None:
        """Go round until `stopped` is set."""
        while not stopped.is_set():
            try:
                self.once()
            except (OperationalError, InterfaceError) as error:
                log.warning("sequencer_failed", error=type(error).__name__)
                self._next.clear()
                connection.close()
            stopped.wait(PASS_SECONDS)

    def once(self) -> None:
        """One look, and what else is due."""
        back = self._back()
        trail_sequencing.sequence(back)
        if self._is_due("pulse", PULSE_SECONDS) or back is None:
            trail_sequencing.note_pulse(back)
        if self._is_due("sign", SIGN_SECONDS):
            trail_checkpoints.sign_due()

    def _back(self) -> timedelta | None:
        if self._is_due("full", DAY_SECONDS):
            return None
        return self._longest if self._is_due("longest", 60.0) else RECENT

    def _is_due(self, name: str, seconds: float) -> bool:
        now = time.monotonic()
        if now < self._next.get(name, 0.0):
            return False
        self._next[name] = now + seconds
        return True
