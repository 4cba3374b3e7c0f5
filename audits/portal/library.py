"""The client's library: its own people keep it, firms read it inside an engagement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from audits.actions import library_controls
from audits.models import Control
from audits.portal.library_forms import (
    ControlForm,
    LibraryFilters,
    RetireForm,
    WhyForm,
)
from audits.queries import library, narratives
from tenants.choices import OrganizationKind
from tenants.errors import NotVisible
from tenants.models import Engagement, Organization
from tenants.permissions import P, require
from tenants.portal.base import Request, applying, back, engagement_page, form_page, may, signed_in
from tenants.portal.engagements import found
from tenants.portal.fields import VersionForm
from tenants.portal.paging import numbered

SIZE = 50


@dataclass(frozen=True, slots=True)
class Place:
    """Whose library is shown, and the engagement inside which a firm reads it."""

    client: Organization
    engagement: Engagement | None = None


def place_of(request: Request, engagement: UUID | None = None) -> Place:
    """The client's own library, or that of an engagement's client. Raises NotVisible."""
    if engagement is not None:
        row = found(request, engagement)
        return Place(row.client, row)
    if request.organization.kind != OrganizationKind.CLIENT:
        raise NotVisible("There is no such page, or it is not shown to you.")
    return Place(request.organization)


def page(request: Request, place: Place, template: str, context: dict[str, Any]) -> HttpResponse:
    """A page of the library, inside the engagement where there is one."""
    if place.engagement is None:
        return render(request, template, {"client": place.client, **context})
    return engagement_page(request, place.engagement, template, {"client": place.client, **context})


@signed_in
def index(request: Request, engagement: UUID | None = None) -> HttpResponse:
    """The controls of the library."""
    place = place_of(request, engagement)
    form = LibraryFilters(request.GET, place.client)
    rows = library.listed(request.user, place.client, **form.asked)
    listed = numbered(request, rows, "controls", SIZE)
    context = {
        "form": form, "page": listed, "filtered": bool(form.asked),
        "edits": place.engagement is None and may(request, P.EDIT_LIBRARY),
    }  # fmt: skip
    return page(request, place, "audits/library/index.html", context)


@signed_in
def control(request: Request, control: UUID, engagement: UUID | None = None) -> HttpResponse:
    """One control: how it is told, and what it answers to."""
    place = place_of(request, engagement)
    row = control_of(request, place, control)
    told = list(narratives.versions(row))
    own = place.engagement is None
    context = {
        "control": row, "newest": told[0], "earlier": told[1:], "score": narratives.score_of(row),
        "criteria": row.criterion_links.select_related("criterion").order_by("criterion__position"),
        "objectives": row.objective_links.select_related("objective").order_by("objective__ref"),
        "edits": own and may(request, P.EDIT_LIBRARY),
        "proposes": own and may(request, P.PROPOSE_NARRATIVE) and not row.retired_on,
        "approves": own and may(request, P.APPROVE_NARRATIVE)
        and narratives.may_be_approved(told[0], request.user),
        "proposals": narratives.open_proposals(request.user, row) if own else [],
    }  # fmt: skip
    return page(request, place, "audits/library/control.html", context)


def control_of(request: Request, place: Place, key: UUID) -> Any:
    """A control of the place's library. Raises NotVisible."""
    rows = Control.objects.select_related("client").filter(client=place.client)
    return rows.find(request.user, key)


@signed_in
def add(request: Request) -> HttpResponse:
    """The form of a new control."""
    place = editing(request)
    form = ControlForm(request.POST or None, place.client)
    if request.method == "POST" and form.is_valid():
        if "check" in request.POST:
            return _checked(request, form, "audits/library/add.html")
        with applying(form):
            row = library_controls.add_control(place.client, form.told, by=request.user)
        if not form.errors:
            says = f"{row.ref} is in your library."
            return back(request, "audits:library_control", row.pk, says=says)
    return form_page(request, form, "audits/library/add.html")


@signed_in
def edit(request: Request, control: UUID) -> HttpResponse:
    """What a control tells, to be changed."""
    place = editing(request)
    row = control_of(request, place, control)
    told = library_controls.told_of(row)
    form = ControlForm(request.POST or None, place.client, told, row.version)
    if request.method == "POST" and form.is_valid():
        if "check" in request.POST:
            return _checked(request, form, "audits/library/edit.html", control=row)
        with applying(form):
            library_controls.edit_control(
                row, form.told, by=request.user, version=form.cleaned_data["version"]
            )
        if not form.errors:
            return back(request, "audits:library_control", row.pk, says=f"{row.ref} is changed.")
    return form_page(request, form, "audits/library/edit.html", control=row)


def _checked(request: Request, form: ControlForm, template: str, **more: Any) -> HttpResponse:
    """The form again with its narrative's score; nothing is kept."""
    score = narratives.score_of_told(form.client, form.told)
    return form_page(request, form, template, score=score, **more)


@signed_in
def why(request: Request, control: UUID, identifier: str) -> HttpResponse:
    """One line why a control answers to a criterion or objective (NR-14)."""
    row = control_of(request, editing(request), control)
    links = (
        row.criterion_links.filter(criterion=identifier).first()
        or row.objective_links.filter(objective__ref=identifier).first()
    )
    if links is None:
        raise NotVisible("This control is not mapped to it.")
    form = WhyForm(request.POST or None, initial={"rationale": links.rationale})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            library_controls.say_why(
                row, identifier, form.cleaned_data["rationale"], by=request.user
            )
        if not form.errors:
            return back(request, "audits:library_control", row.pk, says="The reason is kept.")
    context = {"control": row, "identifier": identifier}
    return form_page(request, form, "audits/library/why.html", **context)


@signed_in
def retire(request: Request, control: UUID) -> HttpResponse:
    """The question before a control runs no more, and its retirement."""
    row = control_of(request, editing(request), control)
    form = RetireForm(request.POST or None, initial={"version": row.version})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            library_controls.retire(row, by=request.user, **form.cleaned_data)
        if not form.errors:
            return back(request, "audits:library_control", row.pk, says=f"{row.ref} is retired.")
    return form_page(request, form, "audits/library/retire.html", control=row)


@signed_in
def bring_back(request: Request, control: UUID) -> HttpResponse:
    """The question before a retired control runs again, and its return."""
    row = control_of(request, editing(request), control)
    form = VersionForm(request.POST or None, initial={"version": row.version})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            library_controls.bring_back(row, by=request.user, **form.cleaned_data)
        if not form.errors:
            return back(request, "audits:library_control", row.pk, says=f"{row.ref} runs again.")
    return form_page(request, form, "audits/library/bring_back.html", control=row)


def editing(request: Request) -> Place:
    """One's own library, to be changed. Raises NotVisible, PermissionDenied."""
    place = place_of(request)
    require(request.user, P.EDIT_LIBRARY, place.client)
    return place
