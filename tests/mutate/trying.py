"""Guards taken away, over databases of their own, and what came of it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from tests.mutate.choosing import COLLECTED, RULES, stages
from tests.mutate.guards import ROOT, Guard
from tests.mutate.plugin import MUTANT
from tests.mutate.server import JOBS

NAME = os.environ.get("MUTATE_DATABASES", "mutate")
"""How the databases are called; parts that run side by side need names of their own."""
PATIENCE = 3 * 3600
KILLED, SURVIVED, BROKEN = "killed", "SURVIVED", "BROKEN"
OPTIONS = ["-n", "0", "-q", "--reuse-db", "-p", "no:randomly", "-p", "no:cacheprovider",
           "--tb=line", "--no-header", "--show-capture=no"]  # fmt: skip
Tell = Callable[["Outcome"], None]


@dataclass(frozen=True)
class Outcome:
    """What came of one guard: killed by which test, survived, or broken without being tried."""

    guard: Guard
    verdict: str
    by: str
    seconds: float


def attempt_all(guards: Sequence[Guard], tell: Tell, most_stages: int = 3) -> None:
    """Try every guard; `tell` hears of each as soon as it is known.

    `most_stages`: of the tests for the code; what these do not miss has survived.
    """
    rules = [guard for guard in guards if guard.sql]
    if rules:
        make_template()
    for batch in batches(rules):
        for outcome in attempt_rules(batch):
            tell(outcome)
    left = [guard for guard in guards if not guard.sql]
    before_load: list[Guard] = []
    for number, collected in enumerate(COLLECTED[:most_stages]):
        left = attempt_stage(left, number, collected, tell, before_load)
    for guard in before_load:
        tell(attempt_before_load(guard))
    for guard in left:
        tell(Outcome(guard, SURVIVED, "", 0))


def batches(guards: Sequence[Guard]) -> Iterator[list[Guard]]:
    """Guards of the database, no two of one table in a batch: each test names its table."""
    left = list(guards)
    while left:
        batch = list({guard.path: guard for guard in reversed(left)}.values())
        yield batch
        left = [guard for guard in left if guard not in batch]


def attempt_rules(batch: Sequence[Guard]) -> Iterator[Outcome]:
    """Take one rule of each table away at once; a table's own test must go red."""
    began = time.monotonic()
    with copied(f"test_{NAME}_rules") as owner:
        for guard in batch:
            owner.execute(guard.sql)
        _, output = run_pytest(RULES, database=f"{NAME}_rules")
    red = re.findall(r"^(?:FAILED|ERROR) (\S+\[(\w+)[^]]*\])", output, re.MULTILINE)
    by = {table: test for test, table in red}
    seconds = (time.monotonic() - began) / len(batch)
    for guard in batch:
        verdict = KILLED if guard.path in by else SURVIVED
        yield Outcome(guard, verdict, by.get(guard.path, ""), seconds)


def attempt_stage(
    guards: list[Guard], number: int, collected: Sequence[str], tell: Tell,
    before_load: list[Guard],
) -> list[Guard]:  # fmt: skip
    """Try guards of the code against one stage of tests, forked; returns those not missed yet."""
    work = [
        {"number": at, "path": guard.path, "span": guard.span, "replacement": guard.replacement,
         "tests": stages(guard)[number]}
        for at, guard in enumerate(guards)
        if stages(guard)[number]
    ]  # fmt: skip
    tried = {job["number"] for job in work}
    left = [guard for at, guard in enumerate(guards) if at not in tried]
    if not work:
        return left
    for done in served(work, collected):
        guard = guards[done["number"]]
        if done["red"]:
            print(f"Red with every guard in its place: {done['red']}")  # noqa: T201
        if done["status"] == "red":
            tell(Outcome(guard, KILLED, " ".join(done["by"]), done["seconds"]))
        elif done["status"] == "elsewhere":
            before_load.append(guard)
        else:
            left.append(guard)
    return left


def served(work: list[dict[str, Any]], collected: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The results of jobs, as they come. Raises SystemExit when tests are red by themselves."""
    with tempfile.TemporaryDirectory() as folder:
        jobs = Path(folder) / "jobs"
        jobs.write_text(json.dumps(work), encoding="utf-8")
        environment = {**os.environ, JOBS: str(jobs)}
        environment["DATABASE_URL"] = named(os.environ["DATABASE_URL"], f"{NAME}_code")
        command = [sys.executable, "-m", "pytest", *OPTIONS, "-p", "tests.mutate.server",
                   *collected]  # fmt: skip
        with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True) as process:  # fmt: skip
            seen = 0
            while seen < len(work):
                ended = process.poll() is not None
                done = Path(f"{jobs}.done")
                lines = done.read_text(encoding="utf-8").splitlines() if done.exists() else []
                yield from (json.loads(line) for line in lines[seen:])
                seen = len(lines)
                if ended and seen < len(work):
                    output = process.stdout.read() if process.stdout else ""
                    raise SystemExit(f"The tests ended early:\n{output[-2000:]}")
                time.sleep(0.2)


def attempt_before_load(guard: Guard) -> Outcome:
    """Try a guard that must be gone before its module is loaded, in a process of its own."""
    began, code, output = time.monotonic(), 0, ""
    for tests in reversed(stages(guard)):
        code, output = run_pytest([*tests, "-x"], database=f"{NAME}_code", guard=guard)
        if code:
            break
    found = re.findall(r"^(?:FAILED|ERROR) (.*)$", output, re.MULTILINE)
    verdict = {0: SURVIVED, 1: KILLED}.get(code, BROKEN)
    return Outcome(guard, verdict, (found or output.splitlines()[-1:] or [""])[0][:150],
                   time.monotonic() - began)  # fmt: skip


def make_template() -> None:
    """Migrate the database that is copied. Raises SystemExit when the tests do not run."""
    code, told = run_pytest(["tests/tenants/test_kernel.py"], database=f"{NAME}_template")
    if code:
        raise SystemExit(f"The tests do not run even with every guard in place: {told[-2000:]}")


def run_pytest(
    tests: Sequence[str], *, database: str, guard: Guard | None = None
) -> tuple[int, str]:
    """(exit code, output) of a run in a process of its own."""
    environment = {**os.environ, "DATABASE_URL": named(os.environ["DATABASE_URL"], database)}
    if guard is not None:
        told = {"path": guard.path, "span": guard.span, "replacement": guard.replacement}
        environment[MUTANT] = json.dumps(told)
    command = [sys.executable, "-m", "pytest", *OPTIONS, "-p", "tests.mutate.plugin", *tests]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE,
        check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@contextmanager
def copied(name: str) -> Iterator[Any]:
    """A copy of the migrated database, gone afterwards; its owner's connection."""
    with owner_connection() as owner:
        owner.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        owner.execute(f"CREATE DATABASE {name} TEMPLATE test_{NAME}_template")
        try:
            with owner_connection(name) as inside:
                yield inside
        finally:
            owner.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def owner_connection(name: str = "postgres") -> Any:
    """The owner of the tables, in the database `name`."""
    return psycopg.connect(named(os.environ["OWNER_DATABASE_URL"], name), autocommit=True)


def named(url: str, name: str) -> str:
    """The address of another database of the same server."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))
