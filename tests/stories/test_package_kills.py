"""Packages outlive their workers and the broker (TSK-3, TSK-4, UPL-19; run for real).

Workers are killed with their children at random moments of an assembly. The seed is printed;
KILL_SEED=<it> repeats a run's moments.
"""

from __future__ import annotations

import hashlib
import os
import random
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import redis
from django.db import transaction

from evidence import package_verifier
from evidence.actions import request_talk
from evidence.choices import PackageStatus
from evidence.models import Package
from evidence.storage import evidence_store
from tenants import outbox
from tests.conftest import as_
from tests.stories.packing import (
    Workshop,
    as_it_is,
    asked_for,
    engagement_with_evidence,
    looking_at,
    sha256_made_here,
    stored_for,
)
from tests.stories.stack import forget_all, wait_for

pytestmark = pytest.mark.xdist_group("package-kills")

KILLS = 20
KILLS_A_PACKAGE = outbox.MOST_ATTEMPTS - 2  # an attempt is left over for a slow machine
QUEUE = "tickmark:tickmark"
REQUESTS, FILES_EACH, FILE_BYTES = 6, 10, 512 * 1024


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: Any) -> Iterator[Workshop]:
    folder = tmp_path_factory.mktemp("workshop")
    up = Workshop(folder, redis_database=9, LEASE_SECONDS="2", SWEEP_SECONDS="1")
    forget_all(redis.Redis.from_url(up.redis))
    try:
        up.start()
        yield up
    finally:
        up.stop()
        forget_all(redis.Redis.from_url(up.redis))


@pytest.fixture(scope="module")
def worlds(workshop: Workshop, django_db_blocker: Any) -> Iterator[list[SimpleNamespace]]:
    """Two engagements of two firms, with evidence."""
    with django_db_blocker.unblock(), looking_at(workshop), pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.EVIDENCE_DIR", workshop.folder / "evidence")
        yield [engagement_with_evidence(REQUESTS, FILES_EACH, FILE_BYTES) for _ in range(2)]


@pytest.fixture
def no_broker() -> None:
    """Hints go to the workshop's broker here."""


@pytest.fixture(autouse=True)
def same_store(workshop: Workshop, settings: Any) -> None:
    """This process and the workers look at one store."""
    settings.EVIDENCE_DIR = workshop.folder / "evidence"


@pytest.fixture(autouse=True)
def no_worker_stays(workshop: Workshop) -> Iterator[None]:
    """Each test begins and ends without a worker."""
    yield
    for name in [name for name in workshop.processes if name.startswith("worker")]:
        workshop.kill(name)


def ready(packages: list[Package]) -> bool:
    found = [as_it_is(package) for package in packages]
    assert not [each.problem for each in found if each.status == PackageStatus.FAILED]
    return all(each.status == PackageStatus.READY for each in found)


def assert_whole(package: Package) -> None:
    """The stored bytes are those the row names, and those the frozen list gives, undisturbed."""
    with evidence_store().open(package.storage_key) as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == package.sha256
    assert sha256_made_here(package) == package.sha256


def test_a_worker_killed_at_twenty_moments_changes_no_byte(workshop, worlds, capsys):
    seed = int(os.environ.get("KILL_SEED", random.SystemRandom().randrange(1 << 32)))
    moments = random.Random(seed)
    active, spare = workshop.spare(), workshop.spare()
    workshop.take_over(active)
    usual = seconds_undisturbed(workshop, worlds)
    made: list[Package] = []
    kills = 0
    while kills < KILLS:
        current, fences = [asked_for(world) for world in worlds], {}
        for _ in range(min(KILLS_A_PACKAGE, KILLS - kills)):
            wait_for(
                partial(claimed_anew_or_ready, workshop, fences, current), "claim of a package"
            )
            if ready(current):
                break
            time.sleep(moments.uniform(0, usual))
            workshop.kill(active)
            fences = fences_of(workshop)
            kills += bool(fences)
            active, spare = spare, workshop.spare()
            workshop.take_over(active)
        wait_for(partial(ready, current), "finished packages")
        made += [as_it_is(package) for package in current]
    wait_for(lambda: workshop.left_to_do() == 0, "end of the work")
    interrupted = sum(row.attempts - 1 for row in workshop.work())
    with capsys.disabled():
        sys.stdout.write(
            f"\nKILL_SEED={seed}: {kills} kills cut off {interrupted} attempts at {len(made)} "
            f"packages, which take {usual:.2f} s undisturbed\n"
        )
    assert interrupted >= kills >= KILLS
    assert_nothing_is_left_over(workshop, worlds)
    for package in made:
        assert_whole(package)


def assert_nothing_is_left_over(workshop: Workshop, worlds: list[SimpleNamespace]) -> None:
    """The store holds each package once, each was published once, and no work was parked."""
    for world in worlds:
        kept = workshop.rows(
            "SELECT storage_key FROM evidence_package WHERE engagement_id = %s", world.engagement.pk
        )
        assert stored_for(world) == sorted(key for (key,) in kept)
    assert_each_was_published_once(workshop)
    assert not [row for row in workshop.work() if row.parked]


def assert_each_was_published_once(workshop: Workshop) -> None:
    published = workshop.rows("SELECT subject_id FROM tenants_trailentry WHERE verb = 'publish'")
    packages = workshop.rows("SELECT id FROM evidence_package WHERE status = 'ready'")
    assert sorted(published) == sorted(packages)


def seconds_undisturbed(workshop: Workshop, worlds: list[SimpleNamespace]) -> float:
    """How long packages take from their claim to their end when nobody is killed."""
    first = [asked_for(world) for world in worlds]
    wait_for(lambda: some_is_held(workshop), "claim of a package")
    began = time.monotonic()
    wait_for(partial(ready, first), "first packages")
    return time.monotonic() - began


def claimed_anew_or_ready(
    workshop: Workshop, fences: dict[Any, int], packages: list[Package]
) -> bool:
    """Whether a worker has claimed a package since `fences`, or none is left to claim."""
    now = fences_of(workshop)
    return any(fence > fences.get(pk, 0) for pk, fence in now.items()) or ready(packages)


def fences_of(workshop: Workshop) -> dict[Any, int]:
    """Unfinished work on packages → the number of its latest claim."""
    return {row.id: row.fence for row in workshop.work() if not row.done}


def some_is_held(workshop: Workshop) -> bool:
    return any(row.leased for row in workshop.work())


def test_a_broker_that_forgets_everything_loses_no_work(workshop, worlds):
    broker = redis.Redis.from_url(workshop.redis)
    asked = [asked_for(world) for world in worlds]
    with as_(worlds[0].lead, worlds[0].firm), transaction.atomic():
        row = worlds[0].engagement.evidence_requests.first()
        for number in range(20):
            request_talk.comment(row, text=f"Message {number}", by=worlds[0].lead)
    assert broker.llen(QUEUE) > 0
    forget_all(broker)
    workshop.run("worker")
    wait_for(lambda: broker.llen(QUEUE) > 0 or ready(asked), "hints of the sweep")
    forget_all(broker)
    wait_for(lambda: ready(asked) and workshop.left_to_do() == 0, "end of all work")
    for package in asked:
        assert_whole(as_it_is(package))
    assert_each_was_published_once(workshop)
    told = workshop.rows(
        "SELECT subject, count(*) FROM tenants_notice WHERE kind = 'evidence.message' GROUP BY 1"
    )
    assert sum(count for _, count in told) == 20


def test_the_command_line_assembles_and_verifies_a_package(workshop, worlds, tmp_path):
    said = workshop.manage("assemble_package", str(worlds[0].engagement.pk))
    sha256, key = next(line for line in said.splitlines() if "/" in line).split()
    stored = workshop.folder / "evidence" / key
    assert hashlib.sha256(stored.read_bytes()).hexdigest() == sha256
    assert "In order:" in workshop.manage("verify_package", str(stored))
    assert f"Manifest SHA-256: {manifest_of(stored)}" in said
    with pytest.raises(AssertionError, match="There is no engagement"):
        workshop.manage("assemble_package", str(worlds[0].firm.pk))


def manifest_of(path: Path) -> str:
    """The SHA-256 of the manifest, as the verifier reads it."""
    with path.open("rb") as file:
        return package_verifier.read_zip(file).files[package_verifier.MANIFEST].sha256
