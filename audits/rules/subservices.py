"""How far a subservice organization's own report covers the time of ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Protocol

from tenants.choices import ExamType
from tenants.errors import Invalid

LONGEST_BRIDGE: Final = 92
"""Days a bridge letter usually speaks for at most (soc.md, section 3)."""


class Terms(Protocol):
    """When an engagement looks."""

    exam_type: str
    as_of: date | None
    period_start: date | None
    period_end: date | None


@dataclass(frozen=True, slots=True)
class Cover:
    """Days of our time that no report of theirs covers. `bridged`: of those after it, by a letter.

    `bridge_days`: for how many days the letter speaks; more than 92 is unusual.
    """

    before: int
    after: int
    bridged: int
    bridge_days: int

    @property
    def open_days(self) -> int:
        """Days that neither report nor letter speaks for."""
        return self.before + self.after - self.bridged

    @property
    def long_bridge(self) -> bool:
        """Whether the letter speaks for longer than such letters do."""
        return self.bridge_days > LONGEST_BRIDGE


def cover(
    terms: Terms, report_from: date | None, report_to: date | None, bridge_to: date | None
) -> Cover | None:
    """How their report, and a letter after it, cover our time; None without a report or terms.

    For a Type 1 our time is its one day.
    """
    on_a_day = terms.exam_type == ExamType.TYPE_1
    start = terms.as_of if on_a_day else terms.period_start
    end = terms.as_of if on_a_day else terms.period_end
    if not (start and end and report_from and report_to):
        return None
    before = max(0, (min(report_from, end + timedelta(1)) - start).days)
    first_after = max(report_to + timedelta(1), start)
    after = max(0, (end - first_after).days + 1)
    spoken = bridge_to or report_to
    bridged = min(after, max(0, (min(spoken, end) - first_after).days + 1))
    return Cover(before, after, bridged, (spoken - report_to).days)


def check_dates(report_from: date | None, report_to: date | None, bridge_to: date | None) -> None:
    """Raise Invalid naming the date that does not follow the one before it."""
    if (report_from is None) != (report_to is None):
        raise Invalid("Give both the first and the last day of its report, or neither.",
                      code="report_dates", field="report_to")  # fmt: skip
    if report_from and report_to and report_to < report_from:
        raise Invalid("The report ends before it begins.", code="report_dates", field="report_to")
    if bridge_to and (report_to is None or bridge_to <= report_to):
        raise Invalid("A bridge letter speaks for days after the report it bridges from.",
                      code="bridge_date", field="bridge_to")  # fmt: skip
