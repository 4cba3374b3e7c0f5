"""Who may see what rests on a file: the firm's people."""

from __future__ import annotations

from tenants.access_matrix import FIRM_TEAM, Resource

CARRIES = (
    Resource("carries", "What rests on a file", FIRM_TEAM,
             note="Of a restricted request only for those whom it names.")
    .may("view", pages="evidence:file_carries")
)  # fmt: skip

RESOURCES = [CARRIES]
OPEN: dict[str, str] = {}
TASKS: dict[str, str] = {}
