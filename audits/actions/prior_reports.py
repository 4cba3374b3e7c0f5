"""Stating which report came before this one (RT-14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from audits.actions.keeping import keep_one
from audits.models.prior_reports import PriorReport
from tenants import trail
from tenants.choices import OVER, ExamType, ReportType
from tenants.errors import Invalid, NotVisible, Refused
from tenants.lifecycle import locked
from tenants.models import Engagement, User
from tenants.permissions import P, require
from tenants.queries.engagements import terms_of
from tenants.rules.engagements import Terms, check_dates


@dataclass(frozen=True, slots=True)
class Stated:
    """The last report on the same system: a Type 1 as of a day, a Type 2 over a period."""

    report_type: str
    exam_type: str
    firm_name: str = ""
    as_of: date | None = None
    period_start: date | None = None
    period_end: date | None = None


def state(
    engagement: Engagement, stated: Stated | None = None, *, prior: Engagement | None = None,
    by: User,
) -> PriorReport:  # fmt: skip
    """State the report before this one: with its dates, as an engagement in sight, or none.

    `prior` lends its own type and dates. Raises PermissionDenied, Invalid naming the field,
    NotVisible for an engagement out of sight or of another client, Refused once the work is over.
    """
    require(by, P.SET_SCOPE, engagement)
    if prior is not None:
        stated = _of(engagement, prior, by)
    columns: dict[str, Any] = {"none_before": stated is None, "prior": prior, **_checked(stated)}
    with transaction.atomic():
        row = locked(engagement)
        if row.status in OVER:
            raise Refused("The work on this engagement has ended.", code="engagement_closed")
        held = keep_one(
            PriorReport, row, client_id=row.client_id, **columns, stated_by=by,
            stated_at=timezone.now(),
        )  # fmt: skip
        trail.record("prior_stated", held, by=by, engagement_id=row.pk)
    return held


def _of(engagement: Engagement, prior: Engagement, by: User) -> Stated:
    rows = Engagement.objects.visible_to(by).filter(client_id=engagement.client_id)
    if prior.pk == engagement.pk or not rows.filter(pk=prior.pk).exists():
        raise NotVisible("There is no such engagement of this client, or it is not shown to you.")
    terms = terms_of(prior)
    return Stated(
        terms.report_type, terms.exam_type, prior.firm.name, terms.as_of, terms.period_start,
        terms.period_end,
    )  # fmt: skip


def _checked(stated: Stated | None) -> dict[str, Any]:
    if stated is None:
        names = ("firm_name", "report_type", "exam_type")
        return {**dict.fromkeys(names, ""), "as_of": None, "period_start": None, "period_end": None}
    if stated.report_type not in ReportType.values:
        raise Invalid(
            "Choose which report it was.", code="report_type_unknown", field="report_type"
        )
    if stated.exam_type not in ExamType.values:
        raise Invalid("Choose Type 1 or Type 2.", code="exam_type_unknown", field="exam_type")
    name = " ".join(stated.firm_name.split())
    if not name:
        raise Invalid("Name the firm that gave it.", code="required", field="firm_name")
    if len(name) > 120 or "\0" in name:
        raise Invalid("At most 120 characters fit.", code="too_long", field="firm_name")
    check_dates(Terms(
        stated.report_type, stated.exam_type, (), stated.as_of, stated.period_start,
        stated.period_end,
    ))  # fmt: skip
    return {
        "firm_name": name, "report_type": stated.report_type, "exam_type": stated.exam_type,
        "as_of": stated.as_of, "period_start": stated.period_start,
        "period_end": stated.period_end,
    }  # fmt: skip
