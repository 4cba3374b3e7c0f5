"""Accepting an invitation: with one's account, or with a new one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import login, password_validation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from tenants.actions import identities, invitations
from tenants.middleware import CHOSEN
from tenants.models import Invitation, Organization, User
from tenants.portal.base import applying, sent

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class AccountForm(forms.Form):
    """The account that begins with an invitation."""

    name = forms.CharField(label="Your name", max_length=120)
    password = forms.CharField(
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 15 characters. A few words in a row are easy to keep in mind.",
    )

    def __init__(self, data: Any, invitation: Invitation) -> None:
        super().__init__(data, initial={"name": invitation.name})
        self.invitation = invitation

    def clean(self) -> dict[str, Any]:
        """The password is long, not common, and not the person's name or address."""
        data = super().clean() or {}
        if "password" in data:
            person = User(email=self.invitation.email, name=data.get("name", ""))
            person.context_words = (self.invitation.organization.name,)
            try:
                password_validation.validate_password(data["password"], person)
            except forms.ValidationError as weak:
                self.add_error("password", weak)
        return data


def accept(request: HttpRequest, secret: str) -> HttpResponse:
    """What the link leads to: who invites to what, and the way in that fits the person."""
    invitation = invitations.shown(secret)
    known = User.objects.filter(email__iexact=invitation.email).exists()
    if request.user.is_authenticated:
        return _with_account(request, invitation, secret)
    if known:
        return _page(request, invitation, "sign_in")
    form = AccountForm(sent(request), invitation)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            person = invitations.accept_as_new(secret, **form.cleaned_data)
        if not form.errors:
            login(request, person, backend=BACKEND)
            return _welcome(request, invitation.organization)
    provider = identities.provider_of(invitation.organization)
    offered = provider is not None and provider.is_on
    address = reverse("tenants:sign_on_join", args=[secret]) if offered else ""
    return _page(request, invitation, "new", form=form, sign_on_address=address)


def _with_account(request: HttpRequest, invitation: Invitation, secret: str) -> HttpResponse:
    """The signed-in person joins with one click, when the invitation is theirs (AUT-9)."""
    assert isinstance(request.user, User)
    if request.user.email.lower() != invitation.email.lower():
        return _page(request, invitation, "other", status=409)
    if request.method == "POST":
        invitations.accept(secret, person=request.user)
        return _welcome(request, invitation.organization)
    return _page(request, invitation, "join")


def _welcome(request: HttpRequest, organization: Organization) -> HttpResponse:
    request.session[CHOSEN] = str(organization.pk)
    request.session.cycle_key()
    messages.success(request, f"Welcome to {organization.name}.")
    return redirect(reverse("tenants:home"))


def _page(
    request: HttpRequest, invitation: Invitation, way: str, status: int = 200, **context: Any
) -> HttpResponse:
    if context.get("form") is not None and context["form"].errors:
        status = 400
    return render(
        request, "tenants/invitation.html", {"invitation": invitation, "way": way, **context},
        status=status,
    )  # fmt: skip
