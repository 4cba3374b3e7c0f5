"""Keys for one's own programs: made, shown once, revoked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from tenants.actions import tokens as actions
from tenants.choices import ROLES_OF, OrganizationKind
from tenants.errors import NotVisible
from tenants.models import ApiToken
from tenants.permissions import ENGAGEMENT_GRANTS, ORGANIZATION_GRANTS
from tenants.portal.accounts import fresh
from tenants.portal.base import Request, applying, back, form_page, sent, signed_in
from tenants.portal.fields import VersionForm

LIFETIMES = [(30, "30 days"), (90, "90 days"), (180, "180 days"), (365, "365 days")]


def scopes(kind: str) -> list[tuple[str, str]]:
    """The permissions somebody of such an organization can have, as choices."""
    roles = set(ROLES_OF[OrganizationKind(kind)])
    grants = {**ENGAGEMENT_GRANTS, **ORGANIZATION_GRANTS}
    possible = [permission for permission, holders in grants.items() if roles & set(holders)]
    return [(str(permission), permission.replace("_", " ").capitalize()) for permission in possible]


class TokenForm(forms.Form):
    """A new token: for which program, how long, and for what."""

    name = forms.CharField(
        max_length=80, label="Program", help_text="What will use it, such as “Evidence collector”."
    )
    days = forms.TypedChoiceField(
        label="Good for", coerce=int, choices=LIFETIMES, initial=actions.USUAL_DAYS
    )
    scopes = forms.MultipleChoiceField(
        label="Permissions",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: all that you have. A token never has more than you have then.",
    )

    def __init__(self, data: Any, kind: str) -> None:
        super().__init__(data)
        self.fields["scopes"].choices = scopes(kind)


@signed_in
def index(request: Request) -> HttpResponse:
    """One's own tokens in the organization one acts in."""
    rows = ApiToken.objects.filter(person=request.user, organization=request.organization)
    context = {"tokens": rows, "now": timezone.now()}
    return render(request, "tenants/settings/tokens.html", context)


@signed_in
@fresh
def new(request: Request) -> HttpResponse:
    """The form of a new token; its answer is the one page that shows the secret."""
    form = TokenForm(sent(request), request.organization.kind)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            token, secret = actions.create(
                request.organization, by=request.user, **form.cleaned_data
            )
        if not form.errors:
            return render(
                request, "tenants/settings/token_made.html", {"token": token, "secret": secret}
            )
    return form_page(request, form, "tenants/settings/token_new.html")


@signed_in
def revoke(request: Request, token: UUID) -> HttpResponse:
    """The question before a token ends, and its end."""
    row = ApiToken.objects.select_related("organization").filter(
        pk=token, person=request.user, organization=request.organization
    ).first()  # fmt: skip
    if row is None:
        raise NotVisible("There is no such token.")
    form = VersionForm(sent(request))
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.revoke(row, by=request.user)
        if not form.errors:
            return back(request, "tenants:tokens", says=f"{row.name} no longer gets in.")
    return form_page(request, form, "tenants/settings/token_revoke.html", token=row)
