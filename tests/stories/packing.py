"""A platform of worker and beat alone, and engagements with evidence to pack on it.

The test acts in its own process as the web role on the platform's database; the work is done by
real Celery workers in processes of their own.
"""

from __future__ import annotations

import io
import itertools
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.db import connection, transaction

from evidence.actions import evidence_requests, files, package_building, packages, request_edits
from evidence.archive import write_archive
from evidence.models import Package
from evidence.queries.package_entries import about_of, entries_of
from evidence.rules.coverage_dates import Coverage
from evidence.storage import evidence_store
from grc.celery import app
from tenants import acting
from tests import factories
from tests.conftest import as_
from tests.stories.stack import WEB_URL, Stack, wait_for

ASSEMBLE = package_building.ASSEMBLE
TO_COVER = Coverage(factories.PERIOD.period_start, factories.PERIOD.period_end)
_numbers = itertools.count(1)


class Workshop(Stack):
    """Workers and beat on a fresh database, without a web process."""

    def start(self) -> None:
        self.make_database()
        self.mailbox.start()
        self.run("beat")

    def spare(self) -> str:
        """Start a worker that boots and then waits, so that a kill costs no time. Its name."""
        name = f"worker-{next(_numbers)}"
        self.run(name)
        return name

    def take_over(self, name: str) -> None:
        """Let a spare worker do the platform's work from now on."""
        asked = {
            "destination": [f"{name}@{self.database}"], "arguments": {"queue": "tickmark"},
            "reply": True, "limit": 1, "timeout": 1.0,
        }  # fmt: skip
        wait_for(lambda: app.control.broadcast("add_consumer", **asked), f"answer of {name}")

    def _command(self, name: str) -> list[str]:
        if not name.startswith("worker"):
            return super()._command(name)
        command = [*super()._command("worker"), "--without-gossip", "--without-mingle"]
        if name != "worker":
            command += ["--queues", "idle", "--hostname", f"{name}@{self.database}"]
        return command

    def work(self) -> list[SimpleNamespace]:
        """The rows of package work, as they are now, oldest first."""
        names = ("id", "subject", "attempts", "fence", "leased", "done", "parked")
        rows = self.rows(
            "SELECT id, subject, attempts, fence, coalesce(leased_until > clock_timestamp(), false)"
            " AND done_at IS NULL, done_at IS NOT NULL, parked_at IS NOT NULL"
            " FROM tenants_outboxentry WHERE task = %s ORDER BY created_at",
            ASSEMBLE,
        )
        return [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in rows]

    def left_to_do(self) -> int:
        """Work that is due now and not done, of any kind."""
        return int(
            self.rows(
                "SELECT count(*) FROM tenants_outboxentry"
                " WHERE done_at IS NULL AND due_at <= clock_timestamp()"
            )[0][0]
        )


@contextmanager
def looking_at(stack: Stack) -> Iterator[None]:
    """Let this process be the web role on the stack's database, and speak to its broker."""
    kept, broker = dict(connection.settings_dict), app.conf.broker_url
    web = urlsplit(WEB_URL)
    speak_to(stack.redis)
    connection.close()
    connection.settings_dict.update(
        NAME=stack.database, USER=web.username, PASSWORD=web.password, HOST=web.hostname,
        PORT=str(web.port or ""),
    )  # fmt: skip
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(kept)
        speak_to(broker)


def speak_to(broker: str) -> None:
    """Let this process's Celery app use another broker, on new connections."""
    app.pool.force_close_all()
    app.conf.broker_url = broker
    app._after_fork()


def engagement_with_evidence(requests: int, files_each: int, file_bytes: int) -> SimpleNamespace:
    """An engagement whose client has handed over so many files of so many bytes."""
    with transaction.atomic():
        world = factories.world()
    made = random.Random(requests)
    for number in range(1, requests + 1):
        with as_(world.lead, world.firm), transaction.atomic():
            row = request_edits.draft(
                world.engagement,
                {"title": f"Evidence {number}", "owner": world.owner, "covers_all_scope": True,
                 "due_on": TO_COVER.covers_to},
                by=world.lead,
            )  # fmt: skip
            evidence_requests.send(row, by=world.lead)
        with as_(world.owner, world.client_organization):
            for file in range(files_each):
                content = io.BytesIO(made.randbytes(file_bytes))
                incoming = files.Upload(content, f"file {file}.bin", coverage=TO_COVER)
                files.upload(row, incoming, by=world.owner)
            with transaction.atomic():
                evidence_requests.submit(row, by=world.owner)
    return world


@contextmanager
def as_the_engagement(engagement_id: UUID) -> Iterator[None]:
    """Act as a task of the engagement does."""
    with acting.acting(acting.Actor(engagement_id=engagement_id)), transaction.atomic():
        yield


def asked_for(world: SimpleNamespace) -> Package:
    """A package that waits for a worker."""
    with as_(world.lead, world.firm), transaction.atomic():
        return packages.request(world.engagement, by=world.lead)


def as_it_is(package: Package) -> Package:
    """The package as it is now."""
    with as_the_engagement(package.engagement_id):
        return Package.objects.select_related("engagement").get(pk=package.pk)


def sha256_made_here(package: Package) -> str:
    """What the package's frozen list gives when it is written here, undisturbed, into nothing."""
    with as_the_engagement(package.engagement_id):
        entries = entries_of(package, evidence_store())
        folder, about = about_of(package)
    with Path(os.devnull).open("wb") as nothing:
        return write_archive(nothing, entries, folder=folder, about=about).sha256


def stored_for(world: SimpleNamespace) -> list[str]:
    """Every key of the firm in the store, and every draft."""
    store = evidence_store()
    drafts: list[Any] = list(store.incoming_leftovers(0))
    keys = [stored.key for stored in store.listing(str(world.firm.pk))]
    return sorted([*keys, *(draft.name for draft in drafts)])
