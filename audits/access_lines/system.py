"""Who may do what with the client's own account of its system."""

from __future__ import annotations

from typing import Any

from audits.access_lines.library import CLIENTS, RUNS, THE_CLIENT
from tenants.access_matrix import EVERYBODY, FIRM_TEAM, ON_THE_ENGAGEMENT, Resource, Who
from tenants.permissions import P

WRITES = (P.EDIT_LIBRARY, P.EDIT_OWN_CONTROLS)
WHOSE_ENTRY = Who(
    "an administrator, or the control owner whose entry it is",
    lambda who, state: who.holds(P.EDIT_LIBRARY) or who.part == "owner",
)
EDITS: dict[str, Any] = {"only": WHOSE_ENTRY, "page_sees": THE_CLIENT}

SYSTEM_ENTRY = (
    Resource("system_entry", "Entry of the client's system", THE_CLIENT, RUNS,
             note="A firm reads what the client states of it in an engagement.")
    .may("list", sees=EVERYBODY, api="GET system-entry-list", note="those in sight")
    .may("list in the library", sees=CLIENTS, pages="audits:system_entries")
    .may("view", api="GET system-entry-detail", pages="audits:system_entry")
    .may("add", *WRITES, sees=EVERYBODY, page_sees=CLIENTS, at_home=True,
         api="POST system-entry-list", pages="audits:system_entry_add")
    .may("edit", *WRITES, **EDITS, api="PATCH system-entry-detail",
         pages="audits:system_entry_edit")
    .may("retire", *WRITES, **EDITS, states=("running",), api="POST system-entry-retire",
         pages="audits:system_entry_retire")
    .may("bring back", *WRITES, **EDITS, states=("retired",), api="POST system-entry-bring-back",
         pages="audits:system_entry_bring_back")
)  # fmt: skip

HANDED_OVER = Who(
    "the client's people on the engagement, and the firm's once it is handed over",
    lambda who, state: who.holds(P.VIEW_ENGAGEMENT) and (who.is_client or state != "draft"),
)
OF_THE_PAGE: dict[str, Any] = {"sees": ON_THE_ENGAGEMENT}

SCOPE_STATEMENT = (
    Resource("scope_statement", "Statement about the system", HANDED_OVER,
             {"draft": "Draft", "handed_over": "Handed over"},
             note="Nothing changes once the report is released.")
    .may("list", sees=EVERYBODY, api="GET scope-statement-list", note="those in sight")
    .may("view", api="GET scope-statement-detail, GET scope-statement-difference")
    .may("view all", **OF_THE_PAGE, pages="audits:statements, audits:statement")
    .may("compare with the list", P.VIEW_CLIENT_FILE, api="GET scope-statement-behind")
    .may("state", P.WRITE_DOCUMENT, **OF_THE_PAGE, api="POST scope-statement-list",
         pages="audits:statement_take")
    .may("state all", P.WRITE_DOCUMENT, **OF_THE_PAGE, api="POST scope-statement-take-all",
         pages="audits:statements_take")
    .may("hand over", P.WRITE_DOCUMENT, states=("draft",), api="POST scope-statement-hand-over",
         pages="audits:statement_hand_over")
    .may("hand over all", P.WRITE_DOCUMENT, **OF_THE_PAGE,
         api="POST scope-statement-hand-over-all", pages="audits:statements_hand_over")
    .may("drop", P.WRITE_DOCUMENT, states=("draft",), api="DELETE scope-statement-detail",
         pages="audits:statement_drop")
)  # fmt: skip

SUBSERVICE = (
    Resource("subservice", "Subservice organization", ON_THE_ENGAGEMENT,
             note="Nothing changes once the report is released.")
    .may("list", sees=EVERYBODY, api="GET subservice-list", note="those in sight")
    .may("view", api="GET subservice-detail", pages="audits:subservices")
    .may("treat", P.SET_SCOPE, api="POST subservice-list", pages="audits:subservice_treat")
    .may("treat otherwise", P.SET_SCOPE, api="PATCH subservice-detail",
         pages="audits:subservice_change")
    .may("take off", P.SET_SCOPE, api="DELETE subservice-detail",
         pages="audits:subservice_remove")
    .may("confirm independence", P.CONFIRM_INDEPENDENCE,
         api="POST subservice-confirm-independence", pages="audits:subservice_confirm",
         note="of one that is included")
)  # fmt: skip

SUBSERVICE_INDEPENDENCE = (
    Resource("subservice_independence", "Independence of a subservice organization", FIRM_TEAM)
    .may("list", sees=EVERYBODY, api="GET subservice-independence-list", note="those in sight")
    .may("view", api="GET subservice-independence-detail")
)  # fmt: skip

OBJECTIVE_BASIS = (
    Resource("objective_basis", "What an objective rests on", ON_THE_ENGAGEMENT,
             note="In a SOC 1; nothing changes once the engagement is closed.")
    .may("list", sees=EVERYBODY, api="GET objective-basis-list", note="those in sight")
    .may("view", api="GET objective-basis-detail", pages="audits:objective_bases")
    .may("say", P.SET_SCOPE, api="POST objective-basis-list", pages="audits:objective_basis")
    .may("say otherwise", P.SET_SCOPE, api="PATCH objective-basis-detail")
)  # fmt: skip

DESCRIPTION_POINT = (
    Resource("description_point", "Point of the description", ON_THE_ENGAGEMENT,
             note="Nothing changes once the report is released.")
    .may("list", sees=EVERYBODY, api="GET description-point-list", note="those in sight")
    .may("view", api="GET description-point-detail", pages="audits:description")
    .may("place", P.WRITE_DOCUMENT, api="POST description-point-list",
         pages="audits:description_point")
    .may("place otherwise", P.WRITE_DOCUMENT, api="PATCH description-point-detail")
)  # fmt: skip

RESOURCES = [
    SYSTEM_ENTRY,
    SCOPE_STATEMENT,
    SUBSERVICE,
    SUBSERVICE_INDEPENDENCE,
    OBJECTIVE_BASIS,
    DESCRIPTION_POINT,
]
OPEN: dict[str, str] = {}
TASKS: dict[str, str] = {}
