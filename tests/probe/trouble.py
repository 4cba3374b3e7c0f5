"""Errors of every kind on purpose, so that what they write can be searched (DAT-9)."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

from django.conf import settings
from django.db import transaction

from tenants import acting, outbox, tasks
from tests.access.routes import all_routes
from tests.access.sweeping import addresses
from tests.probe.planting import owner
from tests.probe.stage import Stage


def provoke(stage: Stage) -> None:
    """The store goes away under downloads, uploads and tasks; a query fails; then mail goes out."""
    _without_a_store(stage)
    owner(
        "UPDATE tenants_outboxentry SET due_at = now(), leased_until = NULL WHERE done_at IS NULL"
    )
    _work_off()


def _without_a_store(stage: Stage) -> None:
    root = Path(settings.EVIDENCE_DIR)
    away = root.with_name("away")
    root.rename(away)
    root.write_text("not a folder")
    try:
        for name, home in stage.homes.items():
            caller = stage.callers[name]
            for route in all_routes():
                if "file" in route.name or "download" in route.name or "import" in route.name:
                    for method, _ in route.actions:
                        values = next(addresses(route, home, every_move=False), None)
                        if values is not None:
                            caller.ask(route, method, values)
        with patch("tenants.outbox.MOST_ATTEMPTS", 50):
            _work_off()
    finally:
        root.unlink()
        away.rename(root)


def _work_off() -> None:
    """All work that waits, a few times over: what fails is tried again later."""
    for _ in range(5):
        with transaction.atomic(), acting.acting(acting.Actor(system=True)):
            waiting = list(outbox.waiting(2000))
        for pk in waiting:
            tasks.perform(str(pk))
        if not waiting:
            return
