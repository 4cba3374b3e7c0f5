"""Who may walk from a conclusion to the evidence and back: the firm's people."""

from __future__ import annotations

from tenants.access_matrix import FIRM_TEAM, Resource

RESTS_ON = (
    Resource("rests_on", "What a conclusion rests on", FIRM_TEAM,
             note="Files of a restricted request only for those whom it names.")
    .may("view", pages="audits:item_rests_on, audits:control_rests_on")
)  # fmt: skip

RESOURCES = [RESTS_ON]
OPEN: dict[str, str] = {}
TASKS: dict[str, str] = {}
