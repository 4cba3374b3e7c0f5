"""What acceptance asks of the choice of a report: the advice, the period, the report before."""

from __future__ import annotations

from audits.models.prior_reports import PriorReport
from audits.models.report_advice import ReportAdvice
from audits.rules import report_advice as rules
from audits.rules.periods import gap, gap_in_words
from tenants.choices import ExamType
from tenants.findings import BLOCK, OVERRIDE, WARN, Finding
from tenants.models import Engagement
from tenants.queries.engagements import terms_of
from tenants.rules.engagements import doubts


def advice_followed(engagement: Engagement) -> list[Finding]:
    """The report is what the answers point to, or a partner has overridden that (1 query)."""
    route = ("audits:advice", (engagement.pk,))
    advice = ReportAdvice.objects.filter(engagement=engagement).first()
    if advice is None:
        return [
            Finding(
                "§5", WARN, "Nobody has answered which report the client needs.",
                "Answer the questions.", route, subject="advice",
            )
        ]  # fmt: skip
    terms = terms_of(engagement)
    said = rules.difference(rules.from_kept(advice.recommended), terms)
    if not said or (advice.overridden_by_id and advice.chosen == rules.chosen_of(terms)):
        return []
    cure = "Change the terms, answer anew, or have the partner keep them with a reason."
    return [Finding("§5", BLOCK, said, cure, route, subject="advice")]


def terms_doubted(engagement: Engagement) -> list[Finding]:
    """What of the terms is allowed and may be wrong: RT-12, RT-13 (no query)."""
    terms = terms_of(engagement)
    return [
        Finding(
            each.rule, OVERRIDE if each.decided else WARN, each.text,
            "Change the terms, or let the partner decide." if each.decided else "Look again.",
            ("tenants:engagement_terms", (engagement.pk,)), facts=rules.chosen_of(terms) | {
                "period_start": terms.period_start, "period_end": terms.period_end,
            },
        )
        for each in doubts(terms)
    ]  # fmt: skip


def follows_on(engagement: Engagement) -> list[Finding]:
    """The period begins the day after the last one ended (RT-14; 1 query)."""
    route = ("audits:prior_report", (engagement.pk,))
    held = PriorReport.objects.filter(engagement=engagement).first()
    if held is None:
        return [
            Finding(
                "RT-14", WARN, "Nobody has said whether a report came before this one.",
                "State it with its dates, or that there was none.", route,
            )
        ]  # fmt: skip
    days = days_between(engagement, held)
    if not days:
        return []
    said = f"{gap_in_words(days)} between the report before and this one."
    cure = "Move the first day of the period, or tell readers why."
    return [Finding("RT-14", WARN, said, cure, route, facts={"days": days})]


def days_between(engagement: Engagement, held: PriorReport) -> int:
    """Days uncovered between two Type 2 reports of one kind; below zero, covered twice; else 0."""
    start, end = engagement.period_start, held.period_end
    alike = held.report_type == engagement.report_type and held.exam_type == ExamType.TYPE_2
    return gap(end, start) if start and end and alike else 0
