"""Drawing sample items so that anybody can draw them again (SM-05, SM-06, SM-11).

For item i, k_i = SHA-256(seed | population's SHA-256 | item key); the items with the smallest k_i
are drawn, in that order. Seed and hash enter as lower-case hex text, the key as UTF-8 as given,
`|` between them; k_i are compared as bytes. `docs/domain/repeat-a-draw.py` does the same in ten
lines.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from hashlib import sha256
from heapq import nsmallest

Drawn = tuple[int, str]
"""The number of a row in its population, from 1, and its key."""


def drawn(
    keys: Iterable[bytes], seed: str, sha: str, count: int, *, but: Collection[int] = ()
) -> list[Drawn]:
    """The first `count` items of the ordered list, without the rows `but` that are in it already.

    keys: UTF-8, in the frozen order of the rows. Only the candidates are held in memory.
    """
    taken = frozenset(but)
    candidates = nsmallest(count + len(taken), _ranked(keys, seed, sha))
    left = [(row, key.decode()) for _, row, key in candidates if row not in taken]
    return left[:count]


def systematic(rows: int, seed: str, count: int) -> list[int]:
    """Rows, from 1, at even steps from a start the seed decides (SM-06), in the order drawn."""
    start = int.from_bytes(sha256(seed.encode()).digest(), "big") % rows
    return [(start + step * rows // count) % rows + 1 for step in range(count)]


def _ranked(keys: Iterable[bytes], seed: str, sha: str) -> Iterator[tuple[bytes, int, bytes]]:
    start = sha256(f"{seed}|{sha}|".encode())
    for row, key in enumerate(keys, start=1):
        item = start.copy()
        item.update(key)
        yield item.digest(), row, key
