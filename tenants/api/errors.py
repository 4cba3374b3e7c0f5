"""Refusals that only a program meets: conditional requests and idempotency keys."""

from __future__ import annotations

from tenants.errors import GrcError, Invalid, Refused


class VersionMissing(GrcError):
    """A change without If-Match (API-5)."""

    status = 428
    code = "version_required"


class KeyMissing(Invalid):
    """A POST that creates or triggers, without an Idempotency-Key (API-4)."""

    code = "idempotency_key_required"


class KeyUsed(GrcError):
    """The Idempotency-Key was used before, with another body (API-4)."""

    status = 422
    code = "idempotency_key_reused"


class KeyBusy(Refused):
    """The first request with this Idempotency-Key has not been answered yet (API-4)."""

    code = "idempotency_key_busy"


class LengthMissing(GrcError):
    """A raw body that does not say how long it is."""

    status = 411
    code = "length_required"


class TooLarge(GrcError):
    """A body above the limit."""

    status = 413
    code = "too_large"
