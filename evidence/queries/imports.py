"""Lists that were handed in, as a person checks them: rows by outcome, people nobody knows."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from evidence.choices import ImportStatus, RowPlan
from evidence.models import ImportRow, RequestImport
from evidence.rules.request_list_corrections import write_corrections
from tenants.models import Engagement, User

USABLE = Q(plan__in=(RowPlan.CREATE, RowPlan.UPDATE))
TO_CORRECT = Q(plan__in=(RowPlan.ERROR, RowPlan.DUPLICATE))
DOUBTS = USABLE & ~Q(codes=[])
SHOWN = {
    "all": Q(),
    "create": Q(plan=RowPlan.CREATE),
    "update": Q(plan=RowPlan.UPDATE),
    "doubts": DOUBTS,
    "skip": Q(plan=RowPlan.SKIP),
    "duplicate": Q(plan=RowPlan.DUPLICATE),
    "error": Q(plan=RowPlan.ERROR),
    "left_out": USABLE & Q(left_out=True),
}
"""Which rows a person may look at, by name."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A valid address of the list that nobody of the client has on the engagement (IM-05)."""

    email: str
    name: str
    requests: int


def handed_in(user: User, engagement: Engagement) -> QuerySet[RequestImport]:
    """The engagement's lists that `user` sees, the newest first."""
    rows = RequestImport.objects.visible_to(user).filter(engagement=engagement)
    return rows.select_related("created_by", "imported_by")


def rows_of(request_import: RequestImport, shown: str = "all") -> QuerySet[ImportRow]:
    """The rows of a visible list, in its order; shown: one of SHOWN."""
    return ImportRow.objects.filter(SHOWN[shown], request_import=request_import)


def tallies(request_import: RequestImport) -> dict[str, int]:
    """How many rows each name of SHOWN has, and how many would be imported now: 1 query."""
    counted = ImportRow.objects.filter(request_import=request_import).aggregate(
        **{f"n_{name}": Count("pk", filter=rule) for name, rule in SHOWN.items() if rule},
        n_all=Count("pk"),
        imported=Count("pk", filter=Q(imported=True)),
    )
    found = {name: counted[f"n_{name}"] for name in SHOWN}
    found["imported"] = counted["imported"]
    return {**found, "chosen": found["create"] + found["update"] - found["left_out"]}


def unknown_people(request_import: RequestImport) -> list[Unknown]:
    """Whom the list names and who was not here when it was read, most requests first."""
    asked = request_import.counts.get("invitations", {})
    found = [Unknown(email, said["name"], said["requests"]) for email, said in asked.items()]
    return sorted(found, key=lambda unknown: (-unknown.requests, unknown.email))


def understood(request_import: RequestImport) -> bool:
    """Whether the columns need no look: each is known, or a person said what it holds."""
    if request_import.mapping:
        return True
    return not any(
        column["recognized"] == "unknown" and column["heading"] for column in request_import.columns
    )


def corrections_of(request_import: RequestImport) -> bytes:
    """The rows that cannot be imported, as a CSV to correct and hand in again."""
    rows = ImportRow.objects.filter(TO_CORRECT, request_import=request_import)
    return write_corrections(
        request_import.columns,
        [
            {"row": row.sheet_row, "cells": row.cells, "fields": row.fields,
             "problems": row.messages}
            for row in rows
        ],
    )  # fmt: skip


def is_open(request_import: RequestImport) -> bool:
    """Whether a person can still correct, import or put it aside."""
    return request_import.status in (
        ImportStatus.READING, ImportStatus.READY, ImportStatus.REFUSED,
    )  # fmt: skip
