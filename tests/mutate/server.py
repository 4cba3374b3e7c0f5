"""Loaded by pytest: collects once, sets the database up once, then forks for each guard.

A child takes the guard out of the modules in memory or out of the database, opens connections of
its own, runs the chosen tests until one is red, and ends; nothing it does is committed. So a guard
costs its tests alone. Jobs and results are lines of JSON on two pipes.
"""

from __future__ import annotations

import gc
import json
import os
import signal
from contextlib import suppress
from typing import Any

import psycopg
import pytest
from _pytest.runner import runtestprotocol

from tests.mutate.in_memory import NotInMemory, take_out

PIPES = "TICKMARK_MUTANTS"
"""Variable of the environment: the descriptors for jobs and for results."""
LIMIT = 600
"""Seconds after which a child that hangs is ended."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    """Work off jobs as they come instead of running the collected tests; first name these."""
    jobs, results = (int(each) for each in os.environ[PIPES].split())
    items = {item.nodeid: item for item in session.items if not commits(item)}
    warm_up(list(items.values()))
    green, named = dict[str, bool](), set[str]()
    with os.fdopen(jobs, encoding="utf-8") as asked, os.fdopen(results, "w") as answers:
        print(json.dumps(list(items)), file=answers, flush=True)
        for line in asked:
            job = json.loads(line)
            tests = [items[key] for key in job["tests"] if key in items]
            status, told = tried(job, tests, green)
            red = {key for key, is_green in green.items() if not is_green} - named
            named |= red
            answer = {"status": status, "by": told[:1], "red": sorted(red)}
            print(json.dumps(answer), file=answers, flush=True)
    return True


def tried(job: dict[str, Any], tests: list[Any], green: dict[str, bool]) -> tuple[str, list[str]]:
    """What came of a guard; a test counts only when it is green with every guard in its place."""
    left = [item for item in tests if green.get(item.nodeid, True)]
    status, told = in_child(lambda: without(job, left))
    by = next((item for item in left if told and item.nodeid == told[0]), None)
    if status != "red" or by is None:
        return status, told
    if by.nodeid not in green:
        green[by.nodeid] = in_child(lambda: all_of([by]))[0] == "green"
    return (status, told) if green[by.nodeid] else tried(job, left, green)


def warm_up(items: list[Any]) -> None:
    """Set up what a session and the first module need, so that each child finds it there."""
    first = max(items, key=_prepares)
    second = items[min(items.index(first) + 1, len(items) - 1)]
    for report in runtestprotocol(first, nextitem=second, log=False):
        if report.failed:
            told = str(report.longrepr)[-1500:]
            raise pytest.UsageError(f"{first.nodeid} is red with every guard there: {told}")
    gc.freeze()  # what stands now stays shared with the children


def _prepares(item: Any) -> tuple[bool, bool]:
    """Whether a test needs the database, and something that is made once for its module."""
    fixtures = item._fixtureinfo.name2fixturedefs
    return "django_db_setup" in fixtures, any(each[-1].scope == "module" for each in
                                              fixtures.values())  # fmt: skip


def commits(item: pytest.Item) -> bool:
    """Whether a test writes for good, and so would disturb the others."""
    marker = item.get_closest_marker("django_db")
    names = set(getattr(item, "fixturenames", ()))
    return bool(marker and marker.kwargs.get("transaction")) or "transactional_db" in names


def without(job: dict[str, Any], tests: list[Any]) -> tuple[str, list[str]]:
    """In a child: take the guard out, run the tests until one is red."""
    try:
        if job["sql"]:
            drop(job["sql"])
        else:
            take_out(job["path"], tuple(job["span"]), job["replacement"])
    except NotInMemory as reason:
        return "elsewhere", [str(reason)]
    return all_of(tests)


def drop(sql: str) -> None:
    """Take a rule out of the database, in a transaction of the owner's that is never committed."""
    from django.conf import settings

    transaction = settings.OWNER_CONNECTION.transaction()
    transaction.__enter__()
    LEFT.append(transaction)
    settings.OWNER_CONNECTION.execute(sql)


def all_of(tests: list[Any]) -> tuple[str, list[str]]:
    """In a child: run tests until one is red; "red" or "green", and which was red.

    The last is not torn down.
    """
    if tests:
        tests[0].session._setupstate.teardown_exact(tests[0])
    for item, following in zip(tests, [*tests[1:], *tests[-1:]], strict=True):
        reports = runtestprotocol(item, nextitem=following, log=False)
        if any(report.failed for report in reports):
            return "red", [item.nodeid]
    return "green", []


def in_child(work: Any) -> tuple[str, list[str]]:
    """What `work` answers, done in a fork with connections of its own."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        os.setpgid(0, 0)
        try:
            own_connections()
            answer = work()
        except BaseException as fault:
            answer = ("broken", [f"{type(fault).__name__}: {fault}"[:150]])
        os.write(write, json.dumps(answer).encode() + b"\n")
        os._exit(0)
    os.close(write)
    signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
    signal.alarm(LIMIT)
    with os.fdopen(read, "rb") as pipe:
        text = pipe.readline()
    signal.alarm(0)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # with whatever its tests have started
    os.waitpid(child, 0)
    status, told = json.loads(text) if text else ("broken", [f"no answer in {LIMIT} s"])
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
"""The parent's connections, kept so that no child closes them, and an open transaction."""
