"""What every kind of evidence store offers, and the keys its objects have.

A key is `<organization uuid>/<object uuid>[-<suffix>]`, made by the server; no name a
person typed ever becomes part of a path (UPL-3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from io import BufferedReader
from typing import Protocol
from uuid import UUID

from evidence.digests import Readable, Writable
from evidence.errors import FileTooLarge
from tenants.errors import Invalid, StorageFull

HEAD_BYTES = 64 * 1024  # what `Received.head` holds at most, for telling the kind of file
UUID_PATTERN = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
OBJECT_PATTERN = rf"{UUID_PATTERN}(?:-[a-z0-9]{{1,32}})?"
_KEY = re.compile(rf"{UUID_PATTERN}/{OBJECT_PATTERN}")


@dataclass(frozen=True, slots=True)
class Received:
    """What arrived: size in bytes, SHA-256 in hex, CRC-32, and the first HEAD_BYTES bytes."""

    size_bytes: int
    sha256: str
    crc32: int
    head: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """One object of the store; `age_seconds` since its last byte was written."""

    key: str
    size_bytes: int
    age_seconds: float


@dataclass(frozen=True, slots=True)
class Leftover:
    """An unfinished write that was meant for `key`: going on now, or abandoned."""

    name: str
    key: str
    size_bytes: int
    age_seconds: float


class EvidenceStore(Protocol):
    """What every kind of store offers; `FileStore` says what each method promises."""

    def receive(
        self,
        stream: Readable,
        *,
        key: str,
        limit_bytes: int,
        expected_sha256: str | None = None,
        expected_bytes: int | None = None,
    ) -> Received: ...
    def writing(self, key: str, *, expected_bytes: int = 0) -> AbstractContextManager[Writable]: ...
    def open(self, key: str) -> BufferedReader: ...
    def read_range(self, key: str, start: int, length: int) -> Iterator[bytes]: ...
    def size(self, key: str) -> int: ...
    def delete(self, key: str) -> bool: ...
    def listing(self, prefix: str = "") -> Iterator[Stored]: ...
    def incoming_leftovers(self, older_than_seconds: float) -> Iterator[Leftover]: ...
    def discard(self, leftover: Leftover) -> bool: ...
    def free_bytes(self) -> int: ...


def object_key(organization_id: UUID, object_id: UUID, suffix: str = "") -> str:
    """The key of an object; `suffix` (a-z, 0-9) tells attempts apart, as a fence number does."""
    return checked_key(f"{organization_id}/{object_id}" + (f"-{suffix}" if suffix else ""))


def checked_key(key: str) -> str:
    """`key` itself, when the server made it. Raises ValueError: any other is a mistake in code."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"{key!r} is not <organization uuid>/<object uuid>[-<suffix>]")
    return key


def too_large(limit_bytes: int) -> FileTooLarge:
    """The refusal of a file above `limit_bytes`."""
    return FileTooLarge(
        f"This file is larger than {limit_bytes / 1_000_000:,.1f} MB, the most one upload may "
        "have. Split it, or ask for a higher limit.",
        field="file",
    )


def wrong_size() -> Invalid:
    """The refusal of a file that is shorter or longer than its sender declared."""
    return Invalid(
        "The file that arrived has another size than was declared. Upload it again.",
        code="size_mismatch",
        field="file",
    )


def wrong_hash() -> Invalid:
    """The refusal of a file whose SHA-256 is not the one its sender declared."""
    return Invalid(
        "The file that arrived is not the file that was sent: its SHA-256 differs from the one "
        "declared. Upload it again.",
        code="hash_mismatch",
        field="sha256",
    )


def full() -> StorageFull:
    """The refusal of any bytes while the store has no room for them."""
    return StorageFull("The evidence store is full; nothing was kept. Try again later.")
