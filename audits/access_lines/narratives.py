"""Who may do what around the narratives of a control library."""

from __future__ import annotations

from audits.access_lines.library import ADDS, CLIENTS, EDITS, READERS, THE_CLIENT
from tenants.access_matrix import EVERYBODY, ON_THE_ENGAGEMENT, Resource
from tenants.permissions import P

NARRATIVE = (
    Resource("narrative", "Narrative of a control", READERS,
             note="SO-08: whoever wrote a version does not approve it.")
    .may("list", sees=CLIENTS, pages="audits:narratives")
    .may("compare", page_sees=THE_CLIENT, api="GET control-difference",
         pages="audits:library_versions")
    .may("compare in an engagement", sees=ON_THE_ENGAGEMENT,
         pages="audits:client_control_versions")
    .may("check", P.PROPOSE_NARRATIVE, **EDITS, api="POST control-check",
         pages="audits:library_check_one")
    .may("check a new one", P.PROPOSE_NARRATIVE, **ADDS, pages="audits:library_check")
    .may("propose", P.PROPOSE_NARRATIVE, **EDITS, api="POST control-propose",
         pages="audits:library_propose")
    .may("approve", P.APPROVE_NARRATIVE, **EDITS, api="POST control-approve-narrative",
         pages="audits:library_approve")
    .may("export", P.PROPOSE_NARRATIVE, **ADDS, api="GET narratives",
         pages="audits:narratives_markdown, audits:narratives_word")
    .may("say why of many", P.MAP_CONTROLS, sees=ON_THE_ENGAGEMENT,
         pages="audits:mapping_reasons", note="one by one by API: “map”")
    .may("bring in", P.EDIT_LIBRARY, **ADDS, api="POST narratives",
         pages="audits:narratives_import")
)  # fmt: skip

PROPOSAL = (
    Resource("narrative_proposal", "Proposed narrative", THE_CLIENT,
             {"proposed": "Proposed", "taken": "Taken"})
    .may("list", sees=EVERYBODY, api="GET narrative-proposal-list", note="those in sight")
    .may("view", api="GET narrative-proposal-detail", pages="audits:proposal")
    .may("take", P.EDIT_LIBRARY, states=("proposed",), api="POST narrative-proposal-take",
         pages="audits:proposal_take")
    .may("refuse", P.EDIT_LIBRARY, states=("proposed",), api="POST narrative-proposal-refuse",
         pages="audits:proposal_refuse")
)  # fmt: skip

RESOURCES = [NARRATIVE, PROPOSAL]
OPEN: dict[str, str] = {}
TASKS: dict[str, str] = {}
