"""The package writer: a pure function from a list of entries to the bytes of a ZIP.

Same list, same bytes (UPL-18): entries are stored, sorted by path, dated 1980-01-01, with
one mode; the ZIP's framing is that of `package_verifier`, which checks it byte for byte.
All lie in one top folder. Four generated files come last: verify.py, manifest.json,
manifest.sha256, SHA256SUMS; in the unpacked folder `sha256sum -c SHA256SUMS` and
`python verify.py` both work at once.

Every entry's bytes are hashed again while they are copied (EV-04), and the whole archive too,
each in a thread of its own while the first one moves the bytes (`evidence.blocks`).
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from io import BytesIO

from evidence import package_verifier as framing
from evidence.blocks import HashedBlocks
from evidence.building_in import built_in
from evidence.digests import CHUNK_BYTES, Fills, Writable
from evidence.errors import EvidenceDamaged, EvidenceMissing
from evidence.package_names import refuse_unsafe

GENERATED = (framing.VERIFIER, framing.MANIFEST, framing.MANIFEST_SUM, framing.SUMS)
PROGRESS_BYTES = 32 * CHUNK_BYTES  # progress is told at least this often, and after each file


@dataclass(frozen=True, slots=True)
class Source:
    """The record an entry comes from, for the manifest: its model, id and version."""

    kind: str
    id: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a package: where it goes, what it must be, and how to open it.

    `path` is relative to the package's folder; size, SHA-256 (hex) and CRC-32 are those
    recorded when the bytes arrived. The CRC-32 is not computed again (a fifth of the time):
    it was taken in the same pass as the SHA-256, which proves that the bytes are still those.
    `opener` gives the bytes from the first one; what it gives is closed when it can be.
    """

    path: str
    size_bytes: int
    sha256: str
    crc32: int
    opener: Callable[[], Fills] = field(repr=False)
    source: Source | None = None

    @classmethod
    def inline(cls, path: str, content: bytes, source: Source | None = None) -> Entry:
        """An entry made of bytes at hand."""
        sha256 = hashlib.sha256(content).hexdigest()
        return cls(
            path, len(content), sha256, zlib.crc32(content), lambda: BytesIO(content), source
        )


@dataclass(frozen=True, slots=True)
class About:
    """What a manifest says besides its files; everything in it must be plain JSON.

    `engagement`: identifiers of the engagement. `records`: database counts by record kind
    (PK-02). `trail`: entries, places and root of 60-audit-trail/trail.jsonl, or None without.
    """

    engagement: Mapping[str, object]
    tool_version: str
    records: Mapping[str, int] = field(default_factory=dict)
    trail: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the writer is; generated files are counted too."""

    files_done: int
    files_count: int
    bytes_done: int
    bytes_count: int


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the whole ZIP's size and SHA-256, and the SHA-256 of its manifest."""

    size_bytes: int
    sha256: str
    manifest_sha256: str
    file_count: int


def write_archive(
    target: Writable,
    entries: Iterable[Entry],
    *,
    folder: str,
    about: About,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> Written:
    """Write the package of `entries` to `target`, front to back, in one pass.

    `folder` is the one folder at its top. What `on_progress` raises ends the writing (a
    lost lease does). Raises EvidenceDamaged, naming the path, when an entry's bytes are
    not those recorded; ValueError for unsafe or colliding paths, before a byte is written.
    The caller publishes `target` only when this returns.
    """
    listed = sorted(entries, key=lambda entry: entry.path)
    refuse_unsafe(f"{folder}/{path}" for path in (*GENERATED, *(e.path for e in listed)))
    generated, manifest_sha256 = _generated(listed, about)
    everything = [*listed, *generated]
    with HashedBlocks(target) as blocks:
        writer = _Writer(blocks, everything, on_progress)
        for entry in everything:
            writer.add(entry, f"{folder}/{entry.path}".encode())
        size_bytes, sha256 = writer.end()
    return Written(size_bytes, sha256, manifest_sha256, len(everything))


class _Writer:
    """Where the archive stands: bytes written, directory so far, progress told."""

    def __init__(
        self,
        blocks: HashedBlocks,
        entries: list[Entry],
        on_progress: Callable[[Progress], None],
    ) -> None:
        self._blocks = blocks
        self._directory: list[bytes] = []
        self._on_progress = on_progress
        self._files_count = len(entries)
        self._bytes_count = sum(entry.size_bytes for entry in entries)
        self._bytes_done = 0

    def add(self, entry: Entry, name: bytes) -> None:
        """Write one file with its header. Raises EvidenceDamaged."""
        facts = (name, entry.size_bytes, entry.crc32)
        self._directory.append(framing.directory_record(*facts, self._blocks.size_bytes))
        self._blocks.put(framing.local_header(*facts))
        stream = _opened(entry)
        try:
            self._copy(stream, entry)
        finally:
            getattr(stream, "close", lambda: None)()
        self._tell()

    def end(self) -> tuple[int, str]:
        """Write the directory; the archive's size and SHA-256. Raises EvidenceDamaged."""
        offset, directory = self._blocks.size_bytes, b"".join(self._directory)
        self._blocks.put(directory)
        self._blocks.put(framing.directory_end(len(self._directory), len(directory), offset))
        sha256 = self._blocks.finish()
        return self._blocks.size_bytes, sha256

    def _copy(self, stream: Fills, entry: Entry) -> None:
        """Move one file's bytes. Raises EvidenceDamaged when these, or those before, are others."""
        digest, size, told = hashlib.sha256(), 0, 0
        while taken := self._blocks.fill(stream):
            size += len(taken)
            if size > entry.size_bytes:
                break
            self._blocks.check(digest.update, taken)
            self._bytes_done += len(taken)
            if size - told >= PROGRESS_BYTES:
                told = size
                self._tell()
        if size != entry.size_bytes:
            raise _damaged(entry, f"they are not the {entry.size_bytes} bytes recorded")
        self._blocks.check(_compare, digest, entry)

    def _tell(self) -> None:
        done = len(self._directory)
        self._on_progress(Progress(done, self._files_count, self._bytes_done, self._bytes_count))


def _opened(entry: Entry) -> Fills:
    """The entry's bytes. Raises EvidenceMissing, naming the path in the package (PK-03)."""
    try:
        return entry.opener()
    except EvidenceMissing as error:
        raise EvidenceMissing(
            f"The stored bytes of {entry.path} are missing. Restore them from a backup, then "
            "assemble the package again.",
            path=entry.path,
        ) from error


def _generated(entries: list[Entry], about: About) -> tuple[list[Entry], str]:
    """The files made from all the others, in the order they are written, and the manifest's sum."""
    verifier = Entry.inline(framing.VERIFIER, verifier_source())
    files = [_listed(entry) for entry in [*entries, verifier]]
    manifest = Entry.inline(
        framing.MANIFEST,
        framing.canonical(
            {
                "format": framing.FORMAT,
                "tool": {"name": "Tickmark", "version": about.tool_version},
                "engagement": dict(about.engagement),
                "records": dict(about.records),
                "trail": None if about.trail is None else dict(about.trail),
                "counts": framing.counts_of(files),
                "files": files,
            }
        ),
    )
    manifest_sum = Entry.inline(
        framing.MANIFEST_SUM, framing.sum_line(framing.MANIFEST, manifest.sha256)
    )
    sums = {entry.path: entry.sha256 for entry in (*entries, verifier, manifest, manifest_sum)}
    last = Entry.inline(framing.SUMS, framing.sums_file(sums))
    return [verifier, manifest, manifest_sum, last], manifest.sha256


def _listed(entry: Entry) -> dict[str, object]:
    """An entry's line in the manifest."""
    source = entry.source
    return {
        "path": entry.path,
        "size_bytes": entry.size_bytes,
        "sha256": entry.sha256,
        "source": source and {"kind": source.kind, "id": source.id, "version": source.version},
    }


@cache
def verifier_source() -> bytes:
    """The verifier as it is shipped: `package_verifier` with `trail_verifier` built in."""
    own = resources.files("evidence").joinpath("package_verifier.py").read_text("utf-8")
    trail = resources.files("tenants").joinpath("trail_verifier.py").read_text("utf-8")
    return built_in(own, trail, "tenants.trail_verifier").encode()


def _compare(digest: hashlib._Hash, entry: Entry) -> None:
    if digest.hexdigest() != entry.sha256:
        raise _damaged(entry, "their SHA-256 is not the one recorded")


def _damaged(entry: Entry, how: str) -> EvidenceDamaged:
    return EvidenceDamaged(
        f"The stored bytes of {entry.path} are damaged: {how}. Restore them from a backup, then "
        "assemble the package again.",
        path=entry.path,
    )
