"""JSON in, strictly (API-9); JSON out, fast."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import IO, Any, NoReturn

import orjson
from django.conf import settings
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from tenants.api.errors import TooLarge
from tenants.errors import Invalid

DEEPEST = 32
LARGEST = 2**53 - 1
"""The largest whole number every JSON reader reads exactly."""


class StrictJsonParser(BaseParser):
    """Reads a body no two programs could read differently.

    Refuses duplicate keys, nesting over 32, numbers out of range, NaN, NUL, lone surrogates and
    anything but UTF-8.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The value of the body. Raises Invalid, TooLarge."""
        body = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise TooLarge("The request's body is too large for this.")
        return read_json(body)


class JsonRenderer(BaseRenderer):
    """Writes JSON with orjson: moments in UTC with Z, decimals as text."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The body; empty for an answer without one."""
        return b"" if data is None else to_json(data)


def to_json(data: Any) -> bytes:
    """`data` as JSON in UTF-8."""
    return orjson.dumps(data, default=_plain, option=orjson.OPT_UTC_Z)


def read_json(body: bytes) -> Any:
    """The value in `body`. Raises Invalid with what is wrong with it."""
    try:
        value = json.loads(
            body.decode("utf-8"), object_pairs_hook=_object, parse_constant=_not_a_number,
            parse_float=_float, parse_int=_int,
        )  # fmt: skip
    except UnicodeDecodeError as wrong:
        raise _malformed("The body is not UTF-8.") from wrong
    except json.JSONDecodeError as wrong:
        place = f"line {wrong.lineno}, column {wrong.colno}"
        raise _malformed(f"The body is no JSON: {wrong.msg} at {place}.") from wrong
    except RecursionError as wrong:
        raise _too_deep() from wrong
    _check(value)
    return value


def is_clean(text: str) -> bool:
    """Whether `text` has neither NUL nor half a surrogate pair: PostgreSQL can hold it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text


def _check(value: Any) -> None:
    """Walk all of `value` without recursion. Raises Invalid."""
    waiting = [(value, 1)]
    while waiting:
        item, depth = waiting.pop()
        if isinstance(item, str):
            if not is_clean(item):
                raise _malformed("The body holds NUL or half a surrogate pair; no text has those.")
        elif isinstance(item, dict | list):
            if depth > DEEPEST:
                raise _too_deep()
            below = [*item, *item.values()] if isinstance(item, dict) else item
            waiting.extend((each, depth + 1) for each in below)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _malformed("The body names the same key twice in one object.", "duplicate_key")
    return found


def _not_a_number(word: str) -> NoReturn:
    raise _malformed(f"{word} is no JSON number.")


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _malformed("A number is out of range.", "number_out_of_range")
    return value


def _int(text: str) -> int:
    if len(text) > 17 or abs(value := int(text)) > LARGEST:
        raise _malformed("A number is out of range.", "number_out_of_range")
    return value


def _malformed(message: str, code: str = "malformed") -> Invalid:
    return Invalid(message, code=code)


def _too_deep() -> Invalid:
    return _malformed(f"The body is nested deeper than {DEEPEST} levels.", "too_deep")


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)
