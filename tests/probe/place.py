"""A database, a store, a mailbox and a log of the probe's own; all gone afterwards."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import redis

from tests.stories.stack import Stack

REDIS_DATABASE = 14
SETTINGS = {
    "LOG_LEVEL": "INFO", "SMTP_HOST": "", "DATABASE_POOL": "", "LEASE_SECONDS": "300",
    "REAUTHENTICATION_SECONDS": "86400",
    "SWEEP_SECONDS": "30", "DIGEST_GATHER_SECONDS": "0",
    **dict.fromkeys(
        ("API_RATE_TOKEN", "API_RATE_PERSON", "API_RATE_ORGANIZATION", "API_RATE_ADDRESS"), "0"
    ),
}  # fmt: skip


class Place(Stack):
    """No processes: requests go through the real middleware in this one, as the web role."""

    log: Path

    def start(self) -> None:
        """Database, tables, folders; then this process's Django speaks to them."""
        self.make_database()
        with psycopg.connect(self.environment["OWNER_DATABASE_URL"], autocommit=True) as server:
            server.execute(f'ALTER DATABASE "{self.database}" SET synchronous_commit = off')
        (self.folder / "static").mkdir()
        redis.Redis.from_url(self.redis).flushdb()
        self.log = self.folder / "probe.log"

    def stop(self) -> None:
        """Nothing stays."""
        redis.Redis.from_url(self.redis).flushdb()
        self.drop_database()


@contextmanager
def standing() -> Iterator[Place]:
    """A place, with this process's Django as its web process; its standard error is the log."""
    with tempfile.TemporaryDirectory(prefix="tickmark-probe-") as folder:
        place = Place(Path(folder), redis_database=REDIS_DATABASE, **SETTINGS)
        shown = sys.stderr
        try:
            place.start()
            os.environ.update(place.environment)
            with place.log.open("w", encoding="utf-8") as log:
                sys.stderr = log  # before the settings are read: handlers keep what they find
                _set_up(place)
                yield place
        finally:
            sys.stderr = shown
            _let_go()
            place.stop()


def _set_up(place: Place) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "grc.settings"
    import django

    django.setup()
    from django.conf import settings

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    settings.OWNER_CONNECTION = psycopg.connect(
        place.environment["OWNER_DATABASE_URL"], autocommit=True
    )


def _let_go() -> None:
    from django.conf import settings
    from django.db import connection

    held: Any = getattr(settings, "OWNER_CONNECTION", None) if settings.configured else None
    if held is not None:
        held.close()
    if settings.configured:
        connection.close()
