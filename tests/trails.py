"""Trails made by hand, without a database: entries as the platform seals them, and their copies."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tenants.models import TrailEntry
from tenants.rules.merkle import Levels
from tenants.rules.trail_copies import Place, closed_line, head_line, open_line
from tenants.rules.trail_leaves import seal
from tenants.trail_verifier import Checkpoint, key_text, leaf_of

BEGAN = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
VERBS = ("send", "uploaded", "submit", "give_back", "accept", "viewed", "downloaded", "commented")
READ_BY = {"firm": ("shared", "firm"), "client": ("shared", "client")}


class Trail:
    """`size` entries of one engagement; the same `seed` makes the same ones."""

    def __init__(self, size: int, seed: int = 7) -> None:
        self.random = random.Random(seed)
        self.book = self._key()
        self.key = Ed25519PrivateKey.from_private_bytes(self.random.randbytes(32))
        self.people = [self._key() for _ in range(8)]
        self.entries = [self.entry(number) for number in range(size)]
        self.places = [
            Place(number, entry.pk, entry.zone, entry.named is not None, entry.digest.hex())
            for number, entry in enumerate(self.entries)
        ]
        self.levels = Levels([leaf_of(each.zone, each.named, each.digest) for each in self.places])

    @property
    def public_key(self) -> str:
        """As it is published."""
        return key_text(self.key.public_key().public_bytes_raw())

    def checkpoint(self, size: int | None = None) -> str:
        """A signed checkpoint over the first `size` entries."""
        size = len(self.entries) if size is None else size
        said = Checkpoint(str(self.book), size, self.levels.root(size), "2026-11-03T00:00:00Z")
        return self.signed(said)

    def signed(self, said: Checkpoint) -> str:
        """A checkpoint with the platform's signature."""
        public = self.key.public_key().public_bytes_raw()
        return said.signed(public, self.key.sign(said.body.encode()))

    def copy(self, view: str = "firm", *, proofs: bool = False, own: bool = True) -> list[bytes]:
        """The lines of a whole copy for one side."""
        size, note = len(self.entries), self.checkpoint() if own else ""
        return [
            head_line(self.book, size, view, whole=True, checkpoint=note),
            *self._lines(view, proofs),
        ]

    def selection(self, numbers: list[int], view: str = "firm") -> list[bytes]:
        """Some entries alone, each with its proof."""
        head = head_line(
            self.book, len(self.entries), view, whole=False, checkpoint=self.checkpoint()
        )
        return [
            head,
            *(
                open_line(self.places[n], self.entries[n], self.levels.inclusion(n))
                for n in numbers
            ),
        ]

    def _lines(self, view: str, proofs: bool) -> Iterator[bytes]:
        for place, entry in zip(self.places, self.entries, strict=True):
            if entry.zone in READ_BY[view] and entry.named is None:
                path = self.levels.inclusion(place.number) if proofs else None
                yield open_line(place, entry, path)
            else:
                yield closed_line(place)

    def entry(self, number: int) -> TrailEntry:
        """The next entry that is drawn."""
        draw = self.random
        return seal(
            TrailEntry(
                id=self._key(), at=BEGAN + timedelta(seconds=7 * number, microseconds=number),
                engagement_id=self.book, zone=draw.choice(("shared", "shared", "firm", "client")),
                named=[self._key()] if draw.random() < 0.05 else None,
                person_id=draw.choice(self.people), person_name=f"Person {number % 8}",
                acting_for_id=draw.choice(self.people), verb=draw.choice(VERBS),
                subject_type="evidencerequest", subject_id=self._key(),
                subject_label=f"R-{number:05}", subject_version=draw.randrange(9),
                before="open", after="submitted", note=f"Note {number}" if number % 3 else "",
                detail={"sha256": draw.randbytes(8).hex()} if number % 2 else {},
                request_id=str(self._key()), address="127.0.0.1", salt=draw.randbytes(16),
            )
        )  # fmt: skip

    def _key(self) -> UUID:
        return UUID(bytes=self.random.randbytes(16), version=4)
