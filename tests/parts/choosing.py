"""The choice of a report in the generated tests: advice that differs, a report before, readers."""

from __future__ import annotations

from typing import Any

from audits.actions import prior_reports, report_advice, report_audiences
from audits.actions.prior_reports import Stated
from audits.rules.report_advice import Answers
from tests import factories
from tests.access.scenes import acts

BOOKS = Answers(moves_money=True, auditors_rely=True)
"""They point to a SOC 1, where the engagement of the tests is a SOC 2."""
ANSWERS = (
    "moves_money auditors_rely asked_about_trust for_the_public first_report needed_soon "
    "controls_are_new proof_over_time promises_uptime promises_correct_output promises_secrecy "
    "holds_personal_data promises_to_persons"
)
FIELDS_TXT = f"""
shown firm audits.api.report_advice.OpenedEngagementShape: id title
shown firm audits.api.report_advice.OpenedEngagementsShape: engagements
shown firm audits.api.report_advice.RecommendationShape: report exam categories why
shown firm audits.api.report_advice.RecommendationsShape: recommended
shown firm audits.api.report_advice.ReportAdviceSerializer: id version engagement answers recommended chosen differs override_reason overridden_by overridden_at answered_by answered_at
shown firm audits.api.report_terms.PriorReportSerializer: id version engagement none_before prior firm_name report_type exam_type as_of period_start period_end stated_by stated_at
shown both audits.api.report_terms.ReportAudienceSerializer: id version engagement audience readers recipients stated_by stated_at
sent firm audits.api.report_advice.AnswersBody: {ANSWERS}
sent firm audits.api.report_advice.AnswerForBody: {ANSWERS} engagement
sent firm audits.api.report_advice.OpenAdvisedBody: {ANSWERS} client independent chosen
sent firm audits.api.report_advice.OverrideBody: reason
sent firm audits.api.report_terms.PriorReportBody: engagement none_before prior firm_name report_type exam_type as_of period_start period_end
sent firm audits.api.report_terms.ReportAudienceBody: engagement audience readers recipients
form firm audits.portal.choosing_forms.AdvisedTermsForm: wanted title report_type exam_type categories period_start period_end as_of fieldwork_ends_on
form firm audits.portal.choosing_forms.AnswersForm:
form firm audits.portal.choosing_forms.AudienceForm: audience readers recipients
form firm audits.portal.choosing_forms.OpenAdvisedForm: client independent
form firm audits.portal.choosing_forms.OverrideForm: version reason
form firm audits.portal.choosing_forms.PriorReportForm: before firm_name report_type exam_type period_start period_end as_of
"""  # noqa: E501  (a line is a class)
NAMES = {"prior": "tenants.Engagement"}
FIXED = {"readers": ["management"], "audience": "restricted", "firm_name": "Another LLP"}
CHOSEN = {
    "title": "Advised", "report_type": "SOC2", "exam_type": "T2", "categories": ["security"],
    "period_start": "2025-10-01", "period_end": "2026-09-30",
}  # fmt: skip


def play(world: Any) -> dict[str, Any]:
    """Advice, a report before and an audience, by the manager."""
    with acts(world.lead, world.firm):
        stated = Stated("SOC2", "T2", "Another LLP", None, *_year(2024))
        return {
            "audits.ReportAdvice": report_advice.answer(world.engagement, BOOKS, by=world.lead).pk,
            "audits.PriorReport": prior_reports.state(world.engagement, stated, by=world.lead).pk,
            "audits.ReportAudience": report_audiences.state(
                world.engagement, "restricted", readers=["management"], by=world.lead
            ).pk,
        }


def _year(start: int) -> tuple[Any, Any]:
    from datetime import date

    return date(start, 10, 1), date(start + 1, 9, 30)


def furnish(world: Any, word: str) -> None:
    """Words on the audience for both sides, and on the override for the firm."""
    with acts(world.partner, world.firm):
        advice = report_advice.answer(world.engagement, BOOKS, by=world.partner)
        report_advice.override(advice, reason=f"{word}-firm", by=world.partner)
        stated = Stated("SOC2", "T2", f"{word}-firm", None, *_year(2024))
        prior_reports.state(world.engagement, stated, by=world.partner)
        report_audiences.state(
            world.engagement, "restricted", readers=["management"], recipients=word,
            by=world.partner,
        )  # fmt: skip


def _before_acceptance_ends(play: Any, state: str, who: Any) -> None:
    """Other parts have led the engagement further, and the types are frozen then."""
    factories.arrange(play.world.engagement, status="draft", types_frozen_at=None)


def _opened(play: Any, who: Any) -> dict[str, Any]:
    client = str(play.own[who.key]["own client"])
    return {
        "asked_about_trust": True, "proof_over_time": True, "opening": "yes", "client": client,
        "independent": True, "chosen": [CHOSEN], "report0-wanted": "on",
        **{f"report0-{name}": value for name, value in CHOSEN.items()},
    }  # fmt: skip


ARRANGED = {"report_advice": _before_acceptance_ends}
FIELDS = {
    "report_advice": lambda play, who: {
        "moves_money": True, "auditors_rely": True, "reason": "It fits.", "version": "1",
        "engagement": str(play.world.engagement.pk),
    },
    "report_advice.open_as_advised": _opened,
    "prior_report": lambda play, who: {
        "engagement": str(play.world.engagement.pk), "none_before": True, "before": "none",
    },
    "report_audience": lambda play, who: {
        "engagement": str(play.world.engagement.pk), "audience": "restricted",
        "readers": ["management"], "recipients": "",
    },
}  # fmt: skip
