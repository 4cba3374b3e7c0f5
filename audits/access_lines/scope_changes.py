"""Who may do what with changes of scope after acceptance (RT-17)."""

from __future__ import annotations

from audits.actions.scope_changes import LIFECYCLE
from audits.choices.scope_changes import ScopeChangeStatus
from tenants.access_matrix import EVERYBODY, FIRM_TEAM, ON_THE_ENGAGEMENT, Resource
from tenants.permissions import P

SCOPE_CHANGE = (
    Resource("scope_change", "Change of scope", FIRM_TEAM, dict(ScopeChangeStatus.choices),
             note="After acceptance what is examined changes by one that the partner approved.")
    .may("list", sees=EVERYBODY, api="GET scope-change-list", note="those in sight")
    .may("view", api="GET scope-change-detail", pages="audits:scope_change")
    .may("propose", P.PROPOSE_SCOPE, besides=(P.VIEW_FIRM_FILE,), sees=ON_THE_ENGAGEMENT,
         page_sees=FIRM_TEAM, api="POST scope-change-list", pages="audits:scope_change_new")
    .moves(LIFECYCLE, api="scope-change-{}", pages="audits:scope_change_move/{}")
)  # fmt: skip

SCOPE_PROPOSAL = (
    Resource("scope_proposal", "What the client asks to change", ON_THE_ENGAGEMENT)
    .may("list", sees=EVERYBODY, api="GET scope-proposal-list", note="those in sight")
    .may("view", api="GET scope-proposal-detail", pages="audits:scope_changes")
    .may("ask", P.PROPOSE_SCOPE, besides=(P.VIEW_CLIENT_FILE,), api="POST scope-proposal-list",
         pages="audits:scope_ask")
)  # fmt: skip

RESOURCES = [SCOPE_CHANGE, SCOPE_PROPOSAL]
OPEN: dict[str, str] = {}
TASKS: dict[str, str] = {}
