"""Proofs over a tree of hashes (RFC 9162, 2.1.3 and 2.1.4); `trail_verifier` checks them."""

from __future__ import annotations

from collections.abc import Iterable

from tenants.trail_verifier import node_hash

WIDE = 32  # bytes of a hash


class Levels:
    """Every full subtree of a tree, so that any number of proofs costs one pass over its leaves.

    It holds 64 bytes a leaf: the hashes of each level lie one after the other.
    """

    def __init__(self, leaves: Iterable[bytes]) -> None:
        below = bytearray().join(leaves)
        self.size = len(below) // WIDE
        self._levels = [below]
        while len(below) > WIDE:
            pairs = range(0, len(below) - WIDE, 2 * WIDE)  # an odd one at the end is no pair
            below = bytearray().join(
                node_hash(bytes(below[at : at + WIDE]), bytes(below[at + WIDE : at + 2 * WIDE]))
                for at in pairs
            )
            self._levels.append(below)

    def root(self, size: int | None = None) -> bytes:
        """The root over the first `size` leaves (all when None), at least one."""
        return self._subtree(0, self.size if size is None else size)

    def inclusion(self, number: int, size: int | None = None) -> list[bytes]:
        """The path from leaf `number` (from 0) to the root over the first `size` leaves.

        Raises ValueError for a leaf that is not among them.
        """
        size = self.size if size is None else size
        if not 0 <= number < size <= self.size:
            raise ValueError(f"no leaf {number} in a tree of {size}")
        path, start, end = [], 0, size
        while end - start > 1:
            middle = start + _half(end - start)
            if number < middle:
                path.append(self._subtree(middle, end))
                end = middle
            else:
                path.append(self._subtree(start, middle))
                start = middle
        return path[::-1]

    def consistency(self, first: int, second: int) -> list[bytes]:
        """That the tree of `second` leaves begins with the tree of `first`.

        Raises ValueError unless 0 < first <= second <= size.
        """
        if not 0 < first <= second <= self.size:
            raise ValueError(f"no trees of {first} and {second} leaves")
        path, start, end, known = [], 0, second, True
        while first != end:
            middle = start + _half(end - start)
            if first <= middle:
                path.append(self._subtree(middle, end))
                end = middle
            else:
                path.append(self._subtree(start, middle))
                start, known = middle, False
        return ([] if known else [self._subtree(start, end)]) + path[::-1]

    def _subtree(self, start: int, end: int) -> bytes:
        size = end - start
        if size & (size - 1) == 0:
            at = start // size * WIDE
            return bytes(self._levels[size.bit_length() - 1][at : at + WIDE])
        middle = start + _half(size)
        return node_hash(self._subtree(start, middle), self._subtree(middle, end))


def _half(size: int) -> int:
    """The largest power of two below `size` (at least 2)."""
    return 1 << (size - 1).bit_length() - 1
