"""One package, assembled in a fresh process, so that its memory tells of nothing else.

    python -m tests.bench.assembly ENGAGEMENT PERSON FIRM ROUNDS

Prints JSON: seconds of hashing every file alone and of writing the archive (each the median of
ROUNDS, in turn), of the whole way from asked to ready, queries of that way, bytes, growth in MiB.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "grc.settings")
    django.setup()

from django.conf import settings
from django.db import connection, transaction

from evidence.actions import packages
from evidence.actions.package_building import ASSEMBLE
from evidence.archive import Entry, write_archive
from evidence.models import Package
from evidence.queries.package_entries import about_of, entries_of
from evidence.storage import evidence_store, object_key
from tenants import acting, tasks
from tenants.models import Engagement, OutboxEntry, User
from tests.bench.timing import in_turn, seconds, watching

PIECE = 2**20


@contextmanager
def counting() -> Iterator[list[str]]:
    """The statements of this process's connection, as they are sent."""
    sent: list[str] = []

    def note(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        sent.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield sent


def ask(engagement: UUID, person: UUID, firm: UUID) -> tuple[UUID, str]:
    """Ask for a package as a person does; its id and the outbox row a worker takes."""
    with acting.acting(acting.Actor(person, firm)), transaction.atomic():
        asked = packages.request(
            Engagement.objects.get(pk=engagement), by=User.objects.get(pk=person)
        )
    with acting.acting(acting.Actor(system=True)), transaction.atomic():
        waiting = OutboxEntry.objects.filter(task=ASSEMBLE, subject=asked.pk, done_at=None)
        return asked.pk, str(waiting.get().pk)


def hash_all(entries: list[Entry]) -> None:
    """The floor: read every file once and hash it."""
    for entry in entries:
        digest = hashlib.sha256()
        with entry.opener() as stream:  # type: ignore[attr-defined]
            while piece := stream.read(PIECE):
                digest.update(piece)
        assert digest.hexdigest() == entry.sha256


def write(entries: list[Entry], about: Any, key: str, folder: str) -> None:
    """The archive written to the store as a worker does."""
    with evidence_store().writing(key) as draft:
        write_archive(draft, entries, folder=folder, about=about)


def main(engagement: UUID, person: UUID, firm: UUID, rounds: int) -> None:
    """Measure and print."""
    pk, work = ask(engagement, person, firm)
    with watching(os.getpid()) as grown, counting() as sent:
        whole = seconds(lambda: tasks.perform(work))
    with acting.acting(acting.Actor(engagement_id=engagement)), transaction.atomic():
        package = Package.objects.select_related("engagement").get(pk=pk)
        assert package.status == "ready", (package.status, package.problem)
        entries = entries_of(package, evidence_store())
        folder, about = about_of(package)
    key = object_key(firm, uuid4())
    floor, ours = in_turn(
        lambda: hash_all(entries), lambda: write(entries, about, key, folder), rounds,
        after=lambda: evidence_store().delete(key),
    )  # fmt: skip
    used = time.process_time()
    write(entries, about, key, folder)
    used = time.process_time() - used
    evidence_store().delete(key)
    Path(settings.EVIDENCE_DIR, package.storage_key).unlink()
    print(json.dumps({
        "floor": floor, "ours": ours, "whole": whole, "queries": len(sent),
        "bytes": package.total_bytes, "files": package.entry_count,
        "growth": grown.mib, "cpu": used,
    }))  # fmt: skip


if __name__ == "__main__":
    main(*(UUID(each) for each in sys.argv[1:4]), int(sys.argv[4]))  # type: ignore[misc]
