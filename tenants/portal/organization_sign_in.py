"""Signing in through one's organization: the door, the way to its provider, and the way back.

Nothing here believes a parameter. What was begun lies in the session, under a state that is used
once; the provider's answer is checked by `tenants.federation`, spent, and only then asked who it
is. The way back makes calls to the provider, so its views hold no transaction meanwhile.
"""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth import login
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from tenants import signed_on
from tenants.actions import identities, invitations, single_sign_on
from tenants.choices import SignOnProtocol
from tenants.errors import GrcError, NotVisible, Refused
from tenants.federation import openid_connect, saml
from tenants.federation.claims import Claims, SignInRefused
from tenants.middleware import CHOSEN, address_of, is_barred
from tenants.models import IdentityProvider, User
from tenants.portal.base import signed_in
from tenants.portal.errors import error_page
from tenants.queries import connections
from tenants.queries import single_sign_on as queries
from tenants.sealing import seal, unseal

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
BEGUN = "sign_ins_begun"
"""Session key: state → what was begun with it."""
MOST_BEGUN = 5
SECONDS = 600
A_MINUTE = 30
"""How many sign-ins one address may begin or end in a minute."""
ENTER, LINK, JOIN, TEST = "enter", "link", "join", "test"


class NameForm(forms.Form):
    """The organization's sign-in name."""

    name = forms.CharField(
        label="Your organization's sign-in name", max_length=60,
        help_text="Such as harbour-finch-k7q2mx. Your administrator has it, and a link with it.",
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )  # fmt: skip


def door(request: HttpRequest) -> HttpResponse:
    """Sign in with your organization: ask for its name, then go there."""
    form = NameForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            provider = _open_provider(form.cleaned_data["name"].strip().lower())
        except NotVisible as unknown:
            form.add_error("name", unknown.message)
        else:
            return redirect("tenants:sign_on", provider.sign_in_name)
    status = 400 if form.errors else 200
    return render(request, "tenants/single_sign_on/door.html", {"form": form}, status=status)


@transaction.non_atomic_requests
def begin(request: HttpRequest, name: str) -> HttpResponse:
    """The organization's own door: a button that leads to its provider."""
    provider = _open_provider(name)
    if request.method == "POST":
        local = request.user.is_authenticated and not signed_on.is_bound(request.session)
        kept = {"next": request.POST.get("next", "")}
        return _away(request, provider, LINK if local else ENTER, **kept)
    with transaction.atomic():
        context = {"provider": provider, "next": request.GET.get("next", "")}
        return render(request, "tenants/single_sign_on/begin.html", context)


@require_POST
@transaction.non_atomic_requests
def join(request: HttpRequest, secret: str) -> HttpResponse:
    """Accept an invitation by signing in through the organization that invites."""
    invitation = invitations.shown(secret)
    provider = identities.provider_of(invitation.organization)
    if provider is None or not provider.is_on:
        raise NotVisible("This organization has no sign-in of its own.")
    kept = seal(secret, "invitation in a session")
    return _away(request, provider, JOIN, invitation=kept)


@require_POST
@signed_in
@transaction.non_atomic_requests
def test(request: Any) -> HttpResponse:
    """Sign in through one's provider to see whether it works; signs nobody in."""
    with transaction.atomic():
        provider = queries.the_provider(request.user, request.organization)
    single_sign_on.check(provider, by=request.user)
    return _away(request, provider, TEST)


@require_safe
@transaction.non_atomic_requests
def callback(request: HttpRequest, name: str) -> HttpResponse:
    """Back from an OpenID Connect provider."""
    provider = _provider(name, SignOnProtocol.OIDC)
    _slow_down(request)
    return _back(request, provider, request.GET.get("state", ""), _by_code)


@csrf_exempt
@require_POST
@transaction.non_atomic_requests
def acs(request: HttpRequest, name: str) -> HttpResponse:
    """Back from a SAML provider, by a form of another site, which brings no session along.

    Reads nothing and changes nothing: hands the answer on by a form of ours, whose session counts.
    """
    _provider(name, SignOnProtocol.SAML)
    response = request.POST.get("SAMLResponse", "")[: 2 * saml.LARGEST]
    context = {"name": name, "response": response, "state": request.POST.get("RelayState", "")}
    with transaction.atomic():
        return render(request, "tenants/single_sign_on/hand_on.html", context)


@csrf_exempt  # the state in the session is the proof: no other site knows it, and it works once
@require_POST
@transaction.non_atomic_requests
def finish(request: HttpRequest, name: str) -> HttpResponse:
    """The SAML provider's answer, now with the session that asked for it."""
    provider = _provider(name, SignOnProtocol.SAML)
    _slow_down(request)
    return _back(request, provider, request.POST.get("RelayState", ""), _by_response)


@require_safe
def metadata(request: HttpRequest, name: str) -> HttpResponse:
    """What a SAML provider needs to know of us; the same for everybody who knows the name."""
    provider = _provider(name, SignOnProtocol.SAML)
    content = saml.metadata_of(connections.service_of(provider))
    return HttpResponse(content, content_type="application/samlmetadata+xml")


def _provider(name: str, protocol: str) -> IdentityProvider:
    provider = identities.provider_called(name)
    if provider.protocol != protocol:
        raise NotVisible("There is no sign-in under this name.")
    return provider


def _open_provider(name: str) -> IdentityProvider:
    """A provider that is on; unknown and off are one answer (AUT-3)."""
    provider = identities.provider_called(name)
    if not provider.is_on:
        raise NotVisible("There is no sign-in under this name.")
    return provider


def _away(request: HttpRequest, provider: IdentityProvider, kind: str, **kept: str) -> HttpResponse:
    """Note what was begun and send the person on, by a page: a form may not leave our site."""
    _slow_down(request)
    attempt = openid_connect.Attempt.fresh()
    noted: dict[str, Any] = {
        "kind": kind, "provider": str(provider.pk), "at": time.time(),
        "person": str(request.user.pk or ""), **kept,
    }  # fmt: skip
    if provider.protocol == SignOnProtocol.OIDC:
        target = openid_connect.address(connections.client_of(provider), attempt)
        noted |= {"nonce": attempt.nonce, "verifier": attempt.verifier}
    else:
        service = connections.service_of(provider)
        target, noted["request"] = saml.address(service, attempt.state)
    begun = _begun(request)
    newest = sorted(begun.items(), key=lambda each: each[1]["at"])[-(MOST_BEGUN - 1) :]
    request.session[BEGUN] = {**dict(newest), attempt.state: noted}
    with transaction.atomic():
        page = render(request, "tenants/single_sign_on/away.html", {"target": target})
    page["Refresh"] = f"0; url={target}"
    return page


def _begun(request: HttpRequest) -> dict[str, Any]:
    """What was begun in this session and is still good."""
    since = time.time() - SECONDS
    return {key: each for key, each in request.session.get(BEGUN, {}).items() if each["at"] > since}


def _back(request: HttpRequest, provider: IdentityProvider, state: str, read: Any) -> HttpResponse:
    """Take what was begun, read the answer to it, spend it, and go on."""
    begun = _begun(request)
    noted = begun.pop(state, None)
    request.session[BEGUN] = begun
    try:
        if noted is None or noted["provider"] != str(provider.pk):
            raise SignInRefused("This sign-in was not begun here, or took too long. Start again.",
                                code="state_unknown")  # fmt: skip
        if not provider.is_on and noted["kind"] != TEST:
            raise SignInRefused("Your organization's sign-in is switched off.", code="not_on")
        claims = read(request, provider, state, noted)
        identities.spend(provider, claims)
        return _THEN[noted["kind"]](request, provider, noted, claims)
    except (Refused, GrcError) as refused:
        return error_page(request, refused)


def _by_code(request: HttpRequest, provider: Any, state: str, noted: Any) -> Claims:
    if "code" not in request.GET:
        said = "Your organization did not sign you in." if "error" in request.GET else "No code."
        raise SignInRefused(f"{said} Start again.", code="provider_refused")
    attempt = openid_connect.Attempt(state, noted["nonce"], noted["verifier"])
    return openid_connect.redeem(
        connections.client_of(provider), attempt, request.GET["code"][:2000]
    )


def _by_response(request: HttpRequest, provider: Any, state: str, noted: Any) -> Claims:
    service = connections.service_of(provider)
    return saml.accepted(service, request.POST.get("SAMLResponse", ""), noted["request"])


def _enter(request: HttpRequest, provider: Any, noted: Any, claims: Claims) -> HttpResponse:
    person = identities.member_of(provider, claims)
    return _signed_on(request, provider, person, noted.get("next", ""))


def _join(request: HttpRequest, provider: Any, noted: Any, claims: Claims) -> HttpResponse:
    secret = unseal(noted["invitation"], "invitation in a session")
    person = identities.join(provider, claims, secret)
    messages.success(request, f"Welcome to {provider.organization.name}.")
    return _signed_on(request, provider, person)


def _link(request: HttpRequest, provider: Any, noted: Any, claims: Claims) -> HttpResponse:
    person = _same_person(request, noted)
    with identities.member_acts(provider, person), transaction.atomic():
        identities.link(provider, claims, by=person)
    if provider.organization.requires_single_sign_on:
        return _signed_on(request, provider, person, noted.get("next", ""))
    messages.success(request, "Your account is linked; you may sign in either way.")
    return redirect("tenants:profile")


def _tested(request: HttpRequest, provider: Any, noted: Any, claims: Claims) -> HttpResponse:
    person = _same_person(request, noted)
    with identities.member_acts(provider, person), transaction.atomic():
        single_sign_on.note_tested(provider, by=person)
        context = {"provider": provider, "claims": claims}
        return render(request, "tenants/single_sign_on/tested.html", context)


_THEN = {ENTER: _enter, LINK: _link, JOIN: _join, TEST: _tested}


def _same_person(request: HttpRequest, noted: Any) -> User:
    """Who began it, still signed in with their own proof. Raises SignInRefused."""
    person = request.user
    if not isinstance(person, User) or UUID(noted["person"] or str(UUID(int=0))) != person.pk:
        raise SignInRefused("You signed out meanwhile. Start again.", code="state_unknown")
    return person


def _signed_on(
    request: HttpRequest, provider: IdentityProvider, person: User, following: str = ""
) -> HttpResponse:
    """Begin a session that is good in the provider's organization alone (AUT-5)."""
    if is_barred(person):
        raise SignInRefused(identities.UNKNOWN, code="identity_unknown")
    login(request, person, backend=BACKEND)
    signed_on.bind(request.session, provider.organization)
    request.session[CHOSEN] = str(provider.organization_id)
    own = url_has_allowed_host_and_scheme(following, allowed_hosts=None)
    return redirect(following if own and following.startswith("/") else reverse("tenants:home"))


def _slow_down(request: HttpRequest) -> None:
    """Count sign-ins by network address. Raises Refused."""
    key = f"tickmark:nobody:sign-on:{address_of(request)}:{int(time.time() // 60)}"
    if not cache.add(key, 1, 120) and cache.incr(key) > A_MINUTE:
        raise Refused("Too many sign-ins from your network; wait a minute.", code="too_many")
