"""Pages of deviations the client was told of: the list, one of them, and management's response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse

from audits.actions import told_deviations as actions
from audits.actions.told_deviations import OWNER, Reply
from audits.models.told_deviations import CommunicatedDeviation, ManagementResponse
from audits.queries import told_deviations
from audits.rules.deviations import LONGEST
from tenants.models import Engagement
from tenants.permissions import P, require
from tenants.portal.base import Request, applying, back, engagement_page, holds, sent, signed_in
from tenants.portal.engagements import found
from tenants.portal.fields import VersionForm


class WaiveForm(VersionForm):
    """Why no response is waited for."""

    reason = forms.CharField(
        label="Why none is waited for", max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}), help_text="The client reads it too.",
    )  # fmt: skip


class ResponseForm(VersionForm):
    """What management says."""

    agrees = forms.BooleanField(label="We agree that this happened", required=False)
    cause = forms.CharField(
        label="Why it happened", max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4})
    )
    action = forms.CharField(
        label="What we do about it", max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4})
    )
    owner_name = forms.CharField(label="Who sees to it", max_length=OWNER)
    due_on = forms.DateField(label="Until when (optional)", required=False)

    @property
    def reply(self) -> Reply:
        """The response as the form tells it."""
        said = {name: self.cleaned_data[name] for name in NAMES}
        return Reply(**said)


NAMES = ("agrees", "cause", "action", "owner_name", "due_on")


@signed_in
def index(request: Request, engagement: UUID) -> HttpResponse:
    """What the client was told, and how far the responses are."""
    row = found(request, engagement)
    context = {
        "rows": told_deviations.listed(row, request.user),
        "of_the_firm": holds(request, P.VIEW_FIRM_FILE, row),
    }
    return engagement_page(request, row, "audits/told_deviations/index.html", context)


@signed_in
def told(request: Request, engagement: UUID, communicated_deviation: UUID) -> HttpResponse:
    """One of them with its response, as far as one reads it."""
    row, held = _told(request, engagement, communicated_deviation)
    response = held.shown_responses[0] if held.shown_responses else None
    own_side = holds(request, P.VIEW_CLIENT_FILE, row)
    open_ = response is None or response.handed_over_at is None
    context = {
        "told": held, "response": response, "of_the_firm": not own_side,
        "responds": own_side and open_ and holds(request, P.RESPOND_TO_DEVIATION, row),
        "waives": open_ and not held.waived_reason and holds(request, P.COMMUNICATE_DEVIATION, row),
    }  # fmt: skip
    return engagement_page(request, row, "audits/told_deviations/told.html", context)


@signed_in
def waive(request: Request, engagement: UUID, communicated_deviation: UUID) -> HttpResponse:
    """Wait for no response."""
    row, held = _told(request, engagement, communicated_deviation)
    require(request.user, P.COMMUNICATE_DEVIATION, row)
    form = WaiveForm(sent(request), initial={"version": held.version})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.waive(held, by=request.user, **form.cleaned_data)
        if not form.errors:
            return back(request, "audits:told_deviation", row.pk, held.pk, says="It is waived.")
    context = {"form": form, "told": held, "title": "Wait for no response", "button": "Waive it"}
    return _page(request, row, context)


@signed_in
def write(request: Request, engagement: UUID, communicated_deviation: UUID) -> HttpResponse:
    """The client's draft of its response."""
    row, held = _told(request, engagement, communicated_deviation)
    require(request.user, P.RESPOND_TO_DEVIATION, row)
    kept = held.shown_responses[0] if held.shown_responses else None
    initial = {name: getattr(kept, name) for name in ("version", *NAMES)} if kept else {}
    form = ResponseForm(sent(request), initial=initial or {"version": 0, "agrees": True})
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"]
        with applying(form):
            actions.respond(held, form.reply, by=request.user, version=version)
        if not form.errors:
            says = "Kept as your side’s draft. Hand it over when it is ready."
            return back(request, "audits:told_deviation", row.pk, held.pk, says=says)
    context = {"form": form, "told": held, "title": f"Response: {held}", "button": "Keep the draft"}
    return _page(request, row, context)


@signed_in
def hand_over(request: Request, engagement: UUID, management_response: UUID) -> HttpResponse:
    """Give the response to the firm."""
    row = found(request, engagement)
    rows = ManagementResponse.objects.filter(engagement=row).select_related(
        "engagement", "communicated__control", "communicated__engagement"
    )
    held = rows.find(request.user, management_response)
    require(request.user, P.RESPOND_TO_DEVIATION, row)
    form = VersionForm(sent(request), initial={"version": held.version})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.hand_over(held, by=request.user, version=form.cleaned_data["version"])
        if not form.errors:
            says = "Your auditors read it now."
            return back(request, "audits:told_deviation", row.pk, held.communicated_id, says=says)
    context = {"form": form, "told": held.communicated, "title": "Hand over the response",
               "text": "From then on it stays as it is.", "button": "Hand it over",
               "confirms": True}  # fmt: skip
    return _page(request, row, context)


def _told(
    request: Request, engagement: UUID, key: UUID
) -> tuple[Engagement, CommunicatedDeviation]:
    row = found(request, engagement)
    rows: Any = told_deviations.listed(row, request.user)
    return row, rows.find(request.user, key)


def _page(request: Request, row: Engagement, context: dict[str, Any]) -> HttpResponse:
    status = 400 if context["form"].errors else 200
    template = "audits/told_deviations/form.html"
    return engagement_page(request, row, template, context, status=status)
