"""What the report waits for besides papers: its date, and the quality review where one is due."""

from __future__ import annotations

from datetime import date

from audits.models.workpapers import Workpaper
from audits.queries.papers import standings
from tenants.findings import BLOCK, Finding
from tenants.models import Engagement
from tenants.whole import whole_file

QUALITY = "quality_review"


def dated(engagement: Engagement) -> list[Finding]:
    """The report has its date."""
    if engagement.report_date is not None:
        return []
    return [
        Finding(
            "§9", BLOCK, "The report has no date yet.", "The partner dates it.",
            ("tenants:report_date", (engagement.pk,)),
        )
    ]  # fmt: skip


def quality_reviewed(engagement: Engagement) -> list[Finding]:
    """A quality review that is required is done, on the work as it is now (SO-03)."""
    reason = _quality_review_missing(engagement)
    if not reason:
        return []
    return [
        Finding(
            "SO-03", BLOCK, reason, "The quality reviewer writes and signs it.",
            ("audits:file", (engagement.pk,)),
        )
    ]  # fmt: skip


def quality_review_first(engagement: Engagement, on: date) -> str:
    """Why a report is not dated: the quality review comes before (SO-03)."""
    reason = _quality_review_missing(engagement)
    return f"SO-03: {reason} It comes before the date of the report." if reason else ""


def _quality_review_missing(engagement: Engagement) -> str:
    with whole_file(engagement):
        decision = Workpaper.objects.filter(engagement=engagement, kind="eqr_decision").first()
        if decision is None or decision.fields["required"] == "no":
            return ""
        found = standings(engagement, QUALITY).values()
    if not found:
        return "A quality review is required, and there is none yet."
    return "The quality review is not signed as it is now." if any(
        each.missing for each in found
    ) else ""  # fmt: skip
