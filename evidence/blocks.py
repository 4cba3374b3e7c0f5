"""A stream written in reused blocks, each hashed and checked while the next one fills.

Three threads share the work: the caller's reads into a block and writes it out, one hashes the
whole stream, one does the checks the caller named. Each gets one piece of work for a block, and
blocks are used again, so that neither handing over nor fresh memory costs much
(docs/decisions/0019-reused-blocks.md).
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Self

from evidence.digests import CHUNK_BYTES, Fills, Writable

BLOCK_BYTES = CHUNK_BYTES // 2
BLOCKS = 16  # 8 MiB in all


@dataclass(slots=True)
class _Block:
    """Room for BLOCK_BYTES, the checks of what lies in it, and the work under way on it."""

    room: memoryview = field(default_factory=lambda: memoryview(bytearray(BLOCK_BYTES)))
    filled: int = 0
    checks: list[Callable[[], object]] = field(default_factory=list)
    under_way: list[Future[None]] = field(default_factory=list)

    def clear(self) -> None:
        """Make room again once nobody reads it. Raises what a check raised."""
        for work in self.under_way:
            work.result()
        self.filled, self.checks, self.under_way = 0, [], []


class HashedBlocks:
    """Takes bytes for `target` in order; use as a context, then call `finish`.

    What a check raises is raised a few blocks later, by `finish` at the latest. Leaving the
    context ends the threads, whatever happened.
    """

    def __init__(self, target: Writable) -> None:
        self.size_bytes = 0
        self._target = target
        self._whole = hashlib.sha256()
        self._blocks = deque(_Block() for _ in range(BLOCKS))  # the first one is being filled
        self._hashing = ThreadPoolExecutor(1, "whole-archive")
        self._checking = ThreadPoolExecutor(1, "each-file")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._hashing.shutdown(cancel_futures=True)
        self._checking.shutdown(cancel_futures=True)

    def put(self, data: bytes) -> None:
        """Take bytes at hand."""
        rest = memoryview(data)
        while rest:
            room = self._room()[: len(rest)]
            room[:] = rest[: len(room)]
            self._filled(len(room))
            rest = rest[len(room) :]

    def fill(self, stream: Fills) -> memoryview:
        """Take what one read gives, at most a block; a view of it, empty at the end.

        The view may be given to `check`; it is overwritten once the checks before and after
        it in the same block are done.
        """
        room = self._room()
        taken = room[: stream.readinto(room)]
        self._filled(len(taken))
        return taken

    def check(self, work: Callable[..., object], *given: object) -> None:
        """Have it done after all checks before it."""
        self._blocks[0].checks.append(partial(work, *given))

    def finish(self) -> str:
        """The SHA-256 of everything, in hex, when all is written and every check was passed."""
        self._send()
        for block in self._blocks:
            block.clear()
        return self._whole.hexdigest()

    def _room(self) -> memoryview:
        if self._blocks[0].filled == BLOCK_BYTES:
            self._send()
        return self._blocks[0].room[self._blocks[0].filled :]

    def _filled(self, size_bytes: int) -> None:
        self._blocks[0].filled += size_bytes
        self.size_bytes += size_bytes

    def _send(self) -> None:
        """Write the block that is filled, have it hashed and checked, and turn to the next."""
        block = self._blocks[0]
        piece = block.room[: block.filled]
        block.under_way = [
            self._hashing.submit(self._whole.update, piece),
            self._checking.submit(_all_done, block.checks),
        ]
        self._target.write(piece)
        self._blocks.rotate(-1)
        self._blocks[0].clear()


def _all_done(checks: list[Callable[[], object]]) -> None:
    for check in checks:
        check()
