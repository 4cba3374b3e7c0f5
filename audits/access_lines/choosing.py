"""Who may do what with the choice of a report: advice, the report before, its audience."""

from __future__ import annotations

from tenants.access_lines import FIRMS
from tenants.access_matrix import EVERYBODY, FIRM_TEAM, ON_THE_ENGAGEMENT, Resource
from tenants.permissions import P

REPORT_ADVICE = (
    Resource("report_advice", "Advice on the report", FIRM_TEAM,
             note="Until acceptance ends; nothing is kept before an engagement is open.")
    .may("ask for advice", P.OPEN_ENGAGEMENT, sees=EVERYBODY, page_sees=FIRMS, at_home=True,
         api="POST report-advice-recommend", pages="audits:advise")
    .may("open as advised", P.OPEN_ENGAGEMENT, sees=FIRMS, at_home=True,
         api="POST report-advice-open", pages="audits:advise")
    .may("list", sees=EVERYBODY, api="GET report-advice-list", note="those in sight")
    .may("view", api="GET report-advice-detail", pages="audits:advice")
    .may("answer", P.SET_SCOPE, sees=ON_THE_ENGAGEMENT, page_sees=FIRM_TEAM,
         api="POST report-advice-list", pages="audits:advice")
    .may("override", P.DECIDE_ENGAGEMENT, api="POST report-advice-override",
         pages="audits:advice_override", note="where the terms differ from the advice")
)  # fmt: skip

PRIOR_REPORT = (
    Resource("prior_report", "Report before this one", FIRM_TEAM)
    .may("list", sees=EVERYBODY, api="GET prior-report-list", note="those in sight")
    .may("view", api="GET prior-report-detail")
    .may("state", P.SET_SCOPE, sees=ON_THE_ENGAGEMENT, page_sees=FIRM_TEAM,
         api="POST prior-report-list", pages="audits:prior_report")
)  # fmt: skip

REPORT_AUDIENCE = (
    Resource("report_audience", "Audience of the report", ON_THE_ENGAGEMENT)
    .may("list", sees=EVERYBODY, api="GET report-audience-list", note="those in sight")
    .may("view", api="GET report-audience-detail", pages="audits:agreement")
    .may("state", P.SET_SCOPE, api="POST report-audience-list", pages="audits:audience")
)  # fmt: skip

RESOURCES = [REPORT_ADVICE, PRIOR_REPORT, REPORT_AUDIENCE]
OPEN: dict[str, str] = {}
TASKS: dict[str, str] = {}
