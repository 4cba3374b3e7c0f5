"""Who may do what to the control library, the scope and the controls of an engagement."""

from __future__ import annotations

from typing import Any

from audits.rules.scope import CLOSED
from tenants.access_matrix import EVERYBODY, ON_THE_ENGAGEMENT, Resource, Who
from tenants.choices import EngagementStatus
from tenants.permissions import P

READERS = Who(
    "the client's people, and the firm's people on its engagements",
    lambda who, state: (who.is_client and not who.foreign) or who.holds(P.VIEW_FIRM_FILE),
)
CLIENTS = Who("people of a client", lambda who, state: who.is_client)
THE_CLIENT = Who("the client's people", lambda who, state: who.is_client and not who.foreign)
RUNNING = tuple(str(status) for status in EngagementStatus if status not in CLOSED)
IN_OR_OUT = {"in": "In scope", "out": "Left out"}
RUNS = {"running": "Running", "retired": "Retired"}
EDITS: dict[str, Who] = {"page_sees": THE_CLIENT}
ADDS: dict[str, Any] = {"sees": EVERYBODY, "page_sees": CLIENTS, "at_home": True}

CONTROL = (
    Resource("control", "Control of the library", READERS, RUNS)
    .may("list", sees=EVERYBODY, api="GET control-list", note="those in sight")
    .may("list in the library", sees=CLIENTS, pages="audits:library")
    .may("view", page_sees=THE_CLIENT, api="GET control-detail, GET control-narratives",
         pages="audits:library_control")
    .may("view in an engagement", sees=ON_THE_ENGAGEMENT,
         pages="audits:client_library, audits:client_control")
    .may("add", P.EDIT_LIBRARY, **ADDS, api="POST control-list", pages="audits:library_add")
    .may("import", P.EDIT_LIBRARY, **ADDS, api="POST control-import-list",
         pages="audits:library_import")
    .may("edit", P.EDIT_LIBRARY, **EDITS, api="PATCH control-detail", pages="audits:library_edit")
    .may("tell anew", P.EDIT_LIBRARY, **EDITS, api="POST control-narrative",
         pages="audits:library_narrative")
    .may("say why", P.EDIT_LIBRARY, **EDITS, api="POST control-say-why", pages="audits:library_why")
    .may("retire", P.EDIT_LIBRARY, **EDITS, states=("running",), api="POST control-retire",
         pages="audits:library_retire")
    .may("bring back", P.EDIT_LIBRARY, **EDITS, states=("retired",), api="POST control-bring-back",
         pages="audits:library_bring_back")
)  # fmt: skip

OBJECTIVE = (
    Resource("objective", "Control objective", READERS)
    .may("list", sees=EVERYBODY, api="GET objective-list", note="those in sight")
    .may("list in the library", sees=CLIENTS, pages="audits:objectives")
    .may("view", api="GET objective-detail")
    .may("state", P.EDIT_LIBRARY, **ADDS, api="POST objective-list", pages="audits:objective_add")
    .may("take from the catalog", P.EDIT_LIBRARY, **ADDS, api="POST objective-adopt",
         pages="audits:objectives_catalog")
    .may("edit", P.EDIT_LIBRARY, **EDITS, api="PATCH objective-detail",
         pages="audits:objective_edit")
)  # fmt: skip

SYSTEM = (
    Resource("system", "System", READERS)
    .may("list", sees=EVERYBODY, api="GET system-list", note="those in sight")
    .may("view", api="GET system-detail")
    .may("add", P.EDIT_LIBRARY, sees=EVERYBODY, at_home=True, api="POST system-list")
    .may("rename", P.EDIT_LIBRARY, api="PATCH system-detail")
)  # fmt: skip

SCOPE_ITEM = (
    Resource("scope_item", "Scope item", ON_THE_ENGAGEMENT, IN_OR_OUT,
             note="Nothing changes once the engagement is closed.")
    .may("list", sees=EVERYBODY, api="GET scope-item-list", note="those in sight")
    .may("view", api="GET scope-item-detail, GET coverage",
         pages="audits:scope, audits:scope_item, audits:coverage")
    .may("leave out", P.SET_SCOPE, states=("in",), api="POST scope-item-leave-out",
         pages="audits:leave_out")
    .may("take back", P.SET_SCOPE, states=("out",), api="POST scope-item-take-back",
         pages="audits:take_back")
    .may("change categories", P.SET_SCOPE, api="POST scope-item-change-categories",
         pages="audits:scope_categories", note="a SOC 2 or SOC 3")
    .may("take objectives", P.SET_SCOPE, api="POST scope-item-take-objectives",
         pages="audits:scope_objectives", note="a SOC 1")
)  # fmt: skip

ENGAGEMENT_CONTROL = (
    Resource("engagement_control", "Control of an engagement", ON_THE_ENGAGEMENT,
             note="Nothing changes once the engagement is closed.")
    .may("list", sees=EVERYBODY, api="GET engagement-control-list", note="those in sight")
    .may("view", api="GET engagement-control-detail", pages="audits:controls, audits:control")
    .may("take", P.MAP_CONTROLS, api="POST engagement-control-take", pages="audits:take_controls")
    .may("map", P.MAP_CONTROLS, api="POST engagement-control-map-to", pages="audits:map_control")
    .may("unmap", P.MAP_CONTROLS, api="POST engagement-control-unmap", pages="audits:unmap")
    .may("drop", P.MAP_CONTROLS, api="DELETE engagement-control-detail",
         pages="audits:drop_control", note="while no request names it")
)  # fmt: skip

RESOURCES = [CONTROL, OBJECTIVE, SYSTEM, SCOPE_ITEM, ENGAGEMENT_CONTROL]
OPEN = {
    "api:criterion-*": "the published catalog, for everybody who is signed in",
    "api:description-criterion-*": "the published catalog, for everybody who is signed in",
    "api:catalog-objective-*": "the published catalog, for everybody who is signed in",
}
TASKS: dict[str, str] = {}
