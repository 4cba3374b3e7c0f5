"""Bringing a control list into the library: choose a file, look, import."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from audits.actions import library
from audits.portal.library import editing
from audits.portal.library_forms import ListForm
from audits.rules.control_changes import Outcome
from audits.rules.control_list import ControlList
from audits.rules.delimited import MOST_BYTES, text_of
from tenants.portal.base import Request, applying, back, form_page, signed_in
from tenants.portal.steps import steps_at

SHOWN = 500
LABELS = {Outcome.CREATE: "New", Outcome.UPDATE: "Changed", Outcome.UNCHANGED: "As it is"}
STATUS = {Outcome.UNCHANGED: "skip"}
STEPS = ("Choose the file", "Look at what it does", "Import")
FIELDS = {"owner_role": "owner", "evidence": "usual evidence"}


@signed_in
def import_list(request: Request) -> HttpResponse:
    """The file, then what it would do, then the import. Nothing is kept between the steps."""
    client = editing(request).client
    if request.method == "POST" and "text" in request.POST:
        return _import(request)
    form = ListForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            text = text_of(form.cleaned_data["file"].read(MOST_BYTES + 1))
            found = library.read(client, text, request.user)
        if not form.errors:
            name = form.cleaned_data["file"].name
            return _preview(request, text, found, name)
    return form_page(request, form, "audits/library/import.html", steps=steps_at(0, STEPS))


def _import(request: Request) -> HttpResponse:
    """The second step; a list that would be refused never came to it."""
    done = library.import_control_list(request.organization, request.POST["text"], request.user)
    says = f"{done.created} new, {done.updated} changed, {done.unchanged} as they were."
    return back(request, "audits:library", says=f"The list is in your library: {says}")


def _preview(request: Request, text: str, found: ControlList, name: str) -> HttpResponse:
    preview = library.preview_controls(request.organization, found.controls, request.user)
    rows = _rows(found, {change.told.ref: change for change in preview.changes})
    refused = sum(row["outcome"] == "error" for row in rows)
    context = {
        "steps": steps_at(1, STEPS), "name": name, "text": text, "notices": found.notices,
        "rows": rows[:SHOWN], "more": max(0, len(rows) - SHOWN), "refused": refused,
        "meant": preview.created + preview.updated,
        "stats": [
            {"label": "New", "value": preview.created, "tone": "good"},
            {"label": "Changed", "value": preview.updated},
            {"label": "As they are", "value": preview.unchanged},
            {"label": "To correct", "value": refused, "tone": "late" if refused else ""},
        ],
    }  # fmt: skip
    return render(request, "audits/library/import_preview.html", context)


def _rows(found: ControlList, changes: dict[str, Any]) -> list[dict[str, Any]]:
    """One entry a row, those to correct first."""
    rows = []
    for row in found.rows:
        change = changes[row.ref] if row.control else None
        rows.append(
            {
                "number": row.number, "ref": row.ref, "title": row.title, "control": row.control,
                "outcome": STATUS.get(change.outcome, change.outcome.value) if change else "error",
                "label": LABELS[change.outcome] if change else "To correct",
                "changed": [FIELDS.get(name, name) for name in change.changed] if change else [],
                "problems": row.problems,
            }
        )  # fmt: skip
    return sorted(rows, key=lambda row: row["outcome"] != "error")
