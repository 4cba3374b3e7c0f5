"""Pages of walkthroughs: which controls were walked, and what was seen."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.utils import timezone

from audits.actions import walkthroughs as actions
from audits.actions.walkthroughs import LIMITS, Seen
from audits.models import EngagementControl
from audits.models.walkthroughs import Walkthrough
from audits.queries import walkthroughs
from tenants.errors import NotVisible
from tenants.models import Engagement
from tenants.permissions import P, require
from tenants.portal.base import Request, applying, back, engagement_page, holds, signed_in
from tenants.portal.engagements import found
from tenants.portal.fields import VersionForm
from tenants.portal.paging import numbered

SIZE = 50


class WalkthroughForm(VersionForm):
    """What was seen of one item."""

    item = forms.CharField(
        label="The item you followed", max_length=LIMITS["item"],
        help_text="One, from start to end: a ticket, an invoice, a change.",
    )  # fmt: skip
    walked_on = forms.DateField(label="Walked on", initial=timezone.localdate)
    walked_with = forms.CharField(
        label="Walked with", max_length=LIMITS["walked_with"],
        widget=forms.Textarea(attrs={"rows": 2}), help_text="Names and roles.",
    )  # fmt: skip
    seen = forms.CharField(
        label="What you saw",
        max_length=LIMITS["seen"],
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Step by step: who did what, in which system, which record showed it.",
    )
    differs = forms.BooleanField(label="It runs otherwise than it is told", required=False)

    @property
    def told(self) -> Seen:
        """The walkthrough as the form tells it."""
        return Seen(
            **{name: value for name, value in self.cleaned_data.items() if name != "version"}
        )


@signed_in
def index(request: Request, engagement: UUID) -> HttpResponse:
    """Every control, walked or not."""
    row = _inside_the_firm(request, engagement)
    listed = numbered(request, walkthroughs.listed(row, request.user), "controls", SIZE)
    context = {"page": listed, "walks": holds(request, P.PERFORM_TEST, row)}
    return engagement_page(request, row, "audits/walkthroughs/index.html", context)


@signed_in
def control(request: Request, engagement: UUID, control: UUID) -> HttpResponse:
    """What the firm saw of one control."""
    row = _inside_the_firm(request, engagement)
    held = _control(request, row, control)
    context = {
        "control": held, "walkthroughs": walkthroughs.of_control(held, request.user),
        "walks": holds(request, P.PERFORM_TEST, row),
    }  # fmt: skip
    return engagement_page(request, row, "audits/walkthroughs/control.html", context)


@signed_in
def write(request: Request, engagement: UUID, control: UUID) -> HttpResponse:
    """The form of a new walkthrough."""
    row = _inside_the_firm(request, engagement)
    require(request.user, P.PERFORM_TEST, row)
    held = _control(request, row, control)
    form = WalkthroughForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.write(held, form.told, by=request.user)
        if not form.errors:
            says = "The walkthrough is in the file."
            return back(request, "audits:walked_control", row.pk, held.pk, says=says)
    return _form(request, row, held, form, "Write down a walkthrough")


@signed_in
def correct(request: Request, engagement: UUID, walkthrough: UUID) -> HttpResponse:
    """One's own walkthrough, to be corrected."""
    row = _inside_the_firm(request, engagement)
    require(request.user, P.PERFORM_TEST, row)
    rows = Walkthrough.objects.select_related("control__engagement").filter(engagement=row)
    kept = rows.find(request.user, walkthrough)
    initial = {name: getattr(kept, name) for name in WalkthroughForm.base_fields}
    form = WalkthroughForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.correct(kept, form.told, by=request.user, version=form.cleaned_data["version"])
        if not form.errors:
            says = "The walkthrough is corrected."
            return back(request, "audits:walked_control", row.pk, kept.control_id, says=says)
    return _form(request, row, kept.control, form, "Correct a walkthrough")


def _form(
    request: Request, row: Engagement, held: EngagementControl, form: WalkthroughForm, title: str
) -> HttpResponse:
    context = {"control": held, "form": form, "title": title}
    status = 400 if form.errors else 200
    return engagement_page(request, row, "audits/walkthroughs/form.html", context, status=status)


def _inside_the_firm(request: Request, engagement: UUID) -> Engagement:
    """The engagement, for its firm's people alone. Raises NotVisible."""
    row = found(request, engagement)
    if not holds(request, P.VIEW_FIRM_FILE, row):
        raise NotVisible("There is no such page, or it is not shown to you.")
    return row


def _control(request: Request, row: Engagement, key: UUID) -> Any:
    rows = EngagementControl.objects.select_related("engagement").filter(engagement=row)
    return rows.find(request.user, key)
