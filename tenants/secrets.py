"""Secrets a person or program presents: random, checkable, stored only as a hash (API-1, AUT-8)."""

from __future__ import annotations

import hashlib
import secrets
import zlib
from dataclasses import dataclass

TOKEN_PREFIX = "tmk_"  # noqa: S105  (no secret: every token begins so)
INVITATION_PREFIX = "tmi_"
ADDRESS_PREFIX = "tme_"
PROVISIONING_PREFIX = "tmd_"
INTRODUCTION_PREFIX = "tmc_"
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz"


@dataclass(frozen=True, slots=True)
class Secret:
    """`text` is shown once; `hash` (SHA-256, hex) is what is kept; `hint` names it in lists."""

    text: str
    hash: str
    hint: str


def new_secret(prefix: str) -> Secret:
    """A fresh secret of 256 random bits with its prefix and a checksum of six letters."""
    body = secrets.token_urlsafe(32).replace("-", "x").replace("_", "y")
    text = prefix + body + _checksum(body)
    return Secret(text, hash_of(text), text[: len(prefix) + 4])


def looks_right(text: str, prefix: str) -> bool:
    """Whether `text` has the prefix and its checksum fits: typing errors never reach a query."""
    body = text[len(prefix) : -6]
    return text.startswith(prefix) and len(text) < 100 and text[-6:] == _checksum(body)


def hash_of(text: str) -> str:
    """What is kept of a secret. A secret of 256 random bits needs no slow hash."""
    return hashlib.sha256(text.encode()).hexdigest()


def _checksum(body: str) -> str:
    number, letters = zlib.crc32(body.encode()), ""
    for _ in range(6):
        number, rest = divmod(number, len(_ALPHABET))
        letters += _ALPHABET[rest]
    return letters
