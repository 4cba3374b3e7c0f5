"""Checking a report that the client made before a control's test rests on it (IPE)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone

from audits.actions.control_tests import of_control, refuse_anothers, refuse_phase
from audits.models import EngagementControl
from audits.models.control_tests import IpeCheck
from tenants import trail
from tenants.errors import Invalid
from tenants.lifecycle import changing
from tenants.models import User
from tenants.permissions import P, require

LIMITS: Final = {
    "report": 300, "source": 300, "query": 20_000, "run_by": 120, "completeness": 20_000,
    "accuracy": 20_000,
}  # fmt: skip
_MISSING: Final = {
    "report": "Name the report.",
    "source": "Name the system it comes from.",
    "run_by": "Name who ran it.",
    "completeness": "Say what shows that no row is missing.",
    "accuracy": "Say what shows that its rows are right.",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check says. source: the system; query: the parameters it was run with; run_at: when
    it was run; row_count: its rows; completeness and accuracy: what shows them."""

    report: str
    source: str
    run_by: str
    run_at: datetime
    row_count: int
    completeness: str
    accuracy: str
    query: str = ""


def write(control: EngagementControl, told: Checked, *, by: User) -> IpeCheck:
    """Write down the check of a report on which the control rests.

    Raises PermissionDenied, Invalid naming the field, also for a report that is checked already.
    """
    engagement = control.engagement
    require(by, P.PERFORM_TEST, engagement)
    refuse_anothers(of_control(control), by)
    refuse_phase(engagement)
    values = _fields(told)
    if IpeCheck.objects.filter(control=control, report=values["report"]).exists():
        raise Invalid(
            "This report is checked already. Correct that check.", code="checked_already",
            field="report",
        )  # fmt: skip
    with transaction.atomic():
        row: IpeCheck = IpeCheck.objects.create(
            engagement=engagement, control=control, done_by=by, **values
        )
        trail.record("checked", row, by=by, engagement_id=engagement.pk)
    return row


def correct(
    check: IpeCheck, told: Checked, *, by: User, version: int | None = None
) -> IpeCheck:  # fmt: skip
    """Write the check anew, as done by `by` now. Raises PermissionDenied, Invalid, StaleVersion."""
    require(by, P.PERFORM_TEST, check.engagement)
    refuse_anothers(check, by)
    refuse_phase(check.engagement)
    values = _fields(told)
    others = IpeCheck.objects.filter(control=check.control_id, report=values["report"])
    if others.exclude(pk=check.pk).exists():
        said = "Another check speaks of this report."
        raise Invalid(said, code="checked_already", field="report")
    with changing("checked", check, by=by, version=version) as row:
        for name, value in values.items():
            setattr(row, name, value)
        row.done_by, row.done_at = by, timezone.now()
    return check


def _fields(told: Checked) -> dict[str, object]:
    """The columns, without white space around them. Raises Invalid naming the field."""
    fields = asdict(told)
    for name, limit in LIMITS.items():
        text = fields[name] = str(fields[name]).strip()
        if not text and name in _MISSING:
            raise Invalid(_MISSING[name], code="required", field=name)
        if len(text) > limit or "\0" in text:
            raise Invalid(f"At most {limit:,} characters fit here.", code="too_long", field=name)
    if told.run_at > timezone.now():
        raise Invalid("It cannot have been run yet.", code="in_the_future", field="run_at")
    if not 0 <= told.row_count <= 2_000_000_000:
        raise Invalid("Count its rows.", code="count_unfit", field="row_count")
    return fields
