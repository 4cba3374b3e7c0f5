"""The narratives of a library out as one document, and back: choose a file, look, bring in."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from audits.actions import narrative_documents
from audits.actions.narrative_documents import KINDS, NarrativeChange
from audits.portal.library import editing, place_of
from audits.portal.narrative_forms import DocumentForm
from audits.rules.delimited import MOST_BYTES
from audits.rules.narrative_difference import compare
from audits.rules.narrative_documents import ToldNarrative, to_markdown
from tenants.portal.base import Request, applying, back, form_page, signed_in
from tenants.portal.steps import steps_at

LABELS = {"update": "Next version", "unchanged": "As it is", "error": "To correct"}
STATUS = {"unchanged": "skip"}
STEPS = ("Choose the file", "Look at what it does", "Bring it in")


@signed_in
def export(request: Request, kind: str) -> HttpResponse:
    """Every narrative as Markdown or as a Word document."""
    content = narrative_documents.export(place_of(request).client, kind, by=request.user)
    response = HttpResponse(content, content_type=KINDS[kind])
    response["Content-Disposition"] = f'attachment; filename="narratives.{kind}"'
    return response


@signed_in
def bring_in(request: Request) -> HttpResponse:
    """The file, then what it would do, then the bringing in. Nothing is kept between the steps."""
    client = editing(request).client
    if request.method == "POST" and "text" in request.POST:
        content = request.POST["text"].encode()
        done = narrative_documents.bring_in(client, content, "narratives.md", by=request.user)
        count = sum(change.outcome == "update" for change in done)
        says = f"{count} control{'' if count == 1 else 's'} told anew."
        return back(request, "audits:narratives", says=says)
    form = DocumentForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        with applying(form):
            content = file.read(MOST_BYTES + 1)
            found = narrative_documents.read_document(client, content, file.name)
            changes = narrative_documents.preview(client, content, file.name, by=request.user)
        if not form.errors:
            text = to_markdown(
                ToldNarrative(one.ref, "", one.text, one.effective_from)
                for one in found
                if not one.problem
            )
            return _preview(request, text, changes, file.name)
    return form_page(request, form, "audits/narratives/import.html", steps=steps_at(0, STEPS))


def _preview(
    request: Request, text: str, changes: list[NarrativeChange], name: str
) -> HttpResponse:
    rows = [_row(change) for change in changes]
    rows.sort(key=lambda row: row["outcome"] != "error")
    context = {
        "steps": steps_at(1, STEPS), "name": name, "text": text, "rows": rows,
        "refused": sum(change.outcome == "error" for change in changes),
        "meant": sum(change.outcome == "update" for change in changes),
    }  # fmt: skip
    return render(request, "audits/narratives/import_preview.html", context)


def _row(change: NarrativeChange) -> dict[str, Any]:
    difference = compare(change.before, change.text) if change.outcome == "update" else None
    return {
        "line": change.line, "ref": change.ref, "problem": change.problem,
        "outcome": STATUS.get(change.outcome, change.outcome), "label": LABELS[change.outcome],
        "difference": difference,
    }  # fmt: skip
