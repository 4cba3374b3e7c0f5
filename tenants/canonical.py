"""One spelling of a value, so that equal contents have equal hashes, today and in ten years.

JSON with sorted keys, compact, UTF-8, nothing escaped that need not be. None and "" differ. Allowed
are text, whole numbers, truth values, None, lists, and dictionaries with text for keys; `plain`
turns the rest into these first. A float has no one spelling and is refused; so is a zero character,
which PostgreSQL does not keep.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID


def canonical(value: Any) -> bytes:
    """The one spelling. Raises TypeError for a kind of value, ValueError for a zero character."""
    spelled = json.dumps(
        plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return spelled.encode("utf-8")


def digest(value: Any) -> str:
    """SHA-256 of the one spelling, in hex."""
    return sha256(canonical(value)).hexdigest()


def plain(value: Any) -> Any:
    """The value in text, whole numbers, truth values, None, lists and dictionaries alone.

    A date as ISO, a moment in UTC to the microsecond, a decimal as it is scaled, a set in order.
    """
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError("a zero character has no place in a record")
        return str(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Mapping):
        return {_key(key): plain(each) for key, each in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain(each) for each in value), key=canonical)
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return _spelled(value)


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a key must be text, not {type(key).__name__}")
    return str(plain(key))


def _spelled(value: Any) -> str:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TypeError("a moment without a time zone has no one spelling")
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no one spelling")
