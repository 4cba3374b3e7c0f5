"""The controls of an engagement: the snapshot, what it answers to, and the way to the library."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse

from audits.actions import controls as actions
from audits.choices import ControlFrequency, ControlNature
from audits.models import EngagementControl, ScopeItem
from audits.queries import controls
from audits.queries.scope import request_counts
from tenants.errors import NotVisible
from tenants.models import Engagement
from tenants.permissions import P, require
from tenants.portal.base import Request, applying, back, engagement_page, holds, signed_in
from tenants.portal.engagements import found
from tenants.portal.fields import VersionForm
from tenants.portal.paging import numbered

SIZE = 50


class ControlFilters(forms.Form):
    """What the list can be narrowed by."""

    q = forms.CharField(label="Search controls", required=False, max_length=100)
    frequency = forms.ChoiceField(
        label="Frequency",
        required=False,
        choices=[("", "Any frequency"), *ControlFrequency.choices],
    )
    nature = forms.ChoiceField(
        label="Nature", required=False, choices=[("", "Any nature"), *ControlNature.choices]
    )
    scope_item = forms.ChoiceField(label="Answers to", required=False)
    unmapped = forms.BooleanField(label="Answer to nothing", required=False)

    def __init__(self, data: Any, engagement: Engagement) -> None:
        super().__init__(data)
        names = engagement.scope_items.values_list("identifier", flat=True)
        self.fields["scope_item"].choices = [  # type: ignore[attr-defined]
            ("", "Anything in scope"), *((name, name) for name in names),
        ]  # fmt: skip

    @property
    def asked(self) -> dict[str, Any]:
        """What was asked for and makes sense."""
        self.is_valid()
        asked = {key: value for key, value in self.cleaned_data.items() if value}
        if "q" in asked:
            asked["words"] = asked.pop("q")
        return asked


class TakeForm(forms.Form):
    """Controls of the library to take."""

    controls = forms.MultipleChoiceField(
        required=False, error_messages={"invalid_choice": "One of these controls is not there."}
    )


class MapForm(VersionForm):
    """A scope item the control answers to, and why."""

    scope_item = forms.ChoiceField(label="Answers to")
    rationale = forms.CharField(
        label="Why, in one line", max_length=300, required=False,
        help_text="What in the control meets it.",
    )  # fmt: skip


@signed_in
def index(request: Request, engagement: UUID) -> HttpResponse:
    """The controls the engagement has taken."""
    row = found(request, engagement)
    form = ControlFilters(request.GET, row)
    page = numbered(request, controls.listed(row, request.user, **form.asked), "controls", SIZE)
    takes = holds(request, P.MAP_CONTROLS, row)
    context = {
        "form": form, "page": page, "filtered": bool(form.asked), "may_map": takes,
        "standing": controls.standing(row, request.user) if takes else None,
        "reads_library": holds(request, P.VIEW_FIRM_FILE, row),
    }  # fmt: skip
    return engagement_page(request, row, "audits/controls/index.html", context)


@signed_in
def take(request: Request, engagement: UUID) -> HttpResponse:
    """Which controls of the library to take, or take again."""
    row = found(request, engagement)
    require(request.user, P.MAP_CONTROLS, row)
    standing = controls.standing(row, request.user)
    offered = [*standing.new, *standing.changed]
    form = TakeForm(request.POST or None)
    form.fields["controls"].choices = [(str(one.pk), one.ref) for one in offered]  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        chosen = [UUID(pk) for pk in form.cleaned_data["controls"]]
        if not chosen:
            form.add_error(None, "Choose at least one control.")
        else:
            with applying(form):
                done = actions.take_controls(row, chosen, request.user)
        if not form.errors:
            return back(request, "audits:controls", row.pk, says=_done(done))
    context = {"form": form, "standing": standing, "offered": bool(offered)}
    return _page(request, row, "audits/controls/take.html", form, context)


@signed_in
def control(request: Request, engagement: UUID, control: UUID) -> HttpResponse:
    """One control as it was told on the day it was taken."""
    row, held = _control(request, engagement, control)
    answered = list(held.mappings.select_related("scope_item").order_by("scope_item__position"))
    maps = holds(request, P.MAP_CONTROLS, row)
    context = {
        "control": held, "mappings": answered, "may_map": maps, "form": _map_form(None, row, held),
        "request_count": request_counts(row).by_control.get(held.pk, 0),
        "reads_library": holds(request, P.VIEW_FIRM_FILE, row),
    }  # fmt: skip
    return engagement_page(request, row, "audits/controls/control.html", context)


@signed_in
def map_to(request: Request, engagement: UUID, control: UUID) -> HttpResponse:
    """Map the control to one more scope item, or say otherwise why."""
    row, held = _control(request, engagement, control)
    require(request.user, P.MAP_CONTROLS, row)
    form = _map_form(request.POST or None, row, held, everything=True)
    known = held.mappings.filter(scope_item__identifier=request.GET.get("scope_item", "")).first()
    if known:
        form.initial["scope_item"] = str(known.scope_item_id)
        form.initial["rationale"] = known.rationale
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with applying(form):
            target = ScopeItem.objects.select_related("engagement").find(
                request.user, data["scope_item"]
            )
            actions.map_control(
                held, target, data["rationale"], by=request.user, version=data["version"]
            )
        if not form.errors:
            says = f"{held.ref} answers to {target.identifier}."
            return back(request, "audits:control", row.pk, held.pk, says=says)
    return _page(request, row, "audits/controls/map.html", form, {"control": held})


@signed_in
def unmap(request: Request, engagement: UUID, control: UUID, scope_item: UUID) -> HttpResponse:
    """The question before a mapping goes, and its going."""
    row, held = _control(request, engagement, control)
    require(request.user, P.MAP_CONTROLS, row)
    item = ScopeItem.objects.filter(engagement=row).find(request.user, scope_item)
    form = VersionForm(request.POST or None, initial={"version": held.version})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.unmap(held, item, by=request.user, version=form.cleaned_data["version"])
        if not form.errors:
            says = f"{held.ref} no longer answers to {item.identifier}."
            return back(request, "audits:control", row.pk, held.pk, says=says)
    return _page(request, row, "audits/controls/unmap.html", form, {"control": held, "item": item})


@signed_in
def drop(request: Request, engagement: UUID, control: UUID) -> HttpResponse:
    """The question before a control leaves the engagement, and its leaving."""
    row, held = _control(request, engagement, control)
    require(request.user, P.MAP_CONTROLS, row)
    form = VersionForm(request.POST or None, initial={"version": held.version})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.drop_control(held, request.user, version=form.cleaned_data["version"])
        if not form.errors:
            says = f"{held.ref} is no longer in this engagement."
            return back(request, "audits:controls", row.pk, says=says)
    return _page(request, row, "audits/controls/drop.html", form, {"control": held})


def _control(request: Request, engagement: UUID, key: UUID) -> tuple[Engagement, EngagementControl]:
    row = found(request, engagement)
    held = EngagementControl.objects.select_related("engagement__client", "taken_by").find(
        request.user, key
    )
    if held.engagement_id != row.pk:
        raise NotVisible("There is no such record, or it is not shown to you.")
    return row, held


def _map_form(
    data: Any, engagement: Engagement, held: EngagementControl, *, everything: bool = False
) -> MapForm:
    form = MapForm(data, initial={"version": held.version})
    items = engagement.scope_items.filter(relevant=True)
    if not everything:
        items = items.exclude(mappings__control=held)
    form.fields["scope_item"].choices = [  # type: ignore[attr-defined]
        ("", "Choose…"), *((str(item.pk), str(item)) for item in items),
    ]  # fmt: skip
    return form


def _page(
    request: Request, engagement: Engagement, template: str, form: Any, context: dict[str, Any]
) -> HttpResponse:
    status = 400 if form.errors else 200
    return engagement_page(request, engagement, template, {"form": form, **context}, status=status)


def _done(done: actions.Taken) -> str:
    parts = [f"{done.taken} taken"] if done.taken else []
    parts += [f"{done.refreshed} told anew"] if done.refreshed else []
    parts += (
        [f"{done.mapped} mapping{'' if done.mapped == 1 else 's'} added"] if done.mapped else []
    )
    return f"Controls: {', '.join(parts) or 'nothing to change'}."
