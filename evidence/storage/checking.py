"""Whether stored bytes are still what they were (EV-04)."""

from __future__ import annotations

from evidence.digests import CHUNK_BYTES, StreamHash
from evidence.errors import EvidenceMissing
from evidence.storage.base import EvidenceStore


def still_whole(store: EvidenceStore, key: str, size_bytes: int, sha256: str) -> bool:
    """Read the object under `key` and compare size and SHA-256. Missing is not whole."""
    try:
        stream = store.open(key)
    except (EvidenceMissing, FileNotFoundError):
        return False
    with stream, StreamHash() as running:
        while chunk := stream.read(CHUNK_BYTES):
            running.update(chunk)
        digest = running.finish()
    return running.size_bytes == size_bytes and digest == sha256
