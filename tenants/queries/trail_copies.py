"""Copies of a book's trail as far as its reader may see: whole ones, and selections with proofs.

Each is made part by part, and each part asks by itself what it needs: whoever sends one on asks
for the next in another transaction, so that no copy is held whole, however long its trail is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from tenants.choices import OrganizationKind
from tenants.models import Engagement, Organization, TrailCheckpoint, TrailEntry
from tenants.rules.merkle import Levels
from tenants.rules.trail_copies import (
    Place,
    closed_line,
    csv_head,
    csv_line,
    head_line,
    open_line,
)
from tenants.trail_verifier import leaf_of

BATCH = 1_000
"""Entries in a part."""
_PLACES = """SELECT p.number, p.entry_id, l.zone, l.named, encode(l.digest, 'hex')
FROM tenants_trailplace p JOIN tenants_trailleaf l USING (entry_id)
WHERE p.book_id = %s AND p.number >= %s AND p.number < %s ORDER BY p.number"""
_NUMBERS = "SELECT entry_id, number FROM tenants_trailplace WHERE entry_id = ANY(%s)"

Entries = QuerySet[TrailEntry]


def view_of(book: Engagement | Organization, organization: Organization) -> str:
    """Whose copy of the book somebody of `organization` gets."""
    if isinstance(book, Organization):
        return "organization"
    return "firm" if organization.kind == OrganizationKind.FIRM else "client"


def places_of(checkpoint: TrailCheckpoint) -> Iterator[Place]:
    """The places a checkpoint speaks of, in order (1 query for each part)."""
    for some in _parts(checkpoint):
        yield from some


def levels_of(places: Iterable[Place]) -> Levels:
    """The tree over places."""
    return Levels(leaf_of(each.zone, each.named, each.digest) for each in places)


def whole(
    checkpoint: TrailCheckpoint, entries: Entries, view: str, *, proofs: bool = False
) -> Iterator[bytes]:
    """A line for each place up to the checkpoint: those of `entries` open, all others closed.

    2 queries for each part; with proofs 64 bytes an entry are held, else nothing.
    """
    levels = levels_of(places_of(checkpoint)) if proofs else None
    yield head_line(
        checkpoint.book_id, checkpoint.size, view, whole=True, checkpoint=checkpoint.text
    )
    for some in _parts(checkpoint):
        found = entries.in_bulk([each.entry_id for each in some])
        yield b"".join(
            open_line(place, entry, levels.inclusion(place.number) if levels else None)
            if (entry := found.get(place.entry_id))
            else closed_line(place)
            for place in some
        )


def selection(checkpoint: TrailCheckpoint, entries: Entries, view: str) -> Iterator[bytes]:
    """A line for each of `entries` that the checkpoint covers, each with its proof.

    2 queries for each part of the trail; 64 bytes an entry are held, for the proofs.
    """
    levels = levels_of(places_of(checkpoint))
    yield head_line(
        checkpoint.book_id, checkpoint.size, view, whole=False, checkpoint=checkpoint.text
    )
    for some in _parts(checkpoint):
        found = entries.in_bulk([each.entry_id for each in some])
        yield b"".join(
            open_line(place, found[place.entry_id], levels.inclusion(place.number))
            for place in some
            if place.entry_id in found
        )


def as_csv(entries: Entries) -> Iterator[bytes]:
    """The entries as CSV, oldest first, with the place of those that have one.

    2 queries for each part; nothing is held.
    """
    yield csv_head()
    rows, after = entries.order_by("at", "id"), Q()
    while some := list(rows.filter(after)[:BATCH]):
        numbers = _numbers([entry.pk for entry in some])
        yield b"".join(csv_line(numbers.get(entry.pk), entry) for entry in some)
        last = some[-1]
        after = Q(at__gt=last.at) | Q(at=last.at, id__gt=last.pk)


def _parts(checkpoint: TrailCheckpoint) -> Iterator[list[Place]]:
    for start in range(0, checkpoint.size, BATCH):
        stop = min(start + BATCH, checkpoint.size)
        with connection.cursor() as cursor:
            cursor.execute(_PLACES, [checkpoint.book_id, start, stop])
            some = [Place(*row) for row in cursor.fetchall()]
        yield some


def _numbers(ids: list[UUID]) -> dict[UUID, int]:
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERS, [ids])
        return dict(cursor.fetchall())
