"""Whether a file's dates fit what a request asks for (soc.md, section 16, freshness)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

AROUND_AS_OF = timedelta(days=30)
"""A configuration shows a Type 1 date when it was captured this close to it."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a file speaks for: a span, or the day it was captured; and until when it holds."""

    covers_from: date | None = None
    covers_to: date | None = None
    captured_on: date | None = None
    expires_on: date | None = None

    @property
    def is_stated(self) -> bool:
        """Whether anybody has said what the file covers."""
        return bool(self.covers_from or self.covers_to or self.captured_on)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What must be covered: a span, or one date. Local dates of the client, both ends count."""

    first: date | None = None
    last: date | None = None
    as_of: date | None = None


def problem(coverage: Coverage, wanted: Wanted) -> str:
    """Why the file does not fit, in a sentence; empty when it does or nothing is asked."""
    if not coverage.is_stated:
        return "say which dates it covers"
    if wanted.as_of:
        return _around(coverage, wanted.as_of)
    if not wanted.first or not wanted.last:
        return ""
    if coverage.expires_on and coverage.expires_on < wanted.first:
        return f"it expired on {coverage.expires_on}, before the period"
    start, end = _span(coverage)
    if end < wanted.first or start > wanted.last:
        return f"it covers {start} to {end}, outside {wanted.first} to {wanted.last}"
    return ""


def _around(coverage: Coverage, as_of: date) -> str:
    start, end = _span(coverage)
    if coverage.expires_on and coverage.expires_on < as_of:
        return f"it expired on {coverage.expires_on}, before {as_of}"
    if start - AROUND_AS_OF <= as_of <= end + AROUND_AS_OF:
        return ""
    return f"it shows {start} to {end}, more than {AROUND_AS_OF.days} days from {as_of}"


def _span(coverage: Coverage) -> tuple[date, date]:
    start = coverage.covers_from or coverage.captured_on or coverage.covers_to
    end = coverage.covers_to or coverage.captured_on or coverage.covers_from
    if start is None or end is None:
        raise ValueError("nothing is said of what it covers")
    return start, end
