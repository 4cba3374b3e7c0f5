"""Private storage of evidence: bytes under keys the server made, written all or nothing.

Callers use `evidence_store()` and the methods of `EvidenceStore`, nothing below. The
setting EVIDENCE_STORAGE names the kind of store; another kind is another module here.
"""

from __future__ import annotations

from pathlib import Path

from evidence.storage.base import (
    EvidenceStore,
    Leftover,
    Received,
    Stored,
    checked_key,
    object_key,
)
from evidence.storage.files import FREE_FLOOR_BYTES, FileStore

__all__ = [
    "EvidenceStore",
    "FileStore",
    "Leftover",
    "Received",
    "Stored",
    "checked_key",
    "evidence_store",
    "object_key",
]


def evidence_store() -> EvidenceStore:
    """The store the settings name: EVIDENCE_STORAGE, EVIDENCE_DIR, EVIDENCE_FREE_FLOOR_BYTES."""
    from django.conf import settings  # read when asked, so that stores work without settings

    kind = getattr(settings, "EVIDENCE_STORAGE", "filesystem")
    if kind != "filesystem":
        raise ValueError(f"EVIDENCE_STORAGE is {kind!r}; this version knows 'filesystem' only")
    floor = getattr(settings, "EVIDENCE_FREE_FLOOR_BYTES", FREE_FLOOR_BYTES)
    return FileStore(Path(settings.EVIDENCE_DIR), free_floor_bytes=floor)
