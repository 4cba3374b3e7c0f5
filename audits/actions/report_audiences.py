"""Agreeing on who may receive the report (RT-15)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from audits.actions.keeping import keep_one
from audits.choices.choosing import OF_A_SOC1, Audience, Reader
from audits.models.report_audiences import ReportAudience
from audits.rules.scope import refuse_closed
from tenants import trail
from tenants.choices import ReportType
from tenants.errors import Invalid
from tenants.lifecycle import locked
from tenants.models import Engagement, User
from tenants.permissions import P, require
from tenants.rules.engagements import Terms

LONGEST = 4_000


def state(
    engagement: Engagement, audience: str, *, readers: Sequence[str] = (), recipients: str = "",
    by: User,
) -> ReportAudience:  # fmt: skip
    """State whom the report is for. readers: classes of `Reader`; recipients: further words.

    Raises PermissionDenied, Invalid (RT-15: the public reads a SOC 3 alone, no prospect a SOC 1),
    Refused once the work is over.
    """
    require(by, P.SET_SCOPE, engagement)
    with transaction.atomic():
        row = locked(engagement)
        refuse_closed(row.status)
        columns = _checked(row.report_type, audience, readers, recipients)
        held = keep_one(
            ReportAudience, row, report_type=row.report_type, **columns, stated_by=by,
            stated_at=timezone.now(),
        )  # fmt: skip
        trail.record("audience_stated", held, by=by, engagement_id=row.pk)
    return held


def begin_anew(engagement: Engagement, terms: Terms, by: User) -> None:
    """Another report has another audience: what was agreed goes with a line in the history."""
    if terms.report_type == engagement.report_type:
        return
    for held in ReportAudience.objects.filter(engagement=engagement):
        trail.record("audience_dropped", held, by=by, engagement_id=engagement.pk)
        held.delete()


def _checked(
    report_type: str, audience: str, readers: Sequence[str], recipients: str
) -> dict[str, Any]:
    report = ReportType(report_type).label
    if audience not in Audience.values:
        raise Invalid("Choose who may read the report.", code="choice", field="audience")
    if audience == Audience.PUBLIC and report_type != ReportType.SOC3:
        raise Invalid(
            f"RT-15: the public may read a SOC 3 alone; a {report} is for the readers named. "
            "Restrict it, or open a SOC 3 beside it.",
            code="public_report", field="audience",
        )  # fmt: skip
    chosen = list(dict.fromkeys(readers))
    unknown = [each for each in chosen if each not in Reader.values]
    if unknown:
        raise Invalid(f"“{unknown[0][:20]}” is no class of readers.", code="choice",
                      field="readers")  # fmt: skip
    strangers = [Reader(each).label for each in chosen if each not in OF_A_SOC1]
    if report_type == ReportType.SOC1 and strangers:
        raise Invalid(
            "RT-15: a SOC 1 is for management, user entities and their auditors, and not for: "
            f"{', '.join(strangers).lower()}.",
            code="readers_of_soc1", field="readers",
        )  # fmt: skip
    if audience == Audience.RESTRICTED and not chosen:
        raise Invalid("Choose at least one class of readers.", code="required", field="readers")
    said = recipients.strip()
    if len(said) > LONGEST or "\0" in said:
        raise Invalid(f"At most {LONGEST:,} characters fit.", code="too_long", field="recipients")
    public = audience == Audience.PUBLIC
    return {
        "audience": audience, "recipients": said,
        "readers": [] if public else [each for each in Reader if each in chosen],
    }  # fmt: skip
