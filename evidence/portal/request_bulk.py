"""The same act on the selected requests: all or nothing, the refusal naming the request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from evidence.actions import due_dates, evidence_requests, request_edits
from evidence.actions.request_bulk import on_each
from evidence.models import EvidenceRequest
from evidence.portal.base import list_url
from evidence.portal.request_forms import DueDateForm, LookAfterForm
from evidence.queries import people
from evidence.queries.browsing import of_engagement
from tenants.errors import Invalid, NotVisible
from tenants.models import Engagement
from tenants.portal.base import Request, applying, engagement_page, signed_in
from tenants.portal.engagements import found
from tenants.portal.fields import NoteForm
from tenants.refusals import ABSENT

MOST = 500
"""Requests in one go."""


@dataclass(frozen=True, slots=True)
class Bulk:
    """What a bulk act is called: on its button, as a question and afterwards.

    `{}` is such as "3 requests"; `asks` when a form comes first.
    """

    title: str
    question: str
    done: str
    asks: bool = False


ACTS = {
    "send": Bulk("Send to client", "Send {} to the client", "{} sent to the client."),
    "submit": Bulk("Submit to auditor", "Submit {} to the auditor", "{} submitted."),
    "begin_review": Bulk("Begin review", "Begin the review of {}", "You review {} now."),
    "accept": Bulk("Accept", "Accept {}", "{} accepted."),
    "withdraw": Bulk("Withdraw", "Withdraw {}", "{} withdrawn.", asks=True),
    "look_after": Bulk("Save", "Who looks after {}", "Saved for {}.", asks=True),
    "change_due_date": Bulk(
        "Change due date", "Change the due date of {}", "Due date of {} changed.", asks=True
    ),
}


@require_POST
@signed_in
def bulk(request: Request, engagement: UUID) -> HttpResponse:
    """Do one act to the selected requests; ask first what the act needs to know."""
    anchor = found(request, engagement)
    name = request.POST.get("move", "")
    if name not in ACTS:
        raise Invalid("Choose what to do with the selected requests.", code="move_unknown")
    act, rows = ACTS[name], _selected(request, anchor)
    sent = request.POST if "confirmed" in request.POST or not act.asks else None
    form = _form(name, sent, anchor)
    if not rows:
        messages.warning(request, "Select at least one request first.")
        return _back(request, anchor)
    if sent is not None and form.is_valid():
        with applying(form):
            on_each(rows, _doing(name, form, request, anchor))
        if not form.errors:
            number = f"{len(rows)} request{'s' if len(rows) != 1 else ''}"
            messages.success(request, act.done.format(number))
            return _back(request, anchor)
    context = {
        "rows": rows, "form": form, "act": act, "name": name, "danger": name == "withdraw",
        "back": request.POST.get("back", ""), "list_url": list_url(anchor),
    }  # fmt: skip
    status = 400 if form.errors else 200
    return engagement_page(request, anchor, "evidence/requests/bulk.html", context, status=status)


def _selected(request: Request, anchor: Engagement) -> list[EvidenceRequest]:
    """The selected requests. Raises Invalid for too many or no ids, NotVisible when one of them
    is out of sight: all or nothing (ACC-11)."""
    try:
        ids = {UUID(value) for value in request.POST.getlist("selected")[: MOST + 1]}
    except ValueError as bad:
        raise Invalid("The selection is malformed.", code="malformed") from bad
    if len(ids) > MOST:
        raise Invalid(f"Select at most {MOST} requests at once.", code="too_many")
    rows = list(of_engagement(request.user, anchor).filter(pk__in=ids).order_by("ref"))
    if len(rows) < len(ids):
        raise NotVisible(ABSENT)
    for row in rows:
        row.engagement = anchor
    return rows


def _form(name: str, data: Any, anchor: Engagement) -> forms.Form:
    if name == "withdraw":
        form: forms.Form = NoteForm(data, note="required")
    elif name == "change_due_date":
        form = DueDateForm(data, note="optional")
    elif name == "look_after":
        team = [(str(person.pk), str(person)) for person in people.firm_people(anchor.pk)]
        form = LookAfterForm(data, people=team)
    else:
        form = forms.Form(data)
    form.fields.pop("version", None)
    return form


def _doing(
    name: str, form: forms.Form, request: Request, anchor: Engagement
) -> Callable[[EvidenceRequest], Any]:
    """What is done to each request."""
    by, given = request.user, form.cleaned_data
    if name == "withdraw":
        return lambda row: evidence_requests.withdraw(row, by=by, note=given["note"])
    if name == "change_due_date":
        return lambda row: due_dates.change_due_date(
            row, due_on=given["due_on"], note=given["note"], by=by
        )
    if name == "look_after":
        team = {str(person.pk): person for person in people.firm_people(anchor.pk)}
        chosen = team.get(given["assignee"])
        return lambda row: request_edits.look_after(row, assignee=chosen, by=by)
    return lambda row: evidence_requests.VERBS[name](row, by=by)


def _back(request: Request, anchor: Engagement) -> HttpResponse:
    """To the list as it was; only its own query is taken from the form."""
    query = request.POST.get("back", "")
    return redirect(list_url(anchor) + (f"?{query}" if query else ""))
