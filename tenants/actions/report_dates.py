"""The date of a report: not before the evidence is in, the reviews are done, the letters dated."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.utils import timezone

from tenants.choices import EngagementStatus as S
from tenants.errors import Invalid, Refused
from tenants.lifecycle import changing
from tenants.models import Engagement, User
from tenants.permissions import P, require

BEFORE_REPORT_DATE: list[Callable[[Engagement, date], str]] = []
"""A higher app adds why a report may not be dated so; an empty answer lets it (SO-03)."""


def set_report_date(
    engagement: Engagement, on: date, *, by: User, version: int | None = None
) -> Engagement:
    """The day as of which the partner stands by the report; letters are dated the same.

    Raises PermissionDenied, Refused outside reporting or while a rule of `BEFORE_REPORT_DATE`
    stands against it, Invalid for a day in the future or inside the period.
    """
    require(by, P.RELEASE_REPORT, engagement)
    if engagement.status != S.REPORTING:
        raise Refused("A report is dated while it is in reporting.", code="not_in_reporting")
    if on > timezone.localdate(timezone=engagement.client.zone):
        raise Invalid("A report is not dated ahead.", code="date_ahead", field="report_date")
    _after_what_it_covers(engagement, on)
    for stands_against in BEFORE_REPORT_DATE:
        if reason := stands_against(engagement, on):
            raise Refused(reason, code="report_date_refused", field="report_date")
    with changing("report_dated", engagement, by=by, version=version,
                  detail={"report_date": on.isoformat()}) as row:  # fmt: skip
        row.report_date = on
    return engagement


def _after_what_it_covers(engagement: Engagement, on: date) -> None:
    last = engagement.period_end or engagement.as_of
    if last and (on < last or on == engagement.period_end):
        raise Invalid(
            f"The report is dated after {last:%B} {last.day}, {last.year}, when what it covers has "
            "ended.",
            code="date_too_early", field="report_date",
        )  # fmt: skip
