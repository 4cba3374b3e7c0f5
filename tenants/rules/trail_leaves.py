"""An entry of the trail as it is hashed: public fields, and a commitment to its personal text.

The hashing itself is `trail_verifier`'s, which is shipped to those who check.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tenants.models import TrailEntry
from tenants.trail_verifier import commitment_of, digest_of

SALT_BYTES = 16

Values = dict[str, Any]


def seal(entry: TrailEntry) -> TrailEntry:
    """The same entry with its commitment and digest, about to be written."""
    entry.commitment = bytes.fromhex(commitment_of(text_of(entry)))
    entry.digest = bytes.fromhex(digest_of(public(entry)))
    return entry


def public(entry: TrailEntry) -> Values:
    """The fields that are hashed as they are: ids, moments, verbs and statuses, no text (AUD-7)."""
    return {
        "id": str(entry.pk),
        "at": moment(entry.at),
        "book": _text(entry.book_id),
        "zone": str(entry.zone),
        "named": None if entry.named is None else sorted(str(person) for person in entry.named),
        "person_id": _text(entry.person_id),
        "acting_for_id": _text(entry.acting_for_id),
        "verb": str(entry.verb),
        "subject_type": entry.subject_type,
        "subject_id": _text(entry.subject_id),
        "subject_version": entry.subject_version,
        "before": str(entry.before),
        "after": str(entry.after),
        "request_id": entry.request_id,
        "commitment": bytes(entry.commitment).hex(),
    }


def text_of(entry: TrailEntry) -> Values | None:
    """The personal text with its salt, as it is committed to; None once it was erased."""
    if entry.salt is None:
        return None
    return {
        "salt": bytes(entry.salt).hex(),
        "person_name": entry.person_name,
        "subject_label": entry.subject_label,
        "note": entry.note,
        "detail": entry.detail,
        "address": entry.address,
    }


def moment(at: datetime) -> str:
    """A moment in UTC, to the microsecond."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _text(key: UUID | None) -> str | None:
    return None if key is None else str(key)
