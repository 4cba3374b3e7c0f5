"""Who may do what with walkthroughs: the firm's own."""

from __future__ import annotations

from tenants.access_matrix import EVERYBODY, FIRM_TEAM, ON_THE_ENGAGEMENT, Resource, Who
from tenants.permissions import P

WHO_WALKED = Who("whoever walked it", lambda who, state: who.key == "staff")

WALKTHROUGH = (
    Resource("walkthrough", "Walkthrough", FIRM_TEAM,
             note="From planning to the report; after release nothing of it changes.")
    .may("list", sees=EVERYBODY, api="GET walkthrough-list", note="those in sight")
    .may("view", api="GET walkthrough-detail",
         pages="audits:walkthroughs, audits:walked_control")
    .may("write", P.PERFORM_TEST, sees=ON_THE_ENGAGEMENT, page_sees=FIRM_TEAM,
         api="POST walkthrough-list", pages="audits:walkthrough_add")
    .may("correct", P.PERFORM_TEST, only=WHO_WALKED, api="PATCH walkthrough-detail",
         pages="audits:walkthrough_correct", note="one's own")
)  # fmt: skip

RESOURCES = [WALKTHROUGH]
OPEN: dict[str, str] = {}
TASKS: dict[str, str] = {}
