"""PATCH as RFC 7644 and the big identity providers have it: a list of operations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tenants.errors import Invalid
from tenants.scim.filters import plain_name

PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
MOST = 1000
MEMBER = re.compile(r'^members\[\s*value\s+eq\s+"([^"]*)"\s*\]$', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Operation:
    """One change: `name` is the attribute in lower case; `member` the one in `members[…]`."""

    kind: str
    name: str
    value: Any = None
    member: str = ""


def operations(body: Mapping[str, Any]) -> Iterator[Operation]:
    """The changes of a PATCH body, one attribute each. Raises Invalid.

    Without a path the value's attributes are changed one by one; `op` in any case, as Entra ID
    writes it.
    """
    given = next((value for name, value in body.items() if name.lower() == "operations"), None)
    if not isinstance(given, list) or not 1 <= len(given) <= MOST:
        raise Invalid("Send a list of Operations.", code="invalid_syntax")
    for each in given:
        if not isinstance(each, Mapping):
            raise Invalid("An operation is an object.", code="invalid_syntax")
        yield from _of_one({str(name).lower(): value for name, value in each.items()})


def _of_one(each: Mapping[str, Any]) -> Iterator[Operation]:
    kind, path, value = str(each.get("op", "")).lower(), each.get("path"), each.get("value")
    if kind not in ("add", "replace", "remove"):
        raise Invalid("op is add, replace or remove.", code="invalid_syntax")
    if path is not None and not isinstance(path, str):
        raise Invalid("path is a text.", code="invalid_path")
    if not path:
        if kind == "remove":
            raise Invalid("remove needs a path.", code="no_target")
        if not isinstance(value, Mapping):
            raise Invalid("Without a path, value is an object.", code="invalid_value")
        for name, inner in flat(value):
            yield Operation(kind, name, inner)
    elif match := MEMBER.match(path.strip()):
        yield Operation(kind, "members", value, match[1])
    elif isinstance(value, Mapping) and kind != "remove":
        for name, inner in flat({path: value}):
            yield Operation(kind, name, inner)
    else:
        yield Operation(kind, plain_name(path.strip()), value)


def flat(value: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """(attribute in lower case, value): parts of complex attributes dotted, schemas left out."""
    for name, inner in value.items():
        if isinstance(inner, Mapping):
            prefix = "" if name.lower().startswith("urn:") else f"{plain_name(name)}."
            for below, leaf in flat(inner):
                yield prefix + below, leaf
        else:
            yield plain_name(name), inner
