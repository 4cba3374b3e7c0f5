"""SHA-256 and CRC-32 of a stream, computed beside the thread that moves the bytes."""

from __future__ import annotations

import hashlib
import zlib
from queue import Queue
from threading import Thread
from types import TracebackType
from typing import Protocol, Self

CHUNK_BYTES = 1 << 20
QUEUED_CHUNKS = 8  # at most 8 MiB wait to be hashed
INLINE_BYTES = 4 * CHUNK_BYTES  # below this a second thread costs more than it saves


class Readable(Protocol):
    """Anything that gives bytes: a file, a request body, an object in a bucket."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes; fewer when no more are at hand; none at the end."""


class Fills(Protocol):
    """Anything that puts its bytes where it is told: an open file, bytes in memory."""

    def readinto(self, room: memoryview, /) -> int:
        """Put at most `len(room)` bytes there, and say how many; 0 at the end."""


class Writable(Protocol):
    """Anything that takes bytes in order."""

    def write(self, data: bytes | memoryview, /) -> object:
        """Take all of `data`, which is overwritten later: what is kept must be a copy."""


class StreamHash:
    """Running SHA-256 and CRC-32 of chunks; use as a context, then call `finish`.

    hashlib lets go of the interpreter while it works, so the second thread really runs
    beside reading and writing. Leaving the context ends the thread, whatever happened.
    """

    def __init__(self) -> None:
        self.size_bytes = 0
        self.crc32 = 0
        self._sha256 = hashlib.sha256()
        self._chunks: Queue[bytes | None]  # made with the thread that empties it
        self._thread: Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._join()

    def update(self, chunk: bytes) -> None:
        """Take one chunk; waits while QUEUED_CHUNKS are not hashed yet."""
        self.size_bytes += len(chunk)
        if self._thread is None:
            if self.size_bytes <= INLINE_BYTES:
                self._hash(chunk)
                return
            self._chunks = Queue(QUEUED_CHUNKS)
            self._thread = Thread(target=self._work, name="stream-hash", daemon=True)
            self._thread.start()
        self._chunks.put(chunk)

    def finish(self) -> str:
        """The SHA-256 of everything taken, in hex; `crc32` and `size_bytes` are final too."""
        self._join()
        return self._sha256.hexdigest()

    def _hash(self, chunk: bytes) -> None:
        self._sha256.update(chunk)
        self.crc32 = zlib.crc32(chunk, self.crc32)

    def _work(self) -> None:
        while (chunk := self._chunks.get()) is not None:
            self._hash(chunk)

    def _join(self) -> None:
        if self._thread is not None:
            self._chunks.put(None)
            self._thread.join()
            self._thread = None
