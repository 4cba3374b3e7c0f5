"""The sequencer: gives each entry its place in its book's tree, after its commit (AUD-4).

Writers never touch a tree, so no act waits for one. Any number of sequencers may run: a book's
tree row is the lock, and one that is held is left to its holder. Entries commit out of order, so
what is asked for is always "entries without a place", never "after the last one": of the last
minutes at each pass, of the longest transaction now and then, of all time at the start and nightly.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from tenants.acting import Actor, acting
from tenants.trail_verifier import Tree, leaf_of

HASH_BYTES = 32
MOST = 5_000
"""Entries placed in one transaction."""
LAG_OVER = timedelta(minutes=10)
"""The stretch over which the lag is measured."""

_RECENT = "AND l.written_at > statement_timestamp() - %(back)s"
_UNPLACED = """FROM tenants_trailleaf l WHERE NOT EXISTS (
  SELECT 1 FROM tenants_trailplace p WHERE p.entry_id = l.entry_id) {recent}"""
_BOOKS = f"SELECT l.book_id, bool_and(l.of_engagement) {_UNPLACED} GROUP BY 1 ORDER BY 1"
_LEAVES = f"""SELECT l.entry_id, l.zone, l.named, l.digest {_UNPLACED} AND l.book_id = %(book)s
ORDER BY l.entry_id LIMIT %(most)s"""
_PLANT = """INSERT INTO tenants_trailtree (book_id, of_engagement, size, peaks, signed_size)
VALUES (%s, %s, 0, '', 0) ON CONFLICT (book_id) DO NOTHING"""
_TREE = "SELECT size, peaks FROM tenants_trailtree WHERE book_id = %s FOR UPDATE {skip}"
_PLACE = """INSERT INTO tenants_trailplace (entry_id, book_id, number)
SELECT entry, %s, %s + place - 1 FROM unnest(%s::uuid[]) WITH ORDINALITY placed (entry, place)"""
_GROW = "UPDATE tenants_trailtree SET size = %s, peaks = %s WHERE book_id = %s"
_PULSE = """INSERT INTO tenants_trailpulse AS pulse
  (id, seen_at, waiting, oldest_seconds, lag_seconds, measured, checked_at)
SELECT 1, statement_timestamp(), waits.many, waits.oldest, lag.p99, lag.many,
  CASE WHEN %(full)s THEN statement_timestamp() END
FROM (SELECT count(*) many,
    coalesce(extract(epoch FROM statement_timestamp() - min(l.written_at)), 0) oldest
    {unplaced}) waits,
  (SELECT count(*) many, percentile_disc(0.99) WITHIN GROUP (
      ORDER BY extract(epoch FROM p.placed_at - l.written_at)) p99
    FROM tenants_trailleaf l JOIN tenants_trailplace p USING (entry_id)
    WHERE l.written_at > statement_timestamp() - %(over)s) lag
ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, waiting = excluded.waiting,
  oldest_seconds = excluded.oldest_seconds, lag_seconds = excluded.lag_seconds,
  measured = excluded.measured, checked_at = coalesce(excluded.checked_at, pulse.checked_at)"""


def sequence(back: timedelta | None = None) -> int:
    """Place every entry that waits, book by book. Returns how many were placed.

    `back` bounds how long ago an entry was written; None looks at all there ever were.
    """
    placed = 0
    with acting(Actor(system=True)):
        with transaction.atomic():
            books = _rows(_bounded(_BOOKS, back), back=back)
        for book_id, of_engagement in books:
            placed += _sequence(book_id, of_engagement, back, "SKIP LOCKED")
    return placed


def sequence_book(book_id: UUID, *, of_engagement: bool) -> int:
    """Place what waits in one book, waiting for a sequencer that is at it. Returns how many."""
    with acting(Actor(system=True)):
        return _sequence(book_id, of_engagement, None, "")


def note_pulse(back: timedelta | None) -> None:
    """Write down that a sequencer lives, what waits, and the lag it measured."""
    values: dict[str, Any] = {"back": back, "over": LAG_OVER, "full": back is None}
    statement = _PULSE.replace("{unplaced}", _bounded(_UNPLACED, back))
    with acting(Actor(system=True)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def _sequence(book_id: UUID, of_engagement: bool, back: timedelta | None, skip: str) -> int:
    placed = 0
    while True:
        with transaction.atomic():
            done = _append_waiting(book_id, of_engagement, back, skip)
        placed += done
        if done < MOST:
            return placed


def _append_waiting(book_id: UUID, of_engagement: bool, back: timedelta | None, skip: str) -> int:
    """One stretch of a book under its tree's lock; 0 when another sequencer holds it."""
    with connection.cursor() as cursor:
        cursor.execute(_PLANT, [book_id, of_engagement])
        cursor.execute(_TREE.format(skip=skip), [book_id])
        held = cursor.fetchone()
        if held is None:
            return 0
        size, peaks = held  # read before the entries: what another placed is seen to be placed
        leaves = _rows(_bounded(_LEAVES, back), back=back, book=book_id, most=MOST)
        if leaves:
            tree = Tree(size, _split(bytes(peaks)))
            for _, zone, named, digest in leaves:
                tree.append(leaf_of(zone, named, bytes(digest).hex()))
            cursor.execute(_PLACE, [book_id, size, [leaf[0] for leaf in leaves]])
            cursor.execute(_GROW, [tree.size, b"".join(tree.peaks), book_id])
    return len(leaves)


def _bounded(statement: str, back: timedelta | None) -> str:
    return statement.replace("{recent}", _RECENT if back is not None else "")


def _rows(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _split(peaks: bytes) -> list[bytes]:
    return [peaks[at : at + HASH_BYTES] for at in range(0, len(peaks), HASH_BYTES)]
