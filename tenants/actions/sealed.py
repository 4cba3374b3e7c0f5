"""Sealing columns anew after `COLUMN_KEYS` got a new first key (DAT-3)."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt, encrypt


def _factors() -> int:
    """Seeds of authenticator apps and of recovery codes. Returns how many rows there were."""
    count = 0
    for row in Authenticator.objects.select_for_update().order_by("pk"):
        for name in {"secret", "seed"} & set(row.data):
            row.data[name] = encrypt(decrypt(row.data[name]))
            row.save(update_fields=["data"])
            count += 1
    return count


RESEAL: list[Callable[[], int]] = [_factors]
"""One for each kind of column; who adds a sealed column adds its own."""


def reseal() -> int:
    """Open each sealed column with any listed key and seal it with the first.

    Returns how many rows. Raises SealBroken for one that no listed key opens; nothing is changed
    then.
    """
    return sum(one() for one in RESEAL)
