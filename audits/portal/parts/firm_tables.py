"""Pages of the firm's tables."""

from __future__ import annotations

from typing import Any, Final

from django.urls import path

from audits.portal import firm_tables

routes: list[Any] = [
    path("firm/tables/", firm_tables.index, name="firm_tables"),
    path("firm/tables/<slug:table_kind>/", firm_tables.set_table, name="firm_table_set"),
]
own_library: list[Any] = []
of_an_engagement: list[Any] = []

PHRASES: Final = {"firmtable.table_set": "set a table of the firm: {label}"}
ICONS: Final = {"firmtable.table_set": "table"}
