"""Staff write down when a control ran, a senior accepts that and draws (SM-01, SM-05).

For tests of operation that have nothing to draw from yet; an automated control is tested once for
each configuration (TP-06) and has no population.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final

from django.utils import timezone

from audits.actions import populations, samples
from audits.actions.populations import Told
from audits.actions.samples import Choice
from audits.choices.populations import PopulationPart, PopulationStatus
from audits.choices.testing import TestKind, TestStatus
from audits.models.control_tests import ControlTest
from audits.models.populations import Population
from audits.rules.population_rows import Layout
from grc.sample.cures import Cast
from tenants.choices import EngagementStatus, Role
from tenants.models import Engagement

RUNS: Final = {
    "annual": 1, "semiannual": 2, "quarterly": 4, "monthly": 12, "weekly": 52, "daily": 250,
    "multiple_daily": 400, "event_driven": 90,
}  # fmt: skip
"""How often a control of a frequency ran in a year."""


def cure(cast: Cast, engagement: Engagement) -> None:
    """In fieldwork: write in, accept, draw."""
    if engagement.status != EngagementStatus.FIELDWORK:
        return
    with cast.acting_as(engagement, Role.STAFF) as by:
        tests = ControlTest.objects.filter(
            engagement=engagement, kind=TestKind.OPERATION, populations=None,
            status__in=(TestStatus.APPROVED, TestStatus.PERFORMING),
            covers_to__lt=timezone.localdate(timezone=engagement.client.zone),
        )  # fmt: skip
        for test in tests.select_related("control__engagement", "engagement__client"):
            told = _told(test)
            if test.control.frequency in RUNS and test.control.nature != "automated":
                populations.write_in(test, told, _rows(test), by=by)
    with cast.acting_as(engagement, Role.SENIOR) as by:
        rows = Population.objects.filter(engagement=engagement)
        for row in rows.filter(status=PopulationStatus.READY):
            populations.accept(
                row, by=by, counted=row.row_count,
                completeness="The same number of runs in the calendar of the system.",
                accuracy="Three rows traced to their records; nothing differed.",
            )  # fmt: skip
        for row in rows.filter(
            status=PopulationStatus.ACCEPTED, row_count__gt=0, samples__isnull=True
        ):
            samples.draw(row, Choice(), by=by)


def _told(test: ControlTest) -> Told:
    """What is told of the runs: from the system's own record, made once its time was over."""
    place = test.engagement
    start, end = test.covers_from or date.min, test.covers_to or date.max
    if start == place.period_start and end == place.period_end:
        part = PopulationPart.WHOLE
    else:
        part = PopulationPart.INTERIM if end != place.period_end else PopulationPart.REMAINING
    after = datetime.combine(end + timedelta(days=1), time(12), tzinfo=place.client.zone)
    return Told(
        part=part, covers=(start, end), unit="one run of the control",
        source="The record of runs kept by the control’s owner",
        query="Every run in the period, by day", run_by=test.control.owner_role,
        run_at=min(after, timezone.now()), layout=Layout(("Run",), "Day"),
    )  # fmt: skip


def _rows(test: ControlTest) -> str:
    """A run every so many days, over the time the test covers."""
    start, end = test.covers_from or date.min, test.covers_to or date.max
    days = (end - start).days
    count = max(1, RUNS[test.control.frequency] * days // 365)
    lines = [
        f"{test.control.ref}-{number + 1:03d},{start + timedelta(days=number * days // count)}"
        for number in range(count)
    ]
    return "\n".join(["Run,Day", *lines])
