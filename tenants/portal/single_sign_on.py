"""The pages of an administrator: the identity provider, and what it may do here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from tenants import signed_on
from tenants.actions import provisioning_groups, provisioning_tokens
from tenants.actions import single_sign_on as actions
from tenants.choices import SignOnProtocol
from tenants.errors import NotVisible
from tenants.models import IdentityProvider
from tenants.permissions import P, require
from tenants.portal.accounts import fresh
from tenants.portal.base import Request, applying, back, form_page, sent, signed_in
from tenants.portal.fields import VersionForm
from tenants.portal.people import roles_to_grant
from tenants.queries import connections
from tenants.queries import single_sign_on as queries

LIFETIMES = [(30, "30 days"), (90, "90 days"), (180, "180 days"), (365, "365 days")]


class OpenIDForm(VersionForm):
    """An OpenID Connect provider."""

    issuer = forms.CharField(
        max_length=500, help_text="The provider's address, exactly as it writes it itself."
    )
    client_id = forms.CharField(label="Client id", max_length=255)
    secret = forms.CharField(
        label="Client secret", max_length=1000, required=False, strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Kept encrypted and shown to nobody. Empty: the one there is stays.",
    )  # fmt: skip


class SAMLForm(VersionForm):
    """A SAML provider, by its metadata file or by the three values in it."""

    metadata = forms.FileField(
        label="Metadata file (XML)", required=False,
        help_text="Download it from the provider and choose it here. It is never fetched.",
    )  # fmt: skip
    issuer = forms.CharField(label="Entity id", max_length=500, required=False)
    sso_url = forms.CharField(label="Sign-in address (redirect)", max_length=500, required=False)
    certificate = forms.CharField(
        max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="With its BEGIN and END lines.",
    )  # fmt: skip


class KeyForm(forms.Form):
    """A new key for the directory."""

    name = forms.CharField(label="Directory", max_length=80, help_text="Such as “Okta”.")
    days = forms.TypedChoiceField(
        label="Good for", coerce=int, choices=LIFETIMES, initial=provisioning_tokens.USUAL_DAYS
    )


class GroupRoleForm(VersionForm):
    """The role that a group of the directory gives."""

    role = forms.ChoiceField(
        required=False, help_text="Of several groups with a role, the highest one counts."
    )

    def __init__(self, request: Request, **kwargs: Any) -> None:
        super().__init__(sent(request), **kwargs)
        roles = roles_to_grant(request, request.organization)
        self.fields["role"].choices = [("", "None of its own"), *roles]


@signed_in
def index(request: Request) -> HttpResponse:
    """How people sign in here: the provider, whether it is on, required, and the directory."""
    user, organization = request.user, request.organization
    require(user, P.MANAGE_ORGANIZATION, organization)
    provider = queries.providers(user, organization).first()
    context: dict[str, Any] = {
        "provider": provider,
        "tokens": queries.live_tokens(user, organization),
        "groups": queries.groups(user, organization),
        "bound": signed_on.is_bound(request.session),
        "scim_address": connections.scim_address(),
    }
    if provider is not None:
        names = ("callback",) if provider.protocol == SignOnProtocol.OIDC else ("acs", "metadata")
        context["ours"] = {name: connections.address_of(provider, name) for name in names}
        context["sign_in_address"] = connections.address_of(provider)
    return render(request, "tenants/single_sign_on/index.html", context)


@signed_in
@fresh
def openid(request: Request) -> HttpResponse:
    """Connect an OpenID Connect provider, or change it."""
    require(request.user, P.MANAGE_ORGANIZATION, request.organization)
    known = queries.providers(request.user, request.organization).first()
    initial = _initial(known, SignOnProtocol.OIDC, ("issuer", "client_id"))
    form = OpenIDForm(sent(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.connect_openid(request.organization, by=request.user, **form.cleaned_data)
        if not form.errors:
            return back(request, "tenants:single_sign_on", says="The connection is saved.")
    return form_page(request, form, "tenants/single_sign_on/connect.html", protocol="openid")


@signed_in
@fresh
def saml(request: Request) -> HttpResponse:
    """Connect a SAML provider, or change it."""
    require(request.user, P.MANAGE_ORGANIZATION, request.organization)
    known = queries.providers(request.user, request.organization).first()
    initial = _initial(known, SignOnProtocol.SAML, ("issuer", "sso_url"))
    files = request.FILES if request.method == "POST" else None
    form = SAMLForm(sent(request), files, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        file = values.pop("metadata")
        content = file.read(512 * 1024) if file else b""
        with applying(form):
            actions.connect_saml(request.organization, by=request.user, metadata=content, **values)
        if not form.errors:
            return back(request, "tenants:single_sign_on", says="The connection is saved.")
    return form_page(request, form, "tenants/single_sign_on/connect.html", protocol="saml")


def _initial(
    known: IdentityProvider | None, protocol: str, names: tuple[str, ...]
) -> dict[str, Any]:
    if known is None:
        return {}
    same = names if known.protocol == protocol else ()
    return {"version": known.version, **{name: getattr(known, name) for name in same}}


def _demand(provider: IdentityProvider, *, request: Request, **more: Any) -> None:
    proved = signed_on.used_second_factor(request.session)
    own = not signed_on.is_bound(request.session)
    actions.demand(provider, second_factor=proved and own, **more)


Act = Callable[..., Any]
CHANGES: dict[str, tuple[Act, str]] = {
    "switch-on": (actions.switch_on, "People may sign in through it now."),
    "switch-off": (actions.switch_off, "It is off; who came in through it is signed out."),
    "require": (_demand, "From now on everybody else signs in through it."),
    "release": (actions.release, "People may use their own sign-in again."),
    "disconnect": (actions.disconnect, "The connection and all links to it are gone."),
}
"""Word in the address → what it does, and what is said afterwards."""


@signed_in
@fresh
def change(request: Request, change: str) -> HttpResponse:
    """The question before a change to the connection, and the change."""
    if change not in CHANGES:
        raise NotVisible("There is no such page.")
    provider = queries.the_provider(request.user, request.organization)
    act, says = CHANGES[change]
    form = VersionForm(sent(request), initial={"version": provider.version})
    if request.method == "POST" and form.is_valid():
        more = {"request": request} if act is _demand else {}
        with applying(form):
            act(provider, by=request.user, version=form.cleaned_data["version"], **more)
        if not form.errors:
            return back(request, "tenants:single_sign_on", says=says)
    return form_page(
        request, form, "tenants/single_sign_on/change.html", change=change, provider=provider
    )


@signed_in
@fresh
def key_new(request: Request) -> HttpResponse:
    """The form of a new key; its answer is the one page that shows the secret."""
    require(request.user, P.MANAGE_ORGANIZATION, request.organization)
    form = KeyForm(sent(request))
    if request.method == "POST" and form.is_valid():
        with applying(form):
            token, secret = provisioning_tokens.create(
                request.organization, by=request.user, **form.cleaned_data
            )
        if not form.errors:
            context = {"token": token, "secret": secret, "scim_address": connections.scim_address()}
            return render(request, "tenants/single_sign_on/key_made.html", context)
    return form_page(request, form, "tenants/single_sign_on/key_new.html")


@signed_in
def key_revoke(request: Request, provisioning_token: UUID) -> HttpResponse:
    """The question before a key ends, and its end."""
    row = queries.provisioning_token(request.user, request.organization, provisioning_token)
    form = VersionForm(sent(request))
    if request.method == "POST" and form.is_valid():
        with applying(form):
            provisioning_tokens.revoke(row, by=request.user)
        if not form.errors:
            return back(request, "tenants:single_sign_on", says=f"{row.name} no longer gets in.")
    return form_page(request, form, "tenants/single_sign_on/key_revoke.html", token=row)


@signed_in
@fresh
def group_role(request: Request, group: UUID) -> HttpResponse:
    """The role that one group of the directory gives its people."""
    row = queries.group(request.user, request.organization, group)
    form = GroupRoleForm(request, initial={"role": row.role, "version": row.version})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            provisioning_groups.set_role(row, by=request.user, **form.cleaned_data)
        if not form.errors:
            return back(request, "tenants:single_sign_on", says=f"“{row}” is saved.")
    return form_page(request, form, "tenants/single_sign_on/group_role.html", group=row)


@require_POST
@signed_in
def unlink(request: Request) -> HttpResponse:
    """Let go of one's own link to the organization's provider."""
    identity = queries.own_identity(request.user, request.organization)
    if identity is None:
        raise NotVisible("Your account is not linked.")
    actions.unlink(identity, by=request.user)
    return back(request, "tenants:profile", says="Your account is no longer linked.")
