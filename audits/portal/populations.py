"""Pages of populations: told, written in, accepted, drawn from."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from audits import downloads
from audits.actions import populations as actions
from audits.actions import samples as drawing
from audits.choices.populations import PopulationStatus as S
from audits.choices.testing import TestKind
from audits.models.control_tests import ControlTest
from audits.models.populations import Population
from audits.portal.population_forms import AcceptForm, DrawForm, WriteInForm
from audits.queries.samples import asked_of, populations_of
from tenants.errors import NotVisible
from tenants.models import Engagement
from tenants.permissions import P, require
from tenants.portal.base import (
    Request,
    applying,
    back,
    engagement_page,
    holds,
    sent,
    signed_in,
)
from tenants.portal.engagements import found
from tenants.portal.paging import numbered

SIZE = 50
WAYS_IN: list[tuple[str, str]] = []
"""What a button says and where it leads, given engagement and test: how rows come in besides."""


@signed_in
def index(request: Request, engagement: UUID) -> HttpResponse:
    """Every population of the engagement."""
    row = inside_the_firm(request, engagement)
    listed = numbered(request, populations_of(request.user, row), "populations", SIZE)
    return engagement_page(request, row, "audits/populations/index.html", {"page": listed})


@signed_in
def of_test(request: Request, engagement: UUID, test: UUID) -> HttpResponse:
    """The populations of one test."""
    row = inside_the_firm(request, engagement)
    held = _test(request, row, test)
    ways = [(label, reverse(name, args=[row.pk, held.pk])) for label, name in WAYS_IN]
    context = {
        "test": held, "populations": list(populations_of(request.user, row, held)), "ways": ways,
        "writes": holds(request, P.PERFORM_TEST, row) and held.kind == TestKind.OPERATION,
    }  # fmt: skip
    return engagement_page(request, row, "audits/populations/of_test.html", context)


@signed_in
def write(request: Request, engagement: UUID, test: UUID) -> HttpResponse:
    """A short list, written in."""
    row = inside_the_firm(request, engagement)
    require(request.user, P.PERFORM_TEST, row)
    held = _test(request, row, test)
    standing = populations_of(request.user, row, held).filter(status__in=(S.READY, S.ACCEPTED))
    initial = {"covers_from": held.covers_from, "covers_to": held.covers_to}
    form = WriteInForm(sent(request), standing, initial=initial)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            made = actions.write_in(held, form.told, form.cleaned_data["rows"], by=request.user)
        if not form.errors:
            says = f"{made.row_count:,} rows are frozen. Accept them next."
            return back(request, "audits:population", row.pk, made.pk, says=says)
    return _form(request, row, "audits/populations/write.html", form, test=held)


@signed_in
def population(request: Request, engagement: UUID, population: UUID) -> HttpResponse:
    """One population: where it came from, what was checked, what was drawn."""
    row = inside_the_firm(request, engagement)
    held = one(request, row, population)
    context = {
        "population": held, "moves": actions.LIFECYCLE.offered(held, request.user),
        "draws": held.status == S.ACCEPTED and held.row_count and held.sample_id is None
        and holds(request, P.PLAN_TEST, row),
        "quarters": sorted(held.quarters.items()), "job": _job(row, held),
    }  # fmt: skip
    return engagement_page(request, row, "audits/populations/population.html", context)


@require_safe
@signed_in
def progress(request: Request, engagement: UUID, population: UUID) -> HttpResponse:
    """How many rows are read, asked every second; at the end the whole page is shown anew."""
    row = inside_the_firm(request, engagement)
    held = one(request, row, population)
    response = render(request, "partials/progress.html", {"job": _job(row, held)})
    if held.status != S.READING:
        response["HX-Refresh"] = "true"
    return response


@signed_in
def accept(request: Request, engagement: UUID, population: UUID) -> HttpResponse:
    """How the list is known to be complete and true, and its acceptance."""
    row = inside_the_firm(request, engagement)
    held = one(request, row, population)
    require(request.user, P.ACCEPT_POPULATION, row)
    form = AcceptForm(sent(request), held)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.accept(held, by=request.user, **form.cleaned_data)
        if not form.errors:
            says = "The population is accepted. Draw from it next."
            return back(request, "audits:population", row.pk, held.pk, says=says)
    return _form(request, row, "audits/populations/accept.html", form, population=held)


@signed_in
def draw(request: Request, engagement: UUID, population: UUID) -> HttpResponse:
    """How many items and how, with the firm's table and what statistics would ask."""
    row = inside_the_firm(request, engagement)
    held = one(request, row, population)
    require(request.user, P.PLAN_TEST, row)
    asked = asked_of(held)
    form = DrawForm(sent(request), asked)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            made = drawing.draw(held, form.choice, by=request.user)
        if not form.errors:
            says = f"{made.size} items are drawn."
            return back(request, "audits:sample", row.pk, made.pk, says=says)
    context = {"population": held, "asked": asked, "statistical": enumerate(asked.statistical)}
    return _form(request, row, "audits/populations/draw.html", form, **context)


@require_safe
@signed_in
def rows(request: Request, engagement: UUID, population: UUID) -> HttpResponseBase:
    """The frozen text as a file."""
    row = inside_the_firm(request, engagement)
    return downloads.rows_of(request, one(request, row, population))


def inside_the_firm(request: Request, engagement: UUID) -> Engagement:
    """The engagement, for its firm's people alone. Raises NotVisible."""
    row = found(request, engagement)
    if not holds(request, P.VIEW_FIRM_FILE, row):
        raise NotVisible("There is no such page, or it is not shown to you.")
    return row


def one(request: Request, row: Engagement, key: UUID) -> Population:
    """One population of the engagement, as lists show it. Raises NotVisible."""
    held = populations_of(request.user, row).filter(pk=key).first()
    if held is None:
        raise NotVisible("There is no such population, or it is not shown to you.")
    return held


def _test(request: Request, row: Engagement, key: UUID) -> ControlTest:
    rows = ControlTest.objects.select_related("control__engagement", "engagement__client")
    held: ControlTest = rows.filter(engagement=row).find(request.user, key)
    return held


def _job(row: Engagement, held: Population) -> dict[str, Any]:
    """The reading of a population, as `partials/progress.html` shows it."""
    return {
        "id": held.pk, "label": "Reading the list", "running": held.status == S.READING,
        "failed": held.status == S.FAILED, "percent": None,
        "message": f"{held.row_count:,} rows are read.",
        "url": reverse("audits:population_progress", args=[row.pk, held.pk]),
    }  # fmt: skip


def _form(
    request: Request, row: Engagement, template: str, form: Any, **context: Any
) -> HttpResponse:
    status = 400 if form.errors else 200
    return engagement_page(request, row, template, {"form": form, **context}, status=status)
