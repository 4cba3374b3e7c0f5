"""Evidence in one folder of a filesystem.

Writing follows UPL-19: a file of its own in `incoming/`, flushed, checked, then linked to
its key (which fails if the key exists: bytes are never replaced, UPL-6), then the folder
flushed. A reader sees all of an object or none of it.
"""

from __future__ import annotations

import errno
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from uuid import uuid4

from evidence.digests import CHUNK_BYTES, Readable, StreamHash
from evidence.errors import EvidenceMissing
from evidence.storage.base import (
    HEAD_BYTES,
    OBJECT_PATTERN,
    UUID_PATTERN,
    Leftover,
    Received,
    Stored,
    checked_key,
    full,
    too_large,
    wrong_hash,
    wrong_size,
)
from tenants.errors import Refused, Unreachable

FREE_FLOOR_BYTES = 64 * 1024 * 1024  # default room that writing leaves on the disk
INCOMING = "incoming"
_LEFTOVER = re.compile(rf"({UUID_PATTERN})\.({OBJECT_PATTERN})\.[0-9a-f]{{32}}")
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS}


class Draft:
    """A file nobody reads yet: write to it; it is published when its context ends well."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.size_bytes = 0

    def write(self, data: bytes | memoryview, /) -> int:
        """Append all of `data`. Raises StorageFull or Unreachable."""
        rest = memoryview(data)
        with _explained():
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        self.size_bytes += len(data)
        return len(data)


class FileStore:
    """Evidence in one folder of a filesystem: folders 0700, files 0600, made when needed.

    `free_floor_bytes`: room that must stay on the disk; with less, nothing is accepted.
    """

    def __init__(self, root: Path, *, free_floor_bytes: int = FREE_FLOOR_BYTES) -> None:
        self.root = Path(root)
        self.free_floor_bytes = free_floor_bytes

    def receive(
        self,
        stream: Readable,
        *,
        key: str,
        limit_bytes: int,
        expected_sha256: str | None = None,
        expected_bytes: int | None = None,
    ) -> Received:
        """Keep all of `stream` under `key`, read in pieces of 1 MiB and hashed on the way.

        `None` for an expectation means that the sender declared none. Raises FileTooLarge,
        Invalid (size_mismatch, hash_mismatch), Refused (already_stored), StorageFull,
        Unreachable, or what the stream raises; after any of them nothing is kept.
        """
        declared = limit_bytes if expected_bytes is None else expected_bytes
        if declared > limit_bytes:
            raise too_large(limit_bytes)
        head = b""
        with self.writing(key, expected_bytes=expected_bytes or 0) as draft:
            with StreamHash() as digest:
                while chunk := stream.read(CHUNK_BYTES):
                    if draft.size_bytes + len(chunk) > declared:
                        raise too_large(limit_bytes) if expected_bytes is None else wrong_size()
                    digest.update(chunk)
                    draft.write(chunk)
                    if len(head) < HEAD_BYTES:
                        head += chunk[: HEAD_BYTES - len(head)]
                sha256 = digest.finish()
            if expected_bytes is not None and draft.size_bytes != expected_bytes:
                raise wrong_size()
            if expected_sha256 is not None and sha256 != expected_sha256.strip().lower():
                raise wrong_hash()
        return Received(draft.size_bytes, sha256, digest.crc32, head)

    @contextmanager
    def writing(self, key: str, *, expected_bytes: int = 0) -> Iterator[Draft]:
        """A draft that is published under `key` when the context ends well, else removed."""
        final = self._path(key)
        with _explained():
            _make_folder(self.root)
            incoming = _make_folder(self.root / INCOMING)
            if self.free_bytes() < self.free_floor_bytes + expected_bytes:
                raise full()
            temporary = incoming / f"{key.replace('/', '.')}.{uuid4().hex}"
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            draft = Draft(descriptor)
            yield draft
            with _explained():
                os.fsync(descriptor)
                if os.fstat(descriptor).st_size != draft.size_bytes:
                    raise OSError(errno.EIO, "it kept fewer bytes than it was given")
                _publish(temporary, final)
        finally:
            os.close(descriptor)
            temporary.unlink(missing_ok=True)

    def open(self, key: str) -> BufferedReader:
        """The object, for reading from its first byte. Raises EvidenceMissing."""
        with _explained(key):
            return self._path(key).open("rb")

    def read_range(self, key: str, start: int, length: int) -> Iterator[bytes]:
        """`length` bytes from `start` in pieces of 1 MiB at most; fewer where the object ends."""
        with self.open(key) as file:
            file.seek(start)
            while length > 0 and (chunk := file.read(min(CHUNK_BYTES, length))):
                length -= len(chunk)
                yield chunk

    def size(self, key: str) -> int:
        """Bytes of the object. Raises EvidenceMissing."""
        with _explained(key):
            return self._path(key).stat().st_size

    def delete(self, key: str) -> bool:
        """Erase the object; False when there was none."""
        path = self._path(key)
        with _explained():
            try:
                path.unlink()
            except FileNotFoundError:
                return False
            _flush_folder(path.parent)
        return True

    def listing(self, prefix: str = "") -> Iterator[Stored]:
        """Every object whose key begins with `prefix` (an organization's id, or none for all).

        In no order of age. Files the store did not make are passed over.
        """
        if not self.root.is_dir():
            return
        for folder in sorted(self.root.iterdir()):
            if re.fullmatch(UUID_PATTERN, folder.name) and folder.name.startswith(prefix[:36]):
                for name, size_bytes, age in _files_in(folder):
                    key = f"{folder.name}/{name}"
                    if key.startswith(prefix) and re.fullmatch(OBJECT_PATTERN, name):
                        yield Stored(key, size_bytes, age)

    def incoming_leftovers(self, older_than_seconds: float) -> Iterator[Leftover]:
        """Drafts not written to for so long: their writer died, or stopped without a word."""
        for name, size_bytes, age in _files_in(self.root / INCOMING):
            named = _LEFTOVER.fullmatch(name)
            if named and age >= older_than_seconds:
                yield Leftover(name, f"{named[1]}/{named[2]}", size_bytes, age)

    def discard(self, leftover: Leftover) -> bool:
        """Remove a draft that `incoming_leftovers` gave; False when it is gone already."""
        try:
            (self.root / INCOMING / leftover.name).unlink()
        except FileNotFoundError:
            return False
        return True

    def free_bytes(self) -> int:
        """Bytes this process may still write on the store's disk, made or not yet made.

        0 where it may write nothing: no folder, or one of another account.
        """
        folder = next(each for each in (self.root, *self.root.parents) if each.exists())
        if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
            return 0
        disk = os.statvfs(folder)
        return disk.f_bavail * disk.f_frsize

    def _path(self, key: str) -> Path:
        return self.root / checked_key(key)


@contextmanager
def _explained(key: str = "") -> Iterator[None]:
    """Turn what the filesystem says into what a person can act on."""
    try:
        yield
    except FileExistsError as error:
        raise Refused("These bytes are stored already.", code="already_stored") from error
    except OSError as error:
        if key and error.errno in {errno.ENOENT, errno.ENOTDIR}:
            raise EvidenceMissing(
                "The bytes of this file are not in the evidence store. Restore them from a backup.",
                path=key,
            ) from error
        if error.errno in _NO_ROOM:
            raise full() from error
        raise Unreachable(f"The evidence store does not answer ({error.strerror}).") from error


def _make_folder(folder: Path) -> Path:
    """The folder, made with its parents (each flushed) when it was not there; modes stay."""
    if not folder.parent.exists():
        _make_folder(folder.parent)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return folder
    _flush_folder(folder.parent)
    return folder


def _publish(temporary: Path, final: Path) -> None:
    """Give the finished file its key, never over another, and flush the folder."""
    _make_folder(final.parent)
    try:
        os.link(temporary, final)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # A filesystem without hard links. Keys are made once, so nobody races for this one.
        if final.exists():
            raise FileExistsError(errno.EEXIST, "exists", str(final)) from error
        temporary.rename(final)
    try:
        _flush_folder(final.parent)
    except OSError:
        final.unlink(missing_ok=True)  # the caller is told that nothing was kept
        raise


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _files_in(folder: Path) -> Iterator[tuple[str, int, float]]:
    """Name, bytes and age in seconds of each file; files that vanish meanwhile are left out."""
    if not folder.is_dir():
        return
    now = time.time()
    with os.scandir(folder) as items:
        for item in items:
            try:
                facts = item.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            if item.is_file(follow_symlinks=False):
                yield item.name, facts.st_size, max(0.0, now - facts.st_mtime)
