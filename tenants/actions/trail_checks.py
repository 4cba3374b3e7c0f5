"""Checking a book from inside: what its entries hash to, against its tree and every checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import structlog
from django.db import connection, transaction

from tenants import outbox
from tenants.actions.trail_checkpoints import CHECK, fresh
from tenants.errors import Refused
from tenants.models import TrailCheckpoint, TrailEntry
from tenants.queries.trail_copies import whole
from tenants.trail_verifier import Checkpoint, TrailCopy, checkpoints_in, is_signed, key_in

log = structlog.get_logger(__name__)


@outbox.task(CHECK, long=True)
def check_daily(lease: outbox.Lease) -> None:
    """Check a book that grew today (EV-03). A fault is logged, tried again, and parks the work."""
    faults, _ = check(lease.subject, of_engagement=lease.actor.engagement_id is not None)
    if faults:
        log.error("trail_verification_failed", book=str(lease.subject), faults=faults[:5])
        raise Refused("The trail is not what its checkpoints say.", code="trail_broken")
    lease.finish()


def check(
    book_id: UUID, *, of_engagement: bool, outside: Sequence[Checkpoint] = ()
) -> tuple[list[str], str]:
    """(faults, what was checked) of a book, as one who sees all of it.

    Sequences and signs first; `outside` are checkpoints from elsewhere that it must agree with.
    Runs as the book's task, outside any transaction.
    """
    newest = fresh(book_id, of_engagement=of_engagement)
    if newest is None:
        return [], "no entries yet"
    with transaction.atomic():
        rows = TrailCheckpoint.objects.filter(book_id=book_id).order_by("size")
        kept = [(each, said) for each in rows for said in checkpoints_in(each.text)]
        copy = TrailCopy([*(said for _, said in kept), *outside])
        entries = TrailEntry.objects.filter(**_of(book_id, of_engagement))
        for line in whole(newest, entries, "both" if of_engagement else "organization"):
            copy.feed(line)
        copy.finish()
        copy.faults += [
            f"the checkpoint of {said.at} is not signed with its key"
            for each, said in kept
            if not is_signed(said, key_in(each.key) or b"")
        ]
        copy.faults += [f"{entry} has no place" for entry in _lost(book_id, of_engagement)]
    said = f"{copy.opened} entries, {len(kept)} checkpoints, root {copy.root.hex()}"
    return copy.faults, said


def _of(book_id: UUID, of_engagement: bool) -> dict[str, UUID | bool]:
    if of_engagement:
        return {"engagement_id": book_id}
    return {"organization_id": book_id, "engagement_id__isnull": True}


def _lost(book_id: UUID, of_engagement: bool) -> list[UUID]:
    """Entries that nothing handed to the sequencer."""
    column = "engagement_id" if of_engagement else "organization_id"
    only = "" if of_engagement else "AND e.engagement_id IS NULL"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT e.id FROM tenants_trailentry e WHERE e.{column} = %s {only} AND NOT EXISTS "
            "(SELECT 1 FROM tenants_trailleaf l WHERE l.entry_id = e.id) LIMIT 20", [book_id],
        )  # fmt: skip
        return [row[0] for row in cursor.fetchall()]
