"""Adding and removing second factors: an authenticator app, passkeys, recovery codes."""

from __future__ import annotations

import base64
import json
from typing import Any

from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.mfa.webauthn.internal import auth as webauthn
from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from tenants.actions import factors
from tenants.errors import NotVisible
from tenants.portal.accounts import fresh
from tenants.portal.base import Request, applying, back, form_page, of_an_account, sent
from tenants.portal.fields import VersionForm
from tenants.portal.second_factor import AFTER, HELD, FactorAdapter
from tenants.queries.second_factor import factors_of, has_factor, must_have_factor

SECRET = "app_secret"  # noqa: S105  (a session key)
"""Session key: the seed of an app that is being added; sessions are sealed."""


class AppForm(forms.Form):
    """The code that the app shows once it knows the seed."""

    code = forms.CharField(
        label="Code from the app",
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class PasskeyForm(forms.Form):
    """A passkey that the browser made, and what its person calls it."""

    name = forms.CharField(
        label="Name", max_length=60, help_text="Where it lives, such as “Work laptop”."
    )
    credential = forms.JSONField(widget=forms.HiddenInput)

    def clean_credential(self) -> dict[str, Any]:
        """Raises ValidationError for one that answers another question, or proves no person."""
        credential: dict[str, Any] = self.cleaned_data["credential"]
        webauthn.parse_registration_response(credential)
        if not webauthn.complete_registration(credential).is_user_verified():
            raise forms.ValidationError("This passkey did not ask who you are. Use another one.")
        return credential


@of_an_account
def owed(request: Request) -> HttpResponse:
    """Where the gate sends people: a second factor is asked of them, and they have none."""
    if has_factor(request.user) or not must_have_factor(request.user, request.membership):
        return redirect(_after(request))
    return render(request, "tenants/security/owed.html")


@of_an_account
@fresh
def new_app(request: Request) -> HttpResponse:
    """The seed as a picture and as text, and the code that proves the app has it."""
    if request.method == "GET" or SECRET not in request.session:
        request.session[SECRET] = generate_totp_secret()
    secret, form = request.session[SECRET], AppForm(sent(request))
    if request.method == "POST" and form.is_valid():
        with applying(form):
            factors.add_app(
                request.user, secret=secret, by=request.user, keep=request.session.current(),
                **form.cleaned_data,
            )  # fmt: skip
        if not form.errors:
            del request.session[SECRET]
            return _added(request, "Your authenticator app is added.")
    adapter = FactorAdapter()
    picture = adapter.build_totp_svg(adapter.build_totp_url(request.user, secret))
    return form_page(
        request, form, "tenants/security/app.html",
        picture=base64.b64encode(picture.encode()).decode(), secret=_in_fours(secret),
    )  # fmt: skip


@of_an_account
@fresh
def new_passkey(request: Request) -> HttpResponse:
    """The question the browser answers by making a passkey, and its answer."""
    form = PasskeyForm(sent(request), initial={"name": "My passkey"})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            factors.add_passkey(
                request.user, by=request.user, keep=request.session.current(),
                **form.cleaned_data,
            )  # fmt: skip
        if not form.errors:
            return _added(request, "Your passkey is added.")
    options = webauthn.begin_registration(request.user, passwordless=True)
    return form_page(request, form, "tenants/security/passkey.html", options=json.dumps(options))


@of_an_account
@fresh
def remove(request: Request, factor: int) -> HttpResponse:
    """The question before a factor goes, and its going."""
    row = factors_of(request.user).filter(pk=factor).first()
    if row is None:
        raise NotVisible("There is no such passkey or app.")
    form = VersionForm(sent(request))
    if request.method == "POST" and form.is_valid():
        with applying(form):
            factors.remove(
                factor, by=request.user, membership=request.membership,
                keep=request.session.current(),
            )  # fmt: skip
        if not form.errors:
            request.session.pop(HELD, None)
            request.session.cycle_key()
            return back(request, "tenants:security", says="It no longer signs you in.")
    what = factors.what_is(row)
    return form_page(request, form, "tenants/security/remove.html", factor=row, what=what)


@of_an_account
@fresh
def recovery_codes(request: Request) -> HttpResponse:
    """The question before new codes are made; its answer is the one page that shows them."""
    form = VersionForm(sent(request))
    if request.method == "POST" and form.is_valid():
        with applying(form):
            return _codes(request)
    left = factors.codes_left(request.user)
    return form_page(request, form, "tenants/security/codes.html", left=left)


def _added(request: Request, says: str) -> HttpResponse:
    """A new session id (AUT-5); after the first factor the codes, otherwise back to the page."""
    request.session.cycle_key()
    if factors.codes_left(request.user) is None:
        return _codes(request, says=says)
    return back(request, "tenants:security", says=says)


def _codes(request: Request, says: str = "") -> HttpResponse:
    codes = factors.make_recovery_codes(request.user, by=request.user)
    context = {"codes": codes, "says": says, "after": _after(request)}
    return render(request, "tenants/security/codes_made.html", context)


def _after(request: Request) -> str:
    """Where the gate stopped the person, once; else the page about signing in."""
    return str(request.session.pop(AFTER, "") or reverse("tenants:security"))


def _in_fours(secret: str) -> str:
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
