"""Choosing the report: the questionnaire, engagements opened from it, and a partner's override."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from audits.actions.keeping import keep_one
from audits.models.report_advice import ReportAdvice
from audits.rules import report_advice as rules
from audits.rules.report_advice import Answers
from tenants import trail
from tenants.actions.engagements import open_engagement
from tenants.choices import EngagementKind, EngagementStatus
from tenants.errors import Invalid, Refused
from tenants.lifecycle import changing, locked
from tenants.models import Engagement, Organization, User
from tenants.permissions import P, require
from tenants.queries.engagements import terms_of
from tenants.rules.engagements import Terms

LONGEST = 4_000


@dataclass(frozen=True, slots=True)
class NewEngagement:
    """One engagement to open: what both sides call it, and its terms."""

    title: str
    terms: Terms
    fieldwork_ends_on: date | None = None


def open_advised(
    firm: Organization, client: Organization, *, answers: Answers, chosen: Sequence[NewEngagement],
    by: User, independent: bool,
) -> list[Engagement]:  # fmt: skip
    """Open an engagement for each report that was chosen; the answers are kept with each.

    Several reports of one client are several engagements over one library (soc.md, section 5).
    All or none. Raises PermissionDenied, Invalid naming rule and field (`chosen.0.period_end`).
    """
    require(by, P.OPEN_ENGAGEMENT, firm)
    if not chosen:
        raise Invalid("Choose at least one report.", code="nothing_chosen", field="chosen")
    opened = []
    with transaction.atomic():
        for at, new in enumerate(chosen):
            try:
                row = open_engagement(
                    firm, client, title=new.title, terms=new.terms, by=by, independent=independent,
                    fieldwork_ends_on=new.fieldwork_ends_on,
                )  # fmt: skip
            except Invalid as refused:
                field = refused.field
                if field not in ("independent", "client"):
                    field = f"chosen.{at}.{field}".rstrip(".")
                raise Invalid(refused.message, code=refused.code, field=field) from refused
            answer(row, answers, by=by)
            opened.append(row)
    return opened


def answer(engagement: Engagement, answers: Answers, *, by: User) -> ReportAdvice:
    """Keep the answers and what they point to with the engagement, as it is until acceptance ends.

    Answers given anew take an override away. Raises PermissionDenied, Refused for a readiness
    assessment and once the types are frozen (RT-01).
    """
    require(by, P.SET_SCOPE, engagement)
    with transaction.atomic():
        row = locked(engagement)
        _refuse_late(row)
        terms, recommended = terms_of(row), rules.recommend(answers)
        advice = keep_one(
            ReportAdvice, row, answers=asdict(answers), recommended=rules.as_kept(recommended),
            chosen=rules.chosen_of(terms), differs=bool(rules.difference(recommended, terms)),
            override_reason="", overridden_by=None, overridden_at=None, answered_by=by,
            answered_at=timezone.now(),
        )  # fmt: skip
        trail.record(
            "advised", advice, by=by, engagement_id=row.pk,
            detail={"recommended": [each.name for each in recommended]},
        )  # fmt: skip
    return advice


def override(
    advice: ReportAdvice, *, reason: str, by: User, version: int | None = None
) -> ReportAdvice:
    """A partner keeps other terms than the answers point to; it holds for these terms alone.

    Raises PermissionDenied, Invalid without a reason, Refused where nothing differs, StaleVersion.
    """
    require(by, P.DECIDE_ENGAGEMENT, advice.engagement)
    said = reason.strip()
    if not said:
        raise Invalid("Say why.", code="note_required", field="reason")
    if len(said) > LONGEST or "\0" in said:
        raise Invalid(f"At most {LONGEST:,} characters fit.", code="too_long", field="reason")
    with transaction.atomic():
        terms = terms_of(locked(advice.engagement))
        if not rules.difference(rules.from_kept(advice.recommended), terms):
            raise Refused("The terms are what the answers point to.", code="nothing_differs")
        with changing("advice_overridden", advice, by=by, version=version, note=said) as row:
            row.chosen, row.differs = rules.chosen_of(terms), True
            row.override_reason, row.overridden_by = said, by
            row.overridden_at = timezone.now()
    return advice


def _refuse_late(engagement: Engagement) -> None:
    if engagement.kind == EngagementKind.READINESS:
        raise Refused(
            "A readiness assessment ends in no report; the questions are asked when an "
            "examination is opened.", code="readiness",
        )  # fmt: skip
    early = (EngagementStatus.DRAFT, EngagementStatus.ACCEPTANCE)
    if engagement.types_frozen_at or engagement.status not in early:
        raise Refused(
            "RT-01: report type and exam type are frozen once acceptance has ended; the answers "
            "stay as they were.", code="type_frozen",
        )  # fmt: skip
