"""The client's control objectives, for its SOC 1 engagements."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render

from audits.actions import library_objectives
from audits.models import CatalogObjective, ControlObjective
from audits.portal.library import editing, place_of
from audits.portal.library_forms import ObjectiveForm
from tenants.permissions import P
from tenants.portal.base import Request, applying, back, form_page, may, signed_in


class CatalogForm(forms.Form):
    """Objectives of the catalog to start from."""

    identifiers = forms.MultipleChoiceField(
        label="Objectives", widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one objective."},
    )  # fmt: skip


@signed_in
def index(request: Request) -> HttpResponse:
    """The objectives of the library, with how many controls serve each."""
    place = place_of(request)
    rows = ControlObjective.objects.visible_to(request.user).filter(client=place.client)
    context = {
        "client": place.client,
        "rows": rows.prefetch_related("controls"),
        "edits": may(request, P.EDIT_LIBRARY),
    }
    return render(request, "audits/objectives/index.html", context)


@signed_in
def catalog(request: Request) -> HttpResponse:
    """Objectives many service organizations state, to take into one's own."""
    client = editing(request).client
    held = set(ControlObjective.objects.visible_to(request.user).filter(client=client)
               .values_list("ref", flat=True))  # fmt: skip
    rows = [row for row in CatalogObjective.objects.all() if row.identifier not in held]
    form = CatalogForm(request.POST or None)
    form.fields["identifiers"].choices = [(row.identifier, row.title) for row in rows]  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        with applying(form):
            new = library_objectives.propose_objectives_from_catalog(
                client, form.cleaned_data["identifiers"], request.user
            )
        if not form.errors:
            says = (
                f"{len(new)} objective{'' if len(new) == 1 else 's'} taken. Put them in your words."
            )
            return back(request, "audits:objectives", says=says)
    chosen = set(form.data.getlist("identifiers")) if form.is_bound else set()
    return form_page(request, form, "audits/objectives/catalog.html", rows=rows, chosen=chosen)


@signed_in
def add(request: Request) -> HttpResponse:
    """The form of a new objective."""
    client = editing(request).client
    form = ObjectiveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = {name: value for name, value in form.cleaned_data.items() if name != "version"}
        with applying(form):
            row = library_objectives.add_objective(client, **told, by=request.user)
        if not form.errors:
            return back(request, "audits:objectives", says=f"{row.ref} is among your objectives.")
    return form_page(request, form, "audits/objectives/form.html", title="State an objective")


@signed_in
def edit(request: Request, objective: UUID) -> HttpResponse:
    """An objective, to be stated otherwise."""
    client = editing(request).client
    rows = ControlObjective.objects.select_related("client").filter(client=client)
    row = rows.find(request.user, objective)
    names = ("ref", "group", "domain", "title", "text", "version")
    form = ObjectiveForm(request.POST or None, initial={name: getattr(row, name) for name in names})
    form.fields["ref"].disabled = True
    if request.method == "POST" and form.is_valid():
        told = {name: value for name, value in form.cleaned_data.items() if name != "ref"}
        with applying(form):
            library_objectives.edit_objective(row, **told, by=request.user)
        if not form.errors:
            return back(request, "audits:objectives", says=f"{row.ref} is changed.")
    return form_page(request, form, "audits/objectives/form.html", title=f"Edit {row.ref}")
