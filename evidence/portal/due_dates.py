"""Due dates: changed by the firm, asked for by the client, decided (RQ-06)."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse

from evidence.actions import due_dates as actions
from evidence.portal.base import question, scene
from evidence.portal.request_forms import DueDateForm
from tenants.permissions import P, require
from tenants.portal.base import Request, applying, back, signed_in
from tenants.portal.fields import NoteForm


@signed_in
def change(request: Request, engagement: UUID, evidence_request: UUID) -> HttpResponse:
    """Set another due date, or grant the one that was asked for."""
    about = scene(request, engagement, evidence_request)
    require(request.user, P.CHANGE_DUE_DATE, about.engagement)
    row = about.row
    form = DueDateForm(
        request.POST or None, note="optional", version=row.version,
        due_on=row.proposed_due_on or row.due_on,
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.change_due_date(row, by=request.user, **form.cleaned_data)
        if not form.errors:
            return back(
                request, "evidence:request", about.engagement.pk, row.pk,
                says="The due date is changed; the owner is told.",
            )  # fmt: skip
    asked = row.proposed_due_on
    text = f"The client asked for {asked:%Y-%m-%d}: {row.proposed_due_reason}" if asked else ""
    return question(
        request, about, form, title=f"Due date of {row.ref}", button="Change due date", text=text
    )


@signed_in
def propose(request: Request, engagement: UUID, evidence_request: UUID) -> HttpResponse:
    """Ask for more time, with the reason."""
    about = scene(request, engagement, evidence_request)
    require(request.user, P.PROPOSE_DUE_DATE, about.engagement)
    form = DueDateForm(request.POST or None, note="required", version=about.row.version)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.propose_due_date(about.row, by=request.user, **form.cleaned_data)
        if not form.errors:
            return back(
                request, "evidence:request", about.engagement.pk, about.row.pk,
                says="The auditor is asked. Until they decide, the old date holds.",
            )  # fmt: skip
    return question(
        request, about, form, title="Ask for another due date", button="Ask the auditor",
        text="Until the auditor decides, the present date holds.",
    )  # fmt: skip


@signed_in
def decline(request: Request, engagement: UUID, evidence_request: UUID) -> HttpResponse:
    """Keep the due date although the client asked for another."""
    about = scene(request, engagement, evidence_request)
    require(request.user, P.CHANGE_DUE_DATE, about.engagement)
    form = NoteForm(request.POST or None, note="required", version=about.row.version)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.decline_due_date(about.row, by=request.user, **form.cleaned_data)
        if not form.errors:
            return back(
                request, "evidence:request", about.engagement.pk, about.row.pk,
                says="The due date stays; the client reads why.",
            )  # fmt: skip
    return question(
        request, about, form, title=f"Keep the due date of {about.row.ref}", button="Keep the date"
    )
