"""Which bytes of a download a browser asks for (RFC 9110, section 14; UPL-15)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ONE = re.compile(r"(\d{0,19})-(\d{0,19})")


class RangeRefused(ValueError):
    """No byte of the file is in the range, or more than one range was asked for."""


@dataclass(frozen=True, slots=True)
class Span:
    """`length` bytes from `start`."""

    start: int
    length: int

    def of(self, size_bytes: int) -> str:
        """The Content-Range header of an answer with this span."""
        return f"bytes {self.start}-{self.start + self.length - 1}/{size_bytes}"


def asked_span(header: str, size_bytes: int) -> Span | None:
    """The one span that the Range header `header` asks for, or None: give the whole file.

    Another unit, or what cannot be read, counts as not asked. Raises RangeRefused for a span
    outside the file and for a set of ranges: a set can multiply the work without end.
    """
    unit, equals, spec = header.partition("=")
    if not equals or unit.strip().lower() != "bytes":
        return None
    if "," in spec:
        raise RangeRefused("one range at a time")
    asked = _ONE.fullmatch(spec.strip())
    if asked is None or not (asked[1] or asked[2]):
        return None
    if not asked[1]:
        start, end = max(0, size_bytes - int(asked[2])), size_bytes - 1
    else:
        start, end = int(asked[1]), min(int(asked[2] or size_bytes), size_bytes - 1)
        if asked[2] and int(asked[2]) < start:
            return None
    if start > end:
        raise RangeRefused("outside the file")
    return Span(start, end - start + 1)


def names_tag(header: str, tag: str) -> bool:
    """Whether an If-None-Match header holds the quoted `tag`, or is a star."""
    found = [each.strip().removeprefix("W/") for each in header.split(",")]
    return tag in found or "*" in found
