"""Pages of conclusions: all at a glance, one control, one item, and what rests on a failure."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django import forms
from django.http import HttpResponse

from audits.actions import conclusions as actions
from audits.choices.conclusions import ControlValue, DependencyOutcome, ItemValue
from audits.models import EngagementControl, ScopeItem
from audits.models.conclusions import ControlConclusion, ScopeItemConclusion
from audits.queries.conclusions import ControlLine, ItemLine, RollUp, roll_up
from audits.rules.conclusions import LONGEST
from tenants.errors import NotVisible
from tenants.models import Engagement
from tenants.permissions import P, require
from tenants.portal.base import Request, applying, back, engagement_page, holds, sent, signed_in
from tenants.portal.fields import VersionForm
from tenants.portal.findings import of_the_firm

NO_SUCH: Final = "There is no such page, or it is not shown to you."


class ConclusionForm(VersionForm):
    """What a control or an item came to."""

    value = forms.ChoiceField(label="It came to")
    reason = forms.CharField(
        label="Why", required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Needed where it is another than proposed, was not tested, or a control failed.",
    )  # fmt: skip

    def __init__(self, data: Any, line: ControlLine | ItemLine) -> None:
        held, of_control = line.conclusion, isinstance(line, ControlLine)
        told: dict[str, Any] = {"value": line.proposal.value, "version": 0}
        if held:
            told = {"value": held.value, "reason": held.reason, "version": held.version}
        super().__init__(data, initial=told)
        field: Any = self.fields["value"]
        field.choices = ControlValue.choices if of_control else ItemValue.choices


class DependencyForm(VersionForm):
    """What a failed control does to one that rests on it."""

    outcome = forms.ChoiceField(label="What follows", choices=DependencyOutcome.choices)
    reason = forms.CharField(
        label="What shows it", max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Say it of the control, and of the reports it uses (IPE).",
    )  # fmt: skip


@signed_in
def index(request: Request, engagement: UUID) -> HttpResponse:
    """Controls, items and dependencies: what is proposed, and what was concluded."""
    row = of_the_firm(request).find(request.user, engagement)
    found = roll_up(row)
    context = {
        "controls": found.controls.values(), "items": found.items.values(),
        "dependencies": found.dependencies,
        "concludes": holds(request, P.CONCLUDE_CONTROL, row),
        "concludes_items": holds(request, P.CONCLUDE_SCOPE_ITEM, row), **_waiting(found),
    }  # fmt: skip
    return engagement_page(request, row, "audits/conclusions/index.html", context)


def _waiting(found: RollUp) -> dict[str, int]:
    return {
        "controls_to_take": sum(map(actions.takes_control, found.controls.values())),
        "items_to_take": sum(map(actions.takes_item, found.items.values())),
    }


@signed_in
def controls_take(request: Request, engagement: UUID) -> HttpResponse:
    """Take the proposals of controls in which nothing deviates."""
    return _take(request, engagement, P.CONCLUDE_CONTROL, "controls_to_take", actions.take_controls)


@signed_in
def items_take(request: Request, engagement: UUID) -> HttpResponse:
    """Take the proposals of items that are met without deviations."""
    return _take(request, engagement, P.CONCLUDE_SCOPE_ITEM, "items_to_take", actions.take_items)


def _take(
    request: Request, engagement: UUID, permission: P, counted: str, take: Any
) -> HttpResponse:
    row = of_the_firm(request).find(request.user, engagement)
    require(request.user, permission, row)
    form = VersionForm(sent(request))
    if request.method == "POST" and form.is_valid():
        with applying(form):
            take(row, by=request.user)
        if not form.errors:
            return back(request, "audits:conclusions", row.pk, says="They are concluded.")
    count = 0 if request.method == "POST" else _waiting(roll_up(row))[counted]
    return _page(request, row, "audits/conclusions/take.html", {"form": form, "count": count})


@signed_in
def control_conclude(request: Request, engagement: UUID, control: UUID) -> HttpResponse:
    """What a control came to, beside what was found of it."""
    row = of_the_firm(request).find(request.user, engagement)
    rows = EngagementControl.objects.select_related("engagement").filter(engagement=row)
    held = rows.find(request.user, control)
    require(request.user, P.CONCLUDE_CONTROL, row)
    line = roll_up(row).controls[held.pk]
    form = ConclusionForm(sent(request), line)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.conclude_control(held, by=request.user, **form.cleaned_data)
        if not form.errors:
            return back(request, "audits:conclusions", row.pk, says=f"{held.ref} is concluded.")
    context = {"form": form, "line": line, "facts": line.facts, "title": str(held)}
    return _page(request, row, "audits/conclusions/form.html", context)


@signed_in
def item_conclude(request: Request, engagement: UUID, scope_item: UUID) -> HttpResponse:
    """Whether an item is met, beside what its controls came to."""
    row = of_the_firm(request).find(request.user, engagement)
    rows = ScopeItem.objects.select_related("engagement").filter(engagement=row)
    held = rows.find(request.user, scope_item)
    require(request.user, P.CONCLUDE_SCOPE_ITEM, row)
    line = roll_up(row).items.get(held.pk)
    if line is None:
        raise NotVisible(NO_SUCH)
    form = ConclusionForm(sent(request), line)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.conclude_item(held, by=request.user, **form.cleaned_data)
        if not form.errors:
            says = f"{held.identifier} is concluded."
            return back(request, "audits:conclusions", row.pk, says=says)
    context = {"form": form, "line": line, "outcomes": line.outcomes, "title": str(held)}
    return _page(request, row, "audits/conclusions/form.html", context)


@signed_in
def control_concluded(request: Request, engagement: UUID, control_conclusion: UUID) -> HttpResponse:
    """A conclusion on a control, as its signatures cover it."""
    row = of_the_firm(request).find(request.user, engagement)
    rows = ControlConclusion.objects.filter(engagement=row)
    held = rows.select_related("control", "concluded_by").find(request.user, control_conclusion)
    context = {
        "held": held, "kind": "control_conclusion", "title": str(held.control),
        "deviations": held.control.deviations.visible_to(request.user),
    }  # fmt: skip
    return engagement_page(request, row, "audits/conclusions/concluded.html", context)


@signed_in
def item_concluded(request: Request, engagement: UUID, scope_item_conclusion: UUID) -> HttpResponse:
    """A conclusion on an item, as its signatures cover it."""
    row = of_the_firm(request).find(request.user, engagement)
    rows = ScopeItemConclusion.objects.filter(engagement=row)
    rows = rows.select_related("scope_item", "concluded_by")
    held = rows.find(request.user, scope_item_conclusion)
    below = ControlConclusion.objects.visible_to(request.user).filter(
        control__mappings__scope_item=held.scope_item_id
    )
    context = {
        "held": held, "kind": "scope_item_conclusion", "title": str(held.scope_item),
        "below": below.select_related("control"),
    }  # fmt: skip
    return engagement_page(request, row, "audits/conclusions/concluded.html", context)


@signed_in
def dependency_review(
    request: Request, engagement: UUID, failed: UUID, dependent: UUID
) -> HttpResponse:
    """Look again at a control that rests on a failed one (DV-06)."""
    row = of_the_firm(request).find(request.user, engagement)
    rows = EngagementControl.objects.select_related("engagement").filter(engagement=row)
    first, second = rows.find(request.user, failed), rows.find(request.user, dependent)
    require(request.user, P.CONCLUDE_CONTROL, row)
    known = [
        each for each in roll_up(row).dependencies
        if (each.failed.pk, each.dependent.pk) == (first.pk, second.pk)
    ]  # fmt: skip
    if not known:
        raise NotVisible(NO_SUCH)
    kept = known[0].review
    initial = {
        name: getattr(kept, name) for name in ("version", "outcome", "reason")
    } if kept else {"version": 0}  # fmt: skip
    form = DependencyForm(sent(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.review_dependency(first, second, by=request.user, **form.cleaned_data)
        if not form.errors:
            return back(request, "audits:conclusions", row.pk, says="It is kept in the file.")
    context = {"form": form, "title": f"{second.ref} rests on {first.ref}", "failed": first,
               "dependent": second}  # fmt: skip
    return _page(request, row, "audits/conclusions/form.html", context)


def _page(
    request: Request, row: Engagement, template: str, context: dict[str, Any]
) -> HttpResponse:
    status = 400 if context["form"].errors else 200
    return engagement_page(request, row, template, context, status=status)
