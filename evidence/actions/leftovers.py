"""What killed writers left in the store goes: drafts, and bytes that no row names (UPL-19)."""

from __future__ import annotations

from django.db import connection, transaction

from evidence.storage import evidence_store
from tenants import outbox

DAY_SECONDS = 86_400
AT_ONCE = 1000


@outbox.every(seconds=3600)
def clear_abandoned_drafts() -> None:
    """Remove drafts of any kind that nobody has written to for a day."""
    store = evidence_store()
    for leftover in store.incoming_leftovers(DAY_SECONDS):
        store.discard(leftover)


@outbox.every(seconds=3600)
def clear_unnamed_bytes(older_than_seconds: float = DAY_SECONDS) -> None:
    """Remove stored bytes that no row names and that are old enough to belong to none to come.

    Bytes are durable before any row says so; whoever is killed in between leaves them. Which keys
    rows name is asked of one function, as nobody sees the rows of all tenants.
    """
    store = evidence_store()
    old = [each.key for each in store.listing() if each.age_seconds >= older_than_seconds]
    for at in range(0, len(old), AT_ONCE):
        some = old[at : at + AT_ONCE]
        for key in set(some) - _named(some):
            store.delete(key)


def _named(keys: list[str]) -> set[str]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT tickmark_named_keys(%s)", [keys])
        return {row[0] for row in cursor.fetchall()}
