"""Who may do what with the opinion: the firm's own; the partner decides (OP-01)."""

from __future__ import annotations

from tenants.access_matrix import EVERYBODY, FIRM_TEAM, ON_THE_ENGAGEMENT, Resource
from tenants.permissions import P

OPINION = (
    Resource("opinion", "Opinion", FIRM_TEAM,
             note="Proposed from the conclusions in review and reporting.")
    .may("list", sees=EVERYBODY, page_sees=FIRM_TEAM, api="GET opinion-list",
         pages="audits:opinion", note="those in sight")
    .may("view", api="GET opinion-detail", pages="audits:opinion_paper")
    .may("propose", P.PROPOSE_OPINION, sees=ON_THE_ENGAGEMENT, page_sees=FIRM_TEAM,
         api="POST opinion-list", pages="audits:opinion_propose")
    .may("decide", P.DECIDE_OPINION, api="POST opinion-decide", pages="audits:opinion_decide")
)  # fmt: skip

MODIFICATION = (
    Resource("modification", "What modifies the opinion", FIRM_TEAM)
    .may("list", sees=EVERYBODY, api="GET modification-list", note="those in sight")
    .may("view", api="GET modification-detail")
    .may("write", P.PROPOSE_OPINION, api="POST modification-list",
         pages="audits:modification_new")
    .may("drop", P.PROPOSE_OPINION, api="DELETE modification-detail",
         pages="audits:modification_drop")
)  # fmt: skip

RESOURCES = [OPINION, MODIFICATION]
OPEN: dict[str, str] = {}
TASKS: dict[str, str] = {}
