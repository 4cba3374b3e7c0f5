"""The platform's signature (Ed25519): one key, in a file that its own account alone may read.

It says that a checkpoint came from here. What keeps a trail honest is that checkpoints lie outside.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def sign(message: bytes) -> bytes:
    """The signature over `message`: 64 bytes."""
    return _key().sign(message)


def public_key() -> bytes:
    """The public half: 32 bytes."""
    return _key().public_key().public_bytes_raw()


def _key() -> Ed25519PrivateKey:
    """The key, made at its first use. Raises ImproperlyConfigured for a file that is not one."""
    path = Path(settings.TRAIL_KEY_FILE)
    if not path.exists():
        _make(path)
    if path.stat().st_mode & 0o077:
        raise ImproperlyConfigured(f"{path} can be read by others: chmod 600 it.")
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ImproperlyConfigured(f"{path} holds no private key in PEM.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ImproperlyConfigured(f"{path} holds a key that is not Ed25519.")
    return key


def _make(path: Path) -> None:
    """Put a new key there, whole or not at all; of two processes one's key stays."""
    pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=".trail-key-") as draft:  # made with mode 600
        draft.write(pem)
        draft.flush()
        os.fsync(draft.fileno())
        try:
            os.link(draft.name, path)
        except FileExistsError:
            return
