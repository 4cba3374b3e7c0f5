"""The columns of a list: which row holds the headings, what each column is, how dates are meant."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect

from evidence.actions import imports as actions
from evidence.actions.imports import Understanding
from evidence.models import RequestImport
from evidence.portal.import_scene import import_scene, require_open
from evidence.portal.import_words import columns, steps
from tenants.errors import Invalid
from tenants.permissions import P, require
from tenants.portal.base import Request, engagement_page, signed_in

ORDERS = {"month": False, "day": True, "": None}


@signed_in
def page(request: Request, engagement: UUID, request_import: UUID) -> HttpResponse:
    """Check and correct how the list was understood; "read again" remembers it for next time."""
    about = import_scene(request, engagement, request_import)
    if request.method == "POST":
        require(request.user, P.DRAFT_REQUEST, about.engagement)
    require_open(about)
    refusal = None
    if request.method == "POST":
        try:
            actions.read_again(about.row, _said(request, about.row), by=request.user)
            return redirect(about.url)
        except Invalid as refused:
            refusal = refused
    context = {
        "row": about.row,
        "refusal": refusal,
        "steps": steps(2, {0: about.new_url}),
        "columns": columns(about.row, request.POST if _has_columns(request) else None),
        "order": _order(about.row),
        "sheets": _sheets(about.row),
        "header_missing": not about.row.columns,
        "may_draft": about.may_draft,
        "url": about.columns_url,
        "import_url": about.url,
        "discard_url": about.discard_url,
        "new_url": about.new_url,
    }
    status = refusal.status if refusal else 200
    return engagement_page(
        request, about.engagement, "evidence/imports/columns.html", context, status=status
    )


def _has_columns(request: Request) -> bool:
    return request.method == "POST" and request.POST.get("step") == "columns"


def _said(request: Request, row: RequestImport) -> Understanding:
    """What the form says: a place of the header, the columns, or to forget what was said."""
    asked = request.POST
    pointed = row.header_row if row.header_chosen else None
    if at := asked.get("at"):  # the row of a sheet, by its place among the sheets
        sheet, _, number = at.partition(":")
        return Understanding(
            sheet=_title(row, sheet), header_row=_number(number), day_first=row.day_first
        )
    if asked.get("step") == "place":
        return Understanding(
            sheet=_title(row, asked.get("sheet", "")),
            header_row=_number(asked.get("header_row", "")),
            day_first=row.day_first,
        )
    if asked.get("step") == "suggested":
        return Understanding(sheet=row.sheet, header_row=pointed)
    mapping = {
        column["index"]: asked.get(f"column-{column['index']}", "") for column in row.columns
    }
    return Understanding(
        sheet=row.sheet, header_row=pointed, mapping=mapping,
        day_first=ORDERS.get(asked.get("order", "")),
    )  # fmt: skip


def _title(row: RequestImport, place: str) -> str:
    """The title of the sheet at a place, from 0; empty for none."""
    if not place.isdecimal() or int(place) >= len(row.sheets):
        return ""
    return str(row.sheets[int(place)]["title"])


def _number(text: str) -> int | None:
    if not text.strip():
        return None
    if not text.strip().isdecimal() or len(text.strip()) > 7:
        raise Invalid("The row of the headings is a number, such as 4.", field="header_row")
    return int(text)


def _order(row: RequestImport) -> dict[str, Any]:
    """The choice of the order of dates, and how they were read."""
    said = next((each["message"] for each in row.notices if each["code"] == "date_order"), "")
    chosen = {None: "", False: "month", True: "day"}[row.day_first]
    labels = {"": "As the list tells", "month": "Month first", "day": "Day first"}
    return {
        "said": said,
        "options": [
            {"value": value, "label": label, "chosen": value == chosen}
            for value, label in labels.items()
        ],
    }


def _sheets(row: RequestImport) -> list[dict[str, Any]]:
    """The sheets with their place, rows of one width, and whether each is the one that was read."""
    return [
        {
            **sheet,
            "place": place,
            "chosen": sheet["title"] == row.sheet,
            "first": _of_one_width(sheet["first"]),
        }
        for place, sheet in enumerate(row.sheets)
    ]


def _of_one_width(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    width = max((len(line["cells"]) for line in lines), default=0)
    return [
        {**line, "cells": line["cells"] + [""] * (width - len(line["cells"]))} for line in lines
    ]
