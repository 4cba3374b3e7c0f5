"""Pages of the choice of a report and of its terms."""

from __future__ import annotations

from typing import Any, Final

from django.urls import path

from audits.portal import report_advice, report_terms

routes = [path("engagements/advise/", report_advice.advise, name="advise")]
own_library: list[Any] = []
of_an_engagement = [
    path("agreement/", report_terms.agreement, name="agreement"),
    path("agreement/advice/", report_advice.advice, name="advice"),
    path("agreement/advice/override/", report_advice.override, name="advice_override"),
    path("agreement/prior-report/", report_terms.prior_report, name="prior_report"),
    path("agreement/audience/", report_terms.audience, name="audience"),
]

PHRASES: Final = {
    "reportadvice.advised": "answered which report is needed",
    "reportadvice.advice_overridden": "kept the terms against the advice",
    "priorreport.prior_stated": "stated the report before this one",
    "reportaudience.audience_stated": "stated whom the report is for",
    "reportaudience.audience_dropped": "took the audience away, as another report was chosen",
}
ICONS: Final[dict[str, str]] = {}
