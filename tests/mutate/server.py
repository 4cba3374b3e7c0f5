"""Loaded by pytest: collects once, sets the database up once, then forks for each guard.

A child takes the guard out of the modules in memory, opens connections of its own, runs the chosen
tests until one is red, and ends; nothing it does is committed. So a guard costs its tests alone.
Jobs come as JSON in the file that the environment names, results go to the one beside it.
"""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from _pytest.runner import runtestprotocol

from tests.mutate.in_memory import NotInMemory, take_out

JOBS = "TICKMARK_MUTANTS"
LIMIT = 600
"""Seconds after which a child that hangs counts as red."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    """Work the jobs off instead of running the collected tests."""
    work = json.loads(Path(os.environ[JOBS]).read_text(encoding="utf-8"))
    items = {item.nodeid: item for item in session.items if not commits(item)}
    wanted = sorted({key for job in work for key in chosen(job["tests"], items)})
    warm_up([items[key] for key in wanted])
    green: dict[str, bool] = {}
    with Path(os.environ[JOBS] + ".done").open("a", encoding="utf-8") as file:
        for job in work:
            began = time.monotonic()
            tests = [items[key] for key in chosen(job["tests"], items)]
            status, told = tried(job, tests, green)
            line = {"number": job["number"], "status": status, "by": told[:1],
                    "seconds": round(time.monotonic() - began, 1),
                    "red": [key for key, is_green in green.items() if not is_green]}  # fmt: skip
            file.write(json.dumps(line) + "\n")
            file.flush()
    return True


def tried(job: dict[str, Any], tests: list[Any], green: dict[str, bool]) -> tuple[str, list[str]]:
    """What came of a guard; a test counts only when it is green with every guard in its place."""
    left = [item for item in tests if green.get(item.nodeid, True)]
    status, told = in_child(lambda: without(job, left))
    by = next((item for item in left if told and item.nodeid == told[0]), None)
    if status != "red" or by is None:
        return status, told
    if by.nodeid not in green:
        green[by.nodeid] = in_child(lambda: all_of([by], stop=True))[0] == "green"
    return (status, told) if green[by.nodeid] else tried(job, left, green)


def warm_up(items: list[Any]) -> None:
    """Set up what a session and the first module need, so that each child finds it there."""
    first, second = items[0], items[min(1, len(items) - 1)]
    for report in runtestprotocol(first, nextitem=second, log=False):
        if report.failed:
            told = str(report.longrepr)[-1500:]
            raise pytest.UsageError(f"{first.nodeid} is red with every guard there: {told}")


def commits(item: pytest.Item) -> bool:
    """Whether a test writes for good, and so would disturb the others."""
    marker = item.get_closest_marker("django_db")
    names = set(getattr(item, "fixturenames", ()))
    return bool(marker and marker.kwargs.get("transaction")) or "transactional_db" in names


def chosen(tests: list[str], items: dict[str, Any]) -> list[str]:
    """The collected tests that are meant: one by name, a file, or a folder."""
    found = []
    for test in tests:
        found += [
            key for key in items
            if key not in found and (key == test or key.startswith((test + "::", test + "/")))
        ]  # fmt: skip
    return found


def without(job: dict[str, Any], tests: list[Any]) -> tuple[str, list[str]]:
    """In a child: take the guard out, run the tests until one is red."""
    try:
        take_out(job["path"], tuple(job["span"]), job["replacement"])
    except NotInMemory as reason:
        return "elsewhere", [str(reason)]
    return all_of(tests, stop=True)


def all_of(tests: list[Any], *, stop: bool) -> tuple[str, list[str]]:
    """In a child: run tests; "red" or "green", and which were red. The last is not torn down."""
    red: list[str] = []
    if tests:
        tests[0].session._setupstate.teardown_exact(tests[0])
    for item, following in zip(tests, [*tests[1:], *tests[-1:]], strict=True):
        reports = runtestprotocol(item, nextitem=following, log=False)
        if any(report.failed for report in reports):
            red.append(item.nodeid)
            if stop:
                break
    return ("red" if red else "green"), red


def in_child(work: Any, *, limit: int = LIMIT) -> tuple[str, list[str]]:
    """What `work` answers, done in a fork with connections of its own."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        try:
            own_connections()
            answer = work()
        except BaseException as fault:
            answer = ("red", [f"{type(fault).__name__}: {fault}"[:150]])
        os.write(write, json.dumps(answer).encode()[:60000])
        os._exit(0)
    os.close(write)
    signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
    signal.alarm(limit)
    with os.fdopen(read, "rb") as pipe:
        text = pipe.read()
    signal.alarm(0)
    os.waitpid(child, 0)
    status, told = json.loads(text) if text else ("red", [f"no answer in {limit} s"])
    return status, told


def own_connections() -> None:
    """Leave the parent's connections alone, and open new ones when asked."""
    from django.conf import settings
    from django.db import connection

    LEFT.append(connection.connection)
    connection.connection = None
    if not hasattr(settings, "OWNER_CONNECTION"):
        return  # no test asked for a database
    LEFT.append(settings.OWNER_CONNECTION)
    info = settings.OWNER_CONNECTION.info
    settings.OWNER_CONNECTION = psycopg.connect(
        dbname=info.dbname, user=info.user, password=info.password, host=info.host,
        port=info.port, autocommit=True,
    )  # fmt: skip


LEFT: list[Any] = []
"""The parent's connections, kept so that no child closes them."""
