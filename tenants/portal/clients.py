"""The clients of a firm: the list, and a new one."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from tenants.actions import organizations
from tenants.choices import OrganizationKind
from tenants.errors import NotVisible
from tenants.permissions import P, require
from tenants.portal.base import Request, applying, back, form_page, may, sent, signed_in
from tenants.portal.fields import TimeZoneField
from tenants.portal.paging import numbered
from tenants.queries import clients, introductions


class ClientForm(forms.Form):
    """A new client."""

    name = forms.CharField(max_length=120)
    time_zone = TimeZoneField(help_text="Due dates and reminders follow the client's days.")


class SearchForm(forms.Form):
    """The search box above the list."""

    q = forms.CharField(label="Search clients", required=False, max_length=100)


@signed_in
def index(request: Request) -> HttpResponse:
    """The firm's clients, with the engagements the person sees of each."""
    _only_in_a_firm(request)
    form = SearchForm(request.GET)
    form.is_valid()
    words = form.cleaned_data.get("q", "")
    page = numbered(
        request, clients.of(request.organization).filter(name__icontains=words), "clients"
    )
    counts = clients.engagement_counts(request.user)
    context = {
        "form": form,
        "page": page,
        "rows": [(row, counts.get(row.pk, 0)) for row in page.rows],
        "filtered": bool(words),
        "may_add": may(request, P.OPEN_ENGAGEMENT),
        "letters": introductions.unanswered(request.user, request.organization),
        "now": timezone.now(),
    }
    return render(request, "tenants/clients/index.html", context)


@signed_in
def new(request: Request) -> HttpResponse:
    """The form of a new client."""
    _only_in_a_firm(request)
    require(request.user, P.OPEN_ENGAGEMENT, request.organization)
    form = ClientForm(sent(request), initial={"time_zone": request.organization.time_zone})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            client = organizations.add_client(
                request.organization, by=request.user, **form.cleaned_data
            )
        if not form.errors:
            return back(request, "tenants:clients", says=f"{client.name} is now a client.")
    return form_page(request, form, "tenants/clients/new.html")


def _only_in_a_firm(request: Request) -> None:
    if request.organization.kind != OrganizationKind.FIRM:
        raise NotVisible("There is no such page, or it is not shown to you.")
