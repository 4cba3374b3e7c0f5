"""Copies of a book's trail as far as its reader may see: whole ones, and selections with proofs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from tenants.choices import OrganizationKind
from tenants.models import Engagement, Organization, TrailCheckpoint, TrailEntry
from tenants.rules.merkle import Levels
from tenants.rules.trail_copies import Place, closed_line, csv_lines, head_line, open_line
from tenants.trail_verifier import leaf_of

BATCH = 1_000
_PLACES = """SELECT p.number, p.entry_id, l.zone, l.named, encode(l.digest, 'hex')
FROM tenants_trailplace p JOIN tenants_trailleaf l USING (entry_id)
WHERE p.book_id = %s AND p.number < %s ORDER BY p.number"""

Entries = QuerySet[TrailEntry]


def view_of(book: Engagement | Organization, organization: Organization) -> str:
    """Whose copy of the book somebody of `organization` gets."""
    if isinstance(book, Organization):
        return "organization"
    return "firm" if organization.kind == OrganizationKind.FIRM else "client"


def places_of(checkpoint: TrailCheckpoint) -> list[Place]:
    """The places a checkpoint speaks of, in order (1 query)."""
    with connection.cursor() as cursor:
        cursor.execute(_PLACES, [checkpoint.book_id, checkpoint.size])
        return [Place(*row) for row in cursor.fetchall()]


def levels_of(places: Iterable[Place]) -> Levels:
    """The tree over places."""
    return Levels([leaf_of(each.zone, each.named, each.digest) for each in places])


def whole(
    checkpoint: TrailCheckpoint, entries: Entries, view: str, *, proofs: bool = False
) -> Iterator[bytes]:
    """A line for each place up to the checkpoint: those of `entries` open, all others closed."""
    places = places_of(checkpoint)
    levels = levels_of(places) if proofs else None
    yield head_line(
        checkpoint.book_id, checkpoint.size, view, whole=True, checkpoint=checkpoint.text
    )
    for some in _batched(places):
        found = entries.in_bulk([each.entry_id for each in some])
        for place in some:
            if entry := found.get(place.entry_id):
                path = levels.inclusion(place.number) if levels else None
                yield open_line(place, entry, path)
            else:
                yield closed_line(place)


def selection(checkpoint: TrailCheckpoint, entries: Entries, view: str) -> Iterator[bytes]:
    """A line for each of `entries` that the checkpoint covers, each with its proof."""
    places = places_of(checkpoint)
    levels = levels_of(places)
    yield head_line(
        checkpoint.book_id, checkpoint.size, view, whole=False, checkpoint=checkpoint.text
    )
    wanted = set(entries.order_by().values_list("pk", flat=True))
    chosen = [place for place in places if place.entry_id in wanted]
    for some in _batched(chosen):
        found = entries.in_bulk([each.entry_id for each in some])
        for place in some:
            yield open_line(place, found[place.entry_id], levels.inclusion(place.number))


def as_csv(book_id: UUID, entries: Entries) -> Iterator[bytes]:
    """The entries as CSV, oldest first, with the place of those that have one."""
    rows = entries.order_by("at", "id")
    with connection.cursor() as cursor:
        cursor.execute("SELECT entry_id, number FROM tenants_trailplace WHERE book_id = %s",
                       [book_id])  # fmt: skip
        numbers = dict(cursor.fetchall())
    return csv_lines((numbers.get(entry.pk), entry) for entry in rows.iterator(BATCH))


def _batched(places: list[Place]) -> Iterator[list[Place]]:
    for start in range(0, len(places), BATCH):
        yield places[start : start + BATCH]
