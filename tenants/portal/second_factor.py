"""The gate: where an organization asks for a second factor, nothing opens before it (AUT-1).

To an operator of the platform nothing opens before it in any case (ACC-18).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from tenants import signed_on
from tenants.models import User
from tenants.queries.second_factor import has_factor, is_asked_of, must_have_factor
from tenants.sealing import seal, unseal

PURPOSE = "factor"
ENROLMENT = {
    "tenants:factor_owed", "tenants:app_new", "tenants:passkey_new", "tenants:recovery_codes",
    "account_logout", "account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn",
    "healthz", "readyz",
}  # fmt: skip
"""What opens for a person who owes a second factor."""
HELD = "has_factor"
"""Session key: the person was found to have one; whoever changes factors ends the session."""
AFTER = "after_factor"
"""Session key: where the person was going when the gate stopped them."""


class FactorGate:
    """Sends whoever owes a second factor to adding one, from every page and every form."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """The way to enrolment; None where the gate is open."""
        person = getattr(request, "user", None)
        if not isinstance(person, User) or request.path.startswith("/api/") or _is_open(request):
            return None
        if signed_on.is_bound(request.session):
            return None  # the organization's own provider has asked what it wants
        if request.session.get(HELD) or not _is_asked(request, person):
            return None
        if has_factor(person):
            request.session[HELD] = True
            return None
        if request.method == "GET":
            request.session[AFTER] = request.get_full_path()
        return redirect(reverse("tenants:factor_owed"))


def _is_asked(request: HttpRequest, person: User) -> bool:
    membership = getattr(request, "membership", None)
    if membership is not None:
        membership.person = person
        return is_asked_of(membership)
    if getattr(request, "memberships", None):
        return False  # their organization wants its own sign-in first, and opens nothing before it
    with transaction.atomic():
        return must_have_factor(person, None)


def _is_open(request: HttpRequest) -> bool:
    found = request.resolver_match
    return found is not None and found.view_name in ENROLMENT


class FactorAdapter(DefaultMFAAdapter):
    """Seals seeds in their columns (DAT-3); passkeys belong to the configured host (HDR-8)."""

    def encrypt(self, text: str) -> str:
        """For the column."""
        return seal(text, PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        """From the column. Raises SealBroken."""
        return unseal(encrypted_text, PURPOSE)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The site that passkeys are for; on loopback the name by which it is reached."""
        host = urlsplit(settings.SITE_ADDRESS).hostname or ""
        if settings.LOCAL:
            from allauth.core import context

            host = context.request.get_host().partition(":")[0]
        return {"id": host, "name": "Tickmark"}

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Our own letters tell of changes (`actions/accounts.py`)."""
