"""Filters as directories send them: comparisons for equality, joined by `and`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q

from tenants.errors import Invalid

COMPARISON = re.compile(
    r"""\s*(?P<name>[A-Za-z][\w.:$-]*(?:\[[^\]]*\](?:\.\w+)?)?)\s+(?P<operator>\w+)\s+
    (?P<value>"(?:[^"\\]|\\.)*"|true|false|null|-?\d+)\s*""",
    re.VERBOSE | re.IGNORECASE,
)
LONGEST = 1000
URN = re.compile(r"^urn:[\w:.]+:(?=[A-Za-z])", re.IGNORECASE)
TYPED = re.compile(r'\[type eq "\w+"\]', re.IGNORECASE)


def conditions(text: str, fields: Mapping[str, str]) -> Q:
    """`text` as a condition; `fields` maps lower-case attribute names to look-ups.

    Raises Invalid with `invalid_filter` for anything else than listed attributes and `eq`.
    """
    found, rest, first = Q(), text.strip(), True
    if len(rest) > LONGEST:
        raise _unfit("The filter is too long.")
    while rest:
        if not first:
            joined = re.match(r"and\b", rest, re.IGNORECASE)
            if joined is None:
                raise _unfit("Comparisons are joined by “and” only.")
            rest = rest[joined.end() :]
        match = COMPARISON.match(rest)
        if match is None:
            raise _unfit(f"“{rest[:60]}” is no comparison.")
        found &= _comparison(match["name"], match["operator"], match["value"], fields)
        rest, first = rest[match.end() :], False
    return found


def plain_name(name: str) -> str:
    """An attribute's name in lower case, without its schema and without a type in brackets."""
    return TYPED.sub("", URN.sub("", name)).lower()


def _comparison(name: str, operator: str, text: str, fields: Mapping[str, str]) -> Q:
    look_up = fields.get(plain_name(name))
    if look_up is None or operator.lower() != "eq":
        listed = ", ".join(sorted(fields))
        raise _unfit(f"“{name} {operator}” is not filtered by; there is eq of {listed}.")
    value: Any = json.loads(text.lower() if not text.startswith('"') else text, strict=True)
    if look_up.endswith("pk"):
        try:
            value = UUID(str(value))
        except ValueError:
            return Q(pk__in=())
    elif look_up == "is_active":
        value = str(value).lower() == "true"
    elif not isinstance(value, str) or "\x00" in value or not _is_text(value):
        raise _unfit(f"{name} is compared with a text.")
    return Q(**{look_up: value})


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unfit(message: str) -> Invalid:
    return Invalid(message, code="invalid_filter")
