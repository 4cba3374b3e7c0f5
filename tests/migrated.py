"""One migrated, empty database on the server, from which each test database is copied.

Migrating takes many times as long as copying. The copy is migrated once more by whoever makes it,
which finds nothing to do but what holds for a database by name.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

ROOT = Path(__file__).resolve().parents[1]
PREFIX = "tickmark_migrated_"
LOCK = 741_253
"""An advisory lock of the server: one process migrates, the others wait for it."""
KEPT = 4
"""So many older ones stay, for branches that are worked on in turn."""


def with_path(url: str, path: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{path}"))


def create(name: str) -> None:
    """Make the database `name` as a copy of the migrated one."""
    template = migrated()
    with psycopg.connect(os.environ["OWNER_DATABASE_URL"], autocommit=True) as owner:
        owner.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


@cache
def migrated() -> str:
    """The name of the migrated database, made if the server has none of today's migrations."""
    name = PREFIX + _digest()
    with _alone() as owner:
        listed = owner.execute("SELECT datname FROM pg_database ORDER BY oid DESC").fetchall()
        ours = [each for (each,) in listed if each.startswith(PREFIX)]
        if name in ours:
            return name
        for old in {f"{PREFIX}new", *ours[KEPT:]} & set(ours):
            owner.execute(f'DROP DATABASE "{old}"')
        owner.execute(f"CREATE DATABASE \"{PREFIX}new\" TEMPLATE template0 ENCODING 'UTF8'")
        url = with_path(os.environ["OWNER_DATABASE_URL"], f"{PREFIX}new")
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, check=True,
            env={**os.environ, "DATABASE_URL": url, "OWNER_DATABASE_URL": url},
        )  # fmt: skip
        owner.execute(f'ALTER DATABASE "{PREFIX}new" RENAME TO "{name}"')
    return name


@contextmanager
def _alone() -> Iterator[psycopg.Connection[Any]]:
    """A connection of the owner's, while no other process is in here."""
    with psycopg.connect(os.environ["OWNER_DATABASE_URL"], autocommit=True) as owner:
        owner.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield owner


def _digest() -> str:
    """Of everything that decides what migrating leaves behind."""
    running = hashlib.sha256()
    apps = [ROOT / name for name in ("tenants", "audits", "evidence", "grc")]
    found = [path for app in apps for path in app.glob("migrations/*.py")]
    found += [path for app in apps for path in app.rglob("*.csv")]
    for path in sorted(found):
        running.update(path.read_bytes())
    return running.hexdigest()[:16]
