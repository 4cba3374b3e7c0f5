"""The SHA-256 a sender declares for what it sends (RFC 9530)."""

from __future__ import annotations

import base64
import binascii
import re

from tenants.errors import Invalid

FIELD = "Content-Digest"
_MEMBER = re.compile(r"([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]*={0,2}):")
_BYTES = 32


def declared_sha256(header: str) -> str | None:
    """SHA-256 in hex from a Content-Digest header; None when it names none.

    Other algorithms beside it are passed over. Raises Invalid for a header that cannot be read.
    """
    found = None
    for part in filter(None, (each.strip() for each in header.split(","))):
        member = _MEMBER.fullmatch(part)
        if member is None:
            raise _malformed()
        if member[1] == "sha-256":
            found = _hex(member[2])
    return found


def _hex(text: str) -> str:
    try:
        digest = base64.b64decode(text, validate=True)
    except binascii.Error as wrong:
        raise _malformed() from wrong
    if len(digest) != _BYTES:
        raise _malformed()
    return digest.hex()


def _malformed() -> Invalid:
    return Invalid(
        "Content-Digest: write sha-256=:…: with the 32 bytes in base64 between the colons.",
        code="content_digest_malformed", field=FIELD,
    )  # fmt: skip
