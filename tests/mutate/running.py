"""pytest in a process of its own, over a database of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit, urlunsplit

from tests.mutate.guards import ROOT

NAME = os.environ.get("MUTATE_DATABASES", "mutate")
"""How the databases are called; parts that run side by side need names of their own."""
PATIENCE = 3 * 3600
OPTIONS = ["-n", "0", "-q", "--reuse-db", "-p", "no:randomly", "-p", "no:cacheprovider",
           "--tb=line", "--no-header", "--show-capture=no"]  # fmt: skip


def command(plugin: str, tests: Sequence[str]) -> list[str]:
    """What starts pytest with a plugin of ours."""
    return [sys.executable, "-m", "pytest", *OPTIONS, "-p", f"tests.mutate.{plugin}", *tests]


def environment(name: str, told: Mapping[str, str]) -> dict[str, str]:
    """Ours, with the database `name` of this part, and what the plugin is told."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    url = urlunsplit(parts._replace(path=f"/{NAME}_{name}"))
    return {**os.environ, "DATABASE_URL": url, **told}


def run_pytest(
    tests: Sequence[str], *, name: str, plugin: str, told: Mapping[str, str]
) -> tuple[int, str]:
    """(exit code, output) of a run."""
    done = subprocess.run(
        command(plugin, tests), cwd=ROOT, env=environment(name, told), capture_output=True,
        text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr
