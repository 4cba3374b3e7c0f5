"""Who may read what disagrees: each side its own list (CM-04, CM-07)."""

from __future__ import annotations

from audits.access_lines.library import CLIENTS
from tenants.access_matrix import FIRM_TEAM, Resource

CONSISTENCY = (
    Resource("consistency", "What disagrees", FIRM_TEAM,
             note="The client reads of its library, the firm of its copies; neither the other's.")
    .may("view of the library", sees=CLIENTS, api="GET library-consistency",
         pages="audits:library_consistency")
    .may("view of an engagement", api="GET engagement-consistency",
         pages="audits:engagement_consistency")
)  # fmt: skip

RESOURCES = [CONSISTENCY]
OPEN: dict[str, str] = {}
TASKS: dict[str, str] = {}
