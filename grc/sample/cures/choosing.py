"""The manager answers which report is needed, states what came before, and for whom it is."""

from __future__ import annotations

from audits.actions import prior_reports, report_advice, report_audiences
from audits.choices.choosing import OF_A_SOC1
from audits.models.report_advice import ReportAdvice
from audits.rules.report_advice import Answers
from grc.sample.cures import Cast
from tenants.choices import Category, EngagementStatus, ReportType, Role
from tenants.models import Engagement


def cure(cast: Cast, engagement: Engagement) -> None:
    """At acceptance: answers that fit the terms, no report before, the usual readers."""
    if engagement.status != EngagementStatus.ACCEPTANCE:
        return
    with cast.acting_as(engagement, Role.MANAGER) as by:
        if ReportAdvice.objects.filter(engagement=engagement).exists():
            return
        report_advice.answer(engagement, _answers(engagement), by=by)
        prior_reports.state(engagement, by=by)
        report_audiences.state(
            engagement, "restricted", readers=[str(each) for each in OF_A_SOC1], by=by
        )


def _answers(engagement: Engagement) -> Answers:
    first = engagement.exam_type == "T1"
    soc1, public = (engagement.report_type == each for each in (ReportType.SOC1, ReportType.SOC3))
    held = engagement.categories
    return Answers(
        moves_money=soc1,
        auditors_rely=soc1,
        asked_about_trust=not soc1,
        for_the_public=public,
        first_report=first,
        proof_over_time=not first,
        promises_uptime=Category.AVAILABILITY in held,
        promises_correct_output=Category.PROCESSING_INTEGRITY in held,
        promises_secrecy=Category.CONFIDENTIALITY in held,
        holds_personal_data=Category.PRIVACY in held,
        promises_to_persons=Category.PRIVACY in held,
    )
