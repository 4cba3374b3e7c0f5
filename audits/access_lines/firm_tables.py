"""Who may do what with a firm's own tables: its administrators, on no engagement."""

from __future__ import annotations

from tenants.access_matrix import EVERYBODY, Resource, Who
from tenants.permissions import P

KEEPERS = Who.carrying(P.MANAGE_FIRM_TABLES, "the firm's administrators")

FIRM_TABLE = (
    Resource("firm_table", "Firm's table", KEEPERS,
             note="What a table says is stamped where it was used.")
    .may("list", sees=EVERYBODY, api="GET firm-table-list", note="those in sight")
    .may("view", api="GET firm-table-detail")
    .may("see the tables", P.MANAGE_FIRM_TABLES, sees=EVERYBODY, at_home=True,
         pages="audits:firm_tables")
    .may("set", P.MANAGE_FIRM_TABLES, sees=EVERYBODY, at_home=True, api="POST firm-table-list",
         pages="audits:firm_table_set")
)  # fmt: skip

RESOURCES = [FIRM_TABLE]
OPEN: dict[str, str] = {}
TASKS: dict[str, str] = {}
