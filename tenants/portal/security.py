"""How one signs in: password, address, second factor, and where one is signed in now."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from tenants.actions import addresses, sessions
from tenants.actions.factors import codes_left
from tenants.portal.accounts import fresh
from tenants.portal.base import Request, applying, back, form_page, of_an_account, sent
from tenants.portal.fields import VersionForm
from tenants.queries.second_factor import factors_of, must_have_factor


class AddressForm(forms.Form):
    """The address to sign in with from now on."""

    email = forms.EmailField(
        label="New e-mail address", help_text="We send a link there. Until you open it, all stays."
    )


@of_an_account
def index(request: Request) -> HttpResponse:
    """Everything about signing in, on one page."""
    factors = list(factors_of(request.user))
    context = {
        "factors": factors,
        "has_app": any(factor.type == "totp" for factor in factors),
        "codes_left": codes_left(request.user),
        "asked": must_have_factor(request.user, request.membership),
        "sessions": sessions.of(request.user),
        "here": request.session.current(),
    }
    return render(request, "tenants/security/index.html", context)


@of_an_account
@fresh
def change_address(request: Request) -> HttpResponse:
    """The wish for another address, which its link proves."""
    form = AddressForm(sent(request))
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        with applying(form):
            addresses.ask(request.user, email=email, by=request.user)
        if not form.errors:
            says = f"Open the link that is on its way to {email}."
            return back(request, "tenants:security", says=says)
    return form_page(request, form, "tenants/security/email.html")


@of_an_account
@fresh
def confirm_address(request: Request, secret: str) -> HttpResponse:
    """What the link leads to: one more click, and the address is another one."""
    wish = addresses.shown(secret, by=request.user)
    form = VersionForm(sent(request))
    if request.method == "POST" and form.is_valid():
        person = addresses.confirm(secret, by=request.user, keep=request.session.current())
        request.session.cycle_key()
        return back(request, "tenants:security", says=f"You sign in as {person.email} now.")
    return form_page(request, form, "tenants/security/email_confirm.html", wish=wish)


@require_POST
@of_an_account
def end(request: Request, session: UUID) -> HttpResponse:
    """End one of one's own sessions."""
    sessions.end(session, by=request.user)
    return back(request, "tenants:security", says="That session is over.")


@require_POST
@of_an_account
def end_others(request: Request) -> HttpResponse:
    """End all of one's own sessions but this one."""
    sessions.end_others(request.user, keep=request.session.current(), why="by the person")
    return back(request, "tenants:security", says="You are signed in here only.")
