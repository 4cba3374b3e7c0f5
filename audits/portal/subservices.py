"""Pages of an engagement's subservice organizations: how each is treated, who is independent."""

from __future__ import annotations

from dataclasses import fields
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse

from audits.actions import subservices as actions
from audits.actions.subservices import Treatment
from audits.choices.system import SubserviceMethod
from audits.models.statements import ScopeEntry
from audits.models.subservices import EngagementSubservice
from audits.queries import subservices
from tenants.models import Engagement
from tenants.permissions import P, require
from tenants.portal.base import Request, applying, back, engagement_page, holds, sent, signed_in
from tenants.portal.engagements import found
from tenants.portal.fields import VersionForm

TREATED = tuple(each.name for each in fields(Treatment))


class TreatmentForm(VersionForm):
    """How an organization is treated, and what its own report covers."""

    method = forms.ChoiceField(
        label="In the report", choices=SubserviceMethod, widget=forms.RadioSelect,
        help_text="Carve-out: its controls stay outside, and you name those you expect. "
        "Inclusive: its controls are described and tested like the client’s own.",
    )  # fmt: skip
    report_from = forms.DateField(label="Its own report covers from", required=False)
    report_to = forms.DateField(label="Its own report covers to", required=False)
    bridge_to = forms.DateField(
        label="A bridge letter covers to", required=False,
        help_text="Written by its management for the days after its report.",
    )  # fmt: skip

    @property
    def told(self) -> Treatment:
        """What the form says."""
        return Treatment(**{name: self.cleaned_data[name] for name in TREATED})


@signed_in
def index(request: Request, engagement: UUID) -> HttpResponse:
    """Every organization that is stated or treated."""
    row = found(request, engagement)
    firm = holds(request, P.VIEW_FIRM_FILE, row)
    context = {
        "rows": subservices.standing(row, request.user, firm=firm), "firm": firm,
        "sets": holds(request, P.SET_SCOPE, row),
        "confirms": holds(request, P.CONFIRM_INDEPENDENCE, row),
    }  # fmt: skip
    return engagement_page(request, row, "audits/subservices/index.html", context)


@signed_in
def treat(request: Request, engagement: UUID, scope_entry: UUID) -> HttpResponse:
    """How a stated organization is treated, for the first time."""
    row = found(request, engagement)
    require(request.user, P.SET_SCOPE, row)
    rows = ScopeEntry.objects.select_related("statement", "engagement").filter(engagement=row)
    entry = rows.find(request.user, scope_entry)  # type: ignore[attr-defined]
    form = TreatmentForm(sent(request))
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.treat(entry, form.told, by=request.user)
        if not form.errors:
            return back(request, "audits:subservices", row.pk, says=f"{entry.ref} is treated so.")
    return _form(request, row, form, entry)


@signed_in
def change(request: Request, engagement: UUID, subservice: UUID) -> HttpResponse:
    """How an organization is treated, to be changed."""
    row, held = _subservice(request, engagement, subservice)
    require(request.user, P.SET_SCOPE, row)
    initial = {name: getattr(held, name) for name in ("version", *TREATED)}
    form = TreatmentForm(sent(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.change(held, form.told, by=request.user, version=form.cleaned_data["version"])
        if not form.errors:
            return back(request, "audits:subservices", row.pk, says=f"{held.ref} is changed.")
    return _form(request, row, form, held)


@signed_in
def remove(request: Request, engagement: UUID, subservice: UUID) -> HttpResponse:
    """The question before an organization is taken off, and its end here."""
    row, held = _subservice(request, engagement, subservice)
    require(request.user, P.SET_SCOPE, row)
    form = VersionForm(sent(request), initial={"version": held.version})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.remove(held, by=request.user, **form.cleaned_data)
        if not form.errors:
            return back(request, "audits:subservices", row.pk, says=f"{held.ref} is taken off.")
    return _question(request, row, form, "remove", held)


@signed_in
def confirm(request: Request, engagement: UUID, subservice: UUID) -> HttpResponse:
    """The question before one states one's independence of an organization, and the word."""
    row, held = _subservice(request, engagement, subservice)
    require(request.user, P.CONFIRM_INDEPENDENCE, row)
    form = VersionForm(sent(request))
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.confirm_independence(held, by=request.user)
        if not form.errors:
            return back(request, "audits:subservices", row.pk, says="Your word is in the file.")
    return _question(request, row, form, "confirm", held)


def _form(request: Request, row: Engagement, form: forms.Form, about: Any) -> HttpResponse:
    context = {"form": form, "about": about}
    status = 400 if form.errors else 200
    return engagement_page(request, row, "audits/subservices/form.html", context, status=status)


def _question(
    request: Request, row: Engagement, form: forms.Form, name: str, held: Any
) -> HttpResponse:
    context = {"form": form, "subservice": held}
    status = 400 if form.errors else 200
    template = f"audits/subservices/{name}.html"
    return engagement_page(request, row, template, context, status=status)


def _subservice(request: Request, engagement: UUID, key: UUID) -> tuple[Engagement, Any]:
    row = found(request, engagement)
    rows = EngagementSubservice.objects.select_related("engagement").filter(engagement=row)
    return row, rows.find(request.user, key)  # type: ignore[attr-defined]
