"""Support's wishes to look: for the tenant's administrators, and for the operators themselves."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render

from tenants.actions import support as actions
from tenants.choices import OrganizationKind
from tenants.errors import NotVisible
from tenants.permissions import P, require
from tenants.portal.base import Request, View, applying, back, form_page, sent, signed_in
from tenants.portal.fields import VersionForm
from tenants.queries import support

HOURS = [(number, f"{number} hour{'s' if number > 1 else ''}") for number in range(1, 5)]


class AskForm(forms.Form):
    """What an operator asks to look at, from which side, and why."""

    engagement = forms.UUIDField(
        label="Engagement", help_text="The long id in its address, as the customer sent it."
    )
    side = forms.ChoiceField(
        label="From the side of", choices=OrganizationKind,
        help_text="Of the customer who asked for help; its administrators answer.",
    )  # fmt: skip
    hours = forms.TypedChoiceField(label="For", coerce=int, choices=HOURS)
    reason = forms.CharField(max_length=300, help_text="The customer reads it, and keeps it.")


@signed_in
def index(request: Request) -> HttpResponse:
    """Wishes to look at one's organization's engagements, and what became of them."""
    require(request.user, P.MANAGE_ORGANIZATION, request.organization)
    rows = support.shown(request.user, request.organization)
    context = {
        "waiting": [row for row in rows if row.is_open or row.is_live],
        "past": [row for row in rows if not (row.is_open or row.is_live)],
    }
    return render(request, "tenants/settings/support.html", context)


@signed_in
def agree(request: Request, support_access: UUID) -> HttpResponse:
    """The question before support looks, and letting it."""
    return _answer(
        request, support_access, actions.agree, "agree", "Support looks from now on, and no longer."
    )


@signed_in
def end(request: Request, support_access: UUID) -> HttpResponse:
    """The question before a wish is refused or ended, and its end."""
    return _answer(request, support_access, actions.end, "end", "Support sees nothing of it.")


def _answer(
    request: Request, key: UUID, act: Callable[..., Any], name: str, says: str
) -> HttpResponse:
    require(request.user, P.MANAGE_ORGANIZATION, request.organization)
    wish = support.wish(request.user, request.organization, key)
    form = VersionForm(sent(request))
    if request.method == "POST" and form.is_valid():
        with applying(form):
            act(wish, by=request.user)
        if not form.errors:
            return back(request, "tenants:support", says=says)
    return form_page(request, form, f"tenants/settings/support_{name}.html", wish=wish)


def for_operators(view: View) -> View:
    """Only for an operator of the platform; there is no such page for anybody else."""

    @wraps(view)
    def wrapped(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not support.is_operator(request.user):
            raise NotVisible("There is no such page, or it is not shown to you.")
        return view(request, *args, **kwargs)

    return login_required(wrapped)


@for_operators
def operator(request: Request) -> HttpResponse:
    """The operator's own page: asking to look, and what came of it."""
    form = AskForm(sent(request))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with applying(form):
            actions.ask(
                engagement_id=data["engagement"], side=data["side"], reason=data["reason"],
                hours=data["hours"], by=request.user,
            )  # fmt: skip
        if not form.errors:
            return back(
                request, "tenants:operator", says="Asked. The customer’s administrators decide."
            )
    context = {"wishes": support.own(request.user)}
    return form_page(request, form, "tenants/operator.html", **context)
