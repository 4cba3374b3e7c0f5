"""What an engagement examines, and how it is changed."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Count
from django.http import HttpResponse

from audits.actions import scope as actions
from audits.models import ControlObjective, ScopeItem
from audits.queries.scope import uses_of_scope_items
from audits.rules import scope as rules
from audits.rules.scope import scope_change
from audits.rules.series import series_title
from tenants.choices import Basis, Category
from tenants.models import Engagement
from tenants.permissions import P, require
from tenants.portal.base import Request, applying, back, engagement_page, holds, signed_in
from tenants.portal.engagements import found
from tenants.portal.fields import VersionForm


class LeaveOutForm(VersionForm):
    """Why a criterion does not apply."""

    reason = forms.CharField(
        max_length=4_000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="The description of the system repeats it, and readers of the report see it.",
        error_messages={"required": "Say why the criterion does not apply (RT-04)."},
    )  # fmt: skip


class CategoriesForm(VersionForm):
    """The categories to examine."""

    categories = forms.MultipleChoiceField(
        label="Trust services categories",
        choices=Category,
        widget=forms.CheckboxSelectMultiple,
        help_text="The 33 common criteria come with every choice.",
        error_messages={"required": "Choose at least one category (RT-04)."},
    )
    confirmed = forms.BooleanField(
        label="Take these mappings away with the criteria", required=False
    )


class ObjectivesForm(forms.Form):
    """The objectives a SOC 1 examines."""

    objectives = forms.MultipleChoiceField(
        error_messages={"required": "Choose at least one control objective."}
    )
    confirmed = forms.BooleanField(
        label="Take these mappings away with the objectives", required=False
    )


@signed_in
def index(request: Request, engagement: UUID) -> HttpResponse:
    """The scope items by series, with how many controls answer to each."""
    row = found(request, engagement)
    items = ScopeItem.objects.visible_to(request.user).filter(engagement=row)
    rows = items.annotate(control_count=Count("mappings")).select_related("decided_by")
    groups = [
        {"code": code, "title": series_title(code), "items": list(members)}
        for code, members in groupby(rows.order_by("position"), key=lambda item: item.series)
    ]
    context = {
        "groups": groups,
        "categories": [str(Category(one).label) for one in row.categories],
        "is_soc1": row.basis == Basis.OBJECTIVE,
        "may_set": holds(request, P.SET_SCOPE, row),
    }
    return engagement_page(request, row, "audits/scope/index.html", context)


@signed_in
def item(request: Request, engagement: UUID, item: UUID) -> HttpResponse:
    """One criterion or objective, and the controls that answer to it."""
    row, held = _item(request, engagement, item)
    mappings = held.mappings.select_related("control").order_by("control__ref")
    context = {
        "item": held, "mappings": mappings, "may_set": holds(request, P.SET_SCOPE, row),
        "may_map": holds(request, P.MAP_CONTROLS, row), "is_soc1": row.basis == Basis.OBJECTIVE,
        "category": str(Category(held.category).label) if held.category else "",
    }  # fmt: skip
    return engagement_page(request, row, "audits/scope/item.html", context)


@signed_in
def leave_out(request: Request, engagement: UUID, item: UUID) -> HttpResponse:
    """The question before a criterion is left out, and its going."""
    row, held = _item(request, engagement, item)
    require(request.user, P.SET_SCOPE, row)
    form = LeaveOutForm(request.POST or None, initial={"version": held.version})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.leave_out(held, by=request.user, **form.cleaned_data)
        if not form.errors:
            return back(request, "audits:scope", row.pk, says=f"{held.identifier} is left out.")
    return _page(request, row, "audits/scope/leave_out.html", form, {"item": held})


@signed_in
def take_back(request: Request, engagement: UUID, item: UUID) -> HttpResponse:
    """The question before a criterion is examined again, and its return."""
    row, held = _item(request, engagement, item)
    require(request.user, P.SET_SCOPE, row)
    form = VersionForm(request.POST or None, initial={"version": held.version})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.take_back(held, by=request.user, **form.cleaned_data)
        if not form.errors:
            return back(request, "audits:scope", row.pk, says=f"{held.identifier} is in scope.")
    return _page(request, row, "audits/scope/take_back.html", form, {"item": held})


@signed_in
def categories(request: Request, engagement: UUID) -> HttpResponse:
    """Other categories: what they add and orphan is shown before anything changes."""
    row = found(request, engagement)
    require(request.user, P.SET_SCOPE, row)
    rules.refuse_other_basis(row.basis, Basis.CRITERION)
    form = CategoriesForm(
        request.POST or None, initial={"categories": row.categories, "version": row.version}
    )
    effect = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        effect = actions.effect_of(row, data["categories"])
        if "looked" in request.POST:
            with applying(form):
                actions.change_categories(
                    row, data["categories"], by=request.user, confirmed=data["confirmed"],
                    version=data["version"],
                )  # fmt: skip
            if not form.errors:
                return back(request, "audits:scope", row.pk, says="The scope is changed.")
    context = {"effect": effect}
    return _page(request, row, "audits/scope/categories.html", form, context)


@signed_in
def objectives(request: Request, engagement: UUID) -> HttpResponse:
    """The objectives of the client that a SOC 1 examines."""
    row = found(request, engagement)
    require(request.user, P.SET_SCOPE, row)
    rules.refuse_other_basis(row.basis, Basis.OBJECTIVE)
    own = ControlObjective.objects.visible_to(request.user).filter(client=row.client)
    rows = list(own.annotate(control_count=Count("controls")))
    held = {str(one) for one in row.scope_items.values_list("objective", flat=True)}
    form = ObjectivesForm(request.POST or None)
    form.fields["objectives"].choices = [(str(one.pk), one.ref) for one in rows]  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        chosen = [UUID(pk) for pk in data["objectives"]]
        with applying(form):
            change = actions.take_objectives(row, chosen, request.user, confirmed=data["confirmed"])
        if not form.errors:
            says = f"{len(change.added)} added, {len(change.removed)} removed."
            return back(request, "audits:scope", row.pk, says=f"The scope is changed: {says}")
    served = {str(one.pk) for one in rows if one.control_count}
    chosen_now = set(form.data.getlist("objectives")) if form.is_bound else held or served
    context = {
        "rows": rows, "chosen": chosen_now,
        "orphaned": _orphaned(row, rows, chosen_now) if form.is_bound else {},
    }  # fmt: skip
    return _page(request, row, "audits/scope/objectives.html", form, context)


def _orphaned(engagement: Engagement, rows: list[Any], chosen: set[str]) -> dict[str, int]:
    """What hangs on objectives that would go."""
    held = list(engagement.scope_items.values_list("identifier", flat=True))
    after = [row.ref for row in rows if str(row.pk) in chosen]
    used = uses_of_scope_items(engagement)
    return dict(scope_change(held, after, used=used).orphaned)


def _item(request: Request, engagement: UUID, key: UUID) -> tuple[Engagement, ScopeItem]:
    row = found(request, engagement)
    rows = ScopeItem.objects.select_related("engagement__client", "decided_by")
    return row, rows.filter(engagement=row).find(request.user, key)


def _page(
    request: Request, engagement: Engagement, template: str, form: Any, context: dict[str, Any]
) -> HttpResponse:
    status = 400 if form.errors else 200
    return engagement_page(request, engagement, template, {"form": form, **context}, status=status)
