"""The organization one acts in: its settings, and choosing another one."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.views.decorators.http import require_POST

from tenants.actions import organizations
from tenants.choices import SecondFactor
from tenants.errors import NotVisible
from tenants.middleware import acts_as
from tenants.permissions import P
from tenants.portal.accounts import fresh
from tenants.portal.base import Request, applying, back, form_page, may, sent, signed_in
from tenants.portal.fields import TimeZoneField, holiday_countries


class OrganizationForm(forms.Form):
    """Name, time zone and holidays of the organization."""

    name = forms.CharField(max_length=120)
    time_zone = TimeZoneField(help_text="In which the days of your people begin and end.")
    holiday_country = forms.ChoiceField(
        label="Public holidays",
        choices=holiday_countries,
        required=False,
        help_text="Reminders count business days and leave out this country's public holidays.",
    )


class PolicyForm(forms.Form):
    """Whom the organization asks for a second factor."""

    second_factor = forms.ChoiceField(
        label="Asked of",
        choices=SecondFactor.choices,
        help_text="Who has none adds one before anything else opens, from their next click on.",
    )


@signed_in
def settings(request: Request) -> HttpResponse:
    """What the organization is called and when it works; administrators may change it."""
    organization, changes = request.organization, may(request, P.MANAGE_ORGANIZATION)
    initial = {name: getattr(organization, name) for name in OrganizationForm.base_fields}
    form = OrganizationForm(sent(request), initial=initial)
    if request.method == "POST":
        if not changes:
            raise PermissionDenied("Only an administrator changes the organization.")
        if form.is_valid():
            with applying(form):
                organizations.change(organization, by=request.user, **form.cleaned_data)
            if not form.errors:
                return back(request, "tenants:settings", says="The settings are saved.")
    return form_page(
        request, form, "tenants/settings/organization.html", changes=changes,
        policy=_policy(request),
    )  # fmt: skip


@require_POST
@signed_in
@fresh
def policy(request: Request) -> HttpResponse:
    """Whom the organization asks for a second factor; administrators decide."""
    form = _policy(request, request.POST)
    if form.is_valid():
        with applying(form):
            organizations.ask_second_factor(
                request.organization, of=form.cleaned_data["second_factor"], by=request.user
            )
        if not form.errors:
            return back(request, "tenants:settings", says="The policy is saved.")
    return form_page(request, form, "tenants/settings/policy.html")


def _policy(request: Request, data: QueryDict | None = None) -> PolicyForm:
    return PolicyForm(data, initial={"second_factor": request.organization.second_factor})


@require_POST
@login_required
def switch(request: Request) -> HttpResponse:
    """Act in another of one's organizations from now on, whatever the present one demands."""
    try:
        chosen = UUID(request.POST.get("organization", ""))
    except ValueError as unknown:
        raise NotVisible("There is no such organization for you.") from unknown
    if not acts_as(request, request.user, chosen):
        raise NotVisible("There is no such organization for you.")
    return back(request, "tenants:home")
