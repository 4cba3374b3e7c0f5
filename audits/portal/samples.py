"""Pages of a sample: its items, how it was drawn, expanding, adding, replacing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from audits import downloads
from audits.actions import samples as actions
from audits.choices.populations import PopulationStatus
from audits.models.samples import Sample, SampleItem
from audits.portal.population_forms import AddForm, ExpandForm, ReplaceForm
from audits.portal.populations import inside_the_firm
from audits.queries.samples import items_of, missed
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

WIDE = 6
"""How many columns of a row the list of items shows."""


@signed_in
def sample(request: Request, engagement: UUID, sample: UUID) -> HttpResponse:
    """One sample with its items."""
    row = inside_the_firm(request, engagement)
    held = _sample(request, row, sample)
    items = list(items_of(held))
    standing = held.population.status == PopulationStatus.ACCEPTED
    context = {
        "sample": held, "population": held.population, "columns": held.population.columns[:WIDE],
        "items": [(item, item.row[:WIDE], next(iter(item.replaced_by.all()), None))
                  for item in items],
        "missed": missed(held.population, items),
        "draws": held.draws.select_related("made_by"),
        "plans": standing and holds(request, P.PLAN_TEST, row), "standing": standing,
    }  # fmt: skip
    return engagement_page(request, row, "audits/samples/sample.html", context)


@signed_in
def expand(request: Request, engagement: UUID, sample: UUID) -> HttpResponse:
    """The next items of the same ordered list."""
    row = inside_the_firm(request, engagement)
    require(request.user, P.PLAN_TEST, row)
    held = _sample(request, row, sample)
    form = ExpandForm(sent(request))
    if request.method == "POST" and form.is_valid():
        with applying(form):
            made = actions.expand(held, by=request.user, **form.cleaned_data)
        if not form.errors:
            says = f"{len(made)} more items are drawn."
            return back(request, "audits:sample", row.pk, held.pk, says=says)
    return _form(request, row, held, form, "Expand the sample", "Draw them")


@signed_in
def add(request: Request, engagement: UUID, sample: UUID) -> HttpResponse:
    """Rows the auditor names."""
    row = inside_the_firm(request, engagement)
    require(request.user, P.PLAN_TEST, row)
    held = _sample(request, row, sample)
    form = AddForm(sent(request))
    if request.method == "POST" and form.is_valid():
        with applying(form):
            reason = form.cleaned_data["reason"]
            made = actions.add(held, form.named, reason=reason, by=request.user)
        if not form.errors:
            says = f"{len(made)} items are added."
            return back(request, "audits:sample", row.pk, held.pk, says=says)
    return _form(request, row, held, form, "Add items", "Add them")


@signed_in
def replace(request: Request, engagement: UUID, sample_item: UUID) -> HttpResponse:
    """Another row in place of one that is void or stands there twice."""
    row = inside_the_firm(request, engagement)
    require(request.user, P.PLAN_TEST, row)
    rows = SampleItem.objects.select_related("sample__population__engagement")
    item = rows.filter(engagement=row, sample__isnull=False).find(request.user, sample_item)
    form = ReplaceForm(sent(request))
    if request.method == "POST" and form.is_valid():
        with applying(form):
            made = actions.replace(item, by=request.user, **form.cleaned_data)
        if not form.errors:
            says = f"{made} takes its place."
            return back(request, "audits:sample", row.pk, item.sample_id, says=says)
    return _form(request, row, item.sample, form, f"Replace item {item.position}", "Replace it")


@require_safe
@signed_in
def record(request: Request, engagement: UUID, sample: UUID) -> HttpResponseBase:
    """The record of the draw as a file."""
    row = inside_the_firm(request, engagement)
    return downloads.draw_of(_sample(request, row, sample))


def _sample(request: Request, row: Engagement, key: UUID) -> Sample:
    rows = Sample.objects.select_related(
        "population__engagement", "population__test__control", "drawn_by"
    )
    held: Sample = rows.filter(engagement=row).find(request.user, key)
    return held


def _form(
    request: Request, row: Engagement, held: Sample, form: Any, title: str, button: str
) -> HttpResponse:
    context = {"sample": held, "form": form, "title": title, "button": button}
    status = 400 if form.errors else 200
    return engagement_page(request, row, "audits/samples/form.html", context, status=status)
