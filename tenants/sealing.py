"""Sealing small secrets for a column: TOTP seeds, recovery codes, sessions (DAT-3).

`settings.COLUMN_KEYS` lists keys, the newest first: the first one seals, each of them opens. So a
key is changed by putting a new one in front, running `manage.py reseal_columns`, and taking the
old one away.
"""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class SealBroken(ValueError):
    """The text was sealed with a key that is not listed, for another purpose, or was changed."""


def seal(text: str, purpose: str) -> str:
    """Encrypt and authenticate `text`; it opens for the same purpose only."""
    return _keys(purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, purpose: str) -> str:
    """The text that was sealed. Raises SealBroken."""
    try:
        return _keys(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken as broken:
        raise SealBroken(f"A sealed column ({purpose}) does not open.") from broken


def _keys(purpose: str) -> MultiFernet:
    return _derived(tuple(settings.COLUMN_KEYS), purpose)


@lru_cache(maxsize=32)
def _derived(keys: tuple[str, ...], purpose: str) -> MultiFernet:
    return MultiFernet([Fernet(_derive(key, purpose)) for key in keys])


def _derive(key: str, purpose: str) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"column:{purpose}".encode())
    return base64.urlsafe_b64encode(derivation.derive(key.encode()))
