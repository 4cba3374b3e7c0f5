"""Who may do what with conclusions on controls and scope items: the firm's own."""

from __future__ import annotations

from audits.access_lines.testing import NAMES
from tenants.access_matrix import EVERYBODY, FIRM_TEAM, Resource
from tenants.permissions import P

CONTROL_CONCLUSION = (
    Resource("control_conclusion", "Conclusion on a control", FIRM_TEAM)
    .may("list", sees=EVERYBODY, page_sees=FIRM_TEAM, api="GET control-conclusion-list",
         pages="audits:conclusions", note="those in sight")
    .may("view", api="GET control-conclusion-detail", pages="audits:control_concluded")
    .may("conclude", P.CONCLUDE_CONTROL, **NAMES, api="POST control-conclusion-list",
         pages="audits:control_conclude")
    .may("take what is proposed", P.CONCLUDE_CONTROL, **NAMES,
         api="POST control-conclusion-take", pages="audits:controls_take",
         note="where nothing deviates")
)  # fmt: skip

ITEM_CONCLUSION = (
    Resource("scope_item_conclusion", "Conclusion on a criterion or objective", FIRM_TEAM)
    .may("list", sees=EVERYBODY, api="GET scope-item-conclusion-list", note="those in sight")
    .may("view", api="GET scope-item-conclusion-detail", pages="audits:item_concluded")
    .may("conclude", P.CONCLUDE_SCOPE_ITEM, **NAMES, api="POST scope-item-conclusion-list",
         pages="audits:item_conclude")
    .may("take what is proposed", P.CONCLUDE_SCOPE_ITEM, **NAMES,
         api="POST scope-item-conclusion-take", pages="audits:items_take",
         note="where it is met without deviations")
)  # fmt: skip

DEPENDENCY_REVIEW = (
    Resource("dependency_review", "Look again at what rests on a failed control", FIRM_TEAM)
    .may("list", sees=EVERYBODY, api="GET dependency-review-list", note="those in sight")
    .may("view", api="GET dependency-review-detail")
    .may("write", P.CONCLUDE_CONTROL, **NAMES, api="POST dependency-review-list",
         pages="audits:dependency_review")
)  # fmt: skip

RESOURCES = [CONTROL_CONCLUSION, ITEM_CONCLUSION, DEPENDENCY_REVIEW]
OPEN: dict[str, str] = {}
TASKS: dict[str, str] = {}
