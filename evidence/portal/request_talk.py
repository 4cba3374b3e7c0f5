"""What is said about a request: messages, the firm's notes, and the client's answer."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from evidence.actions import request_talk as actions
from evidence.portal.base import back_to, scene
from evidence.portal.evidence_requests import answer_form, show
from evidence.portal.request_forms import TextForm
from tenants.portal.base import Request, applying, back, signed_in


@require_POST
@signed_in
def comment(request: Request, engagement: UUID, evidence_request: UUID) -> HttpResponse:
    """Write to the other side."""
    about = scene(request, engagement, evidence_request)
    form = TextForm(request.POST, auto_id="message_%s")
    if form.is_valid():
        with applying(form):
            actions.comment(about.row, text=form.cleaned_data["text"], by=request.user)
    return show(request, about, message_form=form) if form.errors else back_to(about, "talk")


@require_POST
@signed_in
def note(request: Request, engagement: UUID, evidence_request: UUID) -> HttpResponse:
    """Note something among the firm's people."""
    about = scene(request, engagement, evidence_request)
    form = TextForm(request.POST, auto_id="note_%s")
    if form.is_valid():
        with applying(form):
            actions.note(about.row, text=form.cleaned_data["text"], by=request.user)
    return show(request, about, note_form=form) if form.errors else back_to(about, "talk")


@require_POST
@signed_in
def answer(request: Request, engagement: UUID, evidence_request: UUID) -> HttpResponse:
    """Keep the client's answer; the auditor sees it when it is submitted."""
    about = scene(request, engagement, evidence_request)
    form = answer_form(about, request.POST)
    if form.is_valid():
        with applying(form):
            actions.answer(about.row, form.cleaned_data, by=request.user)
    if form.errors:
        return show(request, about, answer_form=form)
    says = "Saved. The auditor sees it once it is submitted."
    return back(request, "evidence:request", about.engagement.pk, about.row.pk, says=says)
