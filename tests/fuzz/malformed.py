"""Bodies no program should send, made of one that it might (API-9)."""

from __future__ import annotations

import json
import random
from typing import Any

WAYS = {
    "cut off": lambda text, _: text[: len(text) // 2].encode(),
    "the same key twice": lambda text, _: (
        text[:-1] + ("," if len(text) > 2 else "") + '"note":1,"note":2}'
    ).encode(),
    "nested too deep": lambda text, _: b'{"note":' * 40 + b"1" + b"}" * 40,
    "very deep": lambda text, _: b"[" * 100_000,
    "a NUL": lambda text, _: b'{"note": "a\\u0000b", "title": "\\u0000"}',
    "half a pair": lambda text, _: b'{"note": "\\ud800", "title": "\\udfff"}',
    "no UTF-8": lambda text, _: b'{"note": "\xff\xfe"}',
    "not a number": lambda text, _: b'{"note": NaN, "limit": Infinity}',
    "a huge number": lambda text, _: b'{"version": 1e400, "due_in": 99999999999999999999999}',
    "no object": lambda text, chance: chance.choice([b"[]", b"null", b'"x"', b"17", b"true"]),
    "nothing": lambda text, _: b"",
    "noise": lambda text, chance: chance.randbytes(64),
    "a long text": lambda text, _: json.dumps(
        {"note": "x" * 300_000, "title": "y" * 9_000}
    ).encode(),
}


def malformed(chance: random.Random, body: Any) -> bytes:
    """Bytes made of `body` in one of the ways, sent as JSON."""
    try:
        text = json.dumps(body)
    except (TypeError, ValueError):
        text = "{}"
    if not text.startswith("{"):
        text = "{}"
    made: bytes = chance.choice(list(WAYS.values()))(text, chance)
    return made
