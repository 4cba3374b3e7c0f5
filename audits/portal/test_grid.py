"""The testing grid: seen, filled in by keyboard, pasted; items that belong to no population."""

from __future__ import annotations

import json
from typing import Final
from uuid import UUID

from django import forms
from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from audits.actions import results
from audits.actions.results import Said
from audits.choices.testing import TestKind, TestStatus
from audits.models.samples import SampleItem
from audits.portal.testing import test_form, test_of
from audits.queries.results import Grid, grid_of
from audits.rules import grid_text
from tenants.errors import GrcError, Invalid
from tenants.permissions import P, require
from tenants.portal.base import Request, applying, back, engagement_page, holds, sent, signed_in
from tenants.portal.fields import VersionForm

LONGEST: Final = 2_000_000
"""Characters of all cells sent at once."""


class CellsForm(VersionForm):
    """Cells as the grid's script sends them: lists of item, attribute, result, mark, note."""

    found = forms.CharField(max_length=LONGEST)

    def clean_found(self) -> list[Said]:
        """The cells. Raises ValidationError for what a script of ours does not send."""
        try:
            rows = json.loads(self.cleaned_data["found"])
            return [
                Said(UUID(item), UUID(attribute), str(result), str(mark), str(note))
                for item, attribute, result, mark, note in rows
            ]
        except (ValueError, TypeError, AttributeError) as wrong:
            raise forms.ValidationError("These are no cells of a grid.") from wrong


class PasteForm(VersionForm):
    """A grid as text of a spreadsheet."""

    grid = forms.CharField(
        label="The grid", max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 16, "class": "tm-mono"}),
        help_text="One line an item, its number first, then a column for each attribute: P pass, "
        "D deviation, N not applicable. What is empty stays as it is.",
    )  # fmt: skip


class ItemForm(VersionForm):
    """Something to look at that is drawn from no population."""

    name = forms.CharField(label="What you look at", max_length=300)
    on = forms.DateField(label="Seen on", required=False)


@signed_in
def grid(request: Request, engagement: UUID, test: UUID) -> HttpResponse:
    """The items of a test by its attributes."""
    row, held = test_of(request, engagement, test)
    shown = grid_of(held)
    fills = holds(request, P.PERFORM_TEST, row) and held.status in (
        TestStatus.APPROVED, TestStatus.PERFORMING,
    )  # fmt: skip
    context = {
        "test": held, "control": held.control, "grid": shown, "fills": fills,
        "counts": told(shown), "form": CellsForm(initial={"version": held.version}),
        "letters": grid_text.LETTERS,
    }  # fmt: skip
    return engagement_page(request, row, "audits/testing/grid.html", context)


@require_POST
@signed_in
def cells(request: Request, engagement: UUID, test: UUID) -> HttpResponse:
    """Keep what the grid's script sends; the answer is for that script."""
    row, held = test_of(request, engagement, test)
    require(request.user, P.PERFORM_TEST, row)
    form = CellsForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"problem": "These are no cells of a grid."}, status=400)
    try:
        results.write_cells(
            held, form.cleaned_data["found"], by=request.user, version=form.cleaned_data["version"]
        )
    except GrcError as refused:
        return JsonResponse({"problem": refused.message}, status=refused.status)
    return JsonResponse({"version": held.version, "counts": told(grid_of(held))})


@signed_in
def paste(request: Request, engagement: UUID, test: UUID) -> HttpResponse:
    """The grid as text, to take into a spreadsheet and to paste from one."""
    row, held = test_of(request, engagement, test)
    require(request.user, P.PERFORM_TEST, row)
    now = grid_of(held)
    form = PasteForm(sent(request), initial={"version": held.version, "grid": as_text(now)})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            said = _pasted(form.cleaned_data["grid"], now)
            version = form.cleaned_data["version"]
            results.write_cells(held, said, by=request.user, version=version)
        if not form.errors:
            says = f"{len(said)} cells are kept."
            return back(request, "audits:test_grid", row.pk, held.pk, says=says)
    return test_form(request, row, held, form, "Paste from a spreadsheet", "Keep the cells")


@signed_in
def add_item(request: Request, engagement: UUID, test: UUID) -> HttpResponse:
    """A configuration, or one instance."""
    row, held = test_of(request, engagement, test)
    require(request.user, P.PERFORM_TEST, row)
    form = ItemForm(sent(request), initial={"version": held.version})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            results.add_item(held, by=request.user, **form.cleaned_data)
        if not form.errors:
            says = "The item stands in the grid."
            return back(request, "audits:test_grid", row.pk, held.pk, says=says)
    design = held.kind == TestKind.DESIGN
    title = "Add one instance" if design else "Add a configuration"
    return test_form(request, row, held, form, title, "Add")


@signed_in
def drop_item(request: Request, engagement: UUID, test: UUID, sample_item: UUID) -> HttpResponse:
    """The question before such an item is taken out, and that."""
    row, held = test_of(request, engagement, test)
    require(request.user, P.PERFORM_TEST, row)
    rows = SampleItem.objects.filter(test=held).select_related("test__engagement", "test__control")
    item: SampleItem = rows.find(request.user, sample_item)
    form = VersionForm(sent(request), initial={"version": held.version})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            results.drop_item(item, by=request.user, version=form.cleaned_data["version"])
        if not form.errors:
            return back(request, "audits:test_grid", row.pk, held.pk, says="The item is out.")
    context = {
        "form": form, "test": held, "title": "Take the item out", "button": "Take it out",
        "text": "What was found of it goes too. The history keeps that it was there.",
    }  # fmt: skip
    status = 400 if form.errors else 200
    return engagement_page(request, row, "audits/testing/confirm.html", context, status=status)


def told(shown: Grid) -> dict[str, int]:
    """The counts of a grid, each of them."""
    found = shown.counts
    return {name: found[name] for name in ("pass", "deviation", "na", "pending")}


def as_text(shown: Grid) -> str:
    """The grid as a spreadsheet takes it."""
    letters = [each.letter for each in shown.attributes]
    lines = [
        (line.item.position, [cell.result if cell else "" for cell in line.cells])
        for line in shown.lines
    ]
    return grid_text.written(letters, lines)


def _pasted(text: str, now: Grid) -> list[Said]:
    """The cells that a pasted grid speaks of; marks and notes stay. Raises Invalid."""
    asked = {each.letter: (n, each.pk) for n, each in enumerate(now.attributes)}
    lines = {line.item.position: line for line in now.lines}
    try:
        found = grid_text.read(text, list(asked), lines)
    except ValueError as wrong:
        raise Invalid(str(wrong), code="grid_unfit", field="grid") from wrong
    said = []
    for (position, letter), result in found.items():
        place, attribute = asked[letter]
        old = lines[position].cells[place]
        mark, note = (old.mark, old.note) if old else ("", "")
        said.append(Said(lines[position].item.pk, attribute, result, mark, note))
    if not said:
        raise Invalid("No cell of it has a result.", code="grid_empty", field="grid")
    return said
