"""Keeps an account with its owner: a provider's session does not open its pages (AUT-11)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from tenants import signed_on
from tenants.actions import identities
from tenants.errors import NotVisible
from tenants.portal.errors import error_page
from tenants.refusals import refusal

GUARDED = ("/accounts/", "/settings/security/", "/settings/email/")
OPEN = ("account_logout", "account_login")
PROOFS = ("account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn")
"""Where a dangerous act sends somebody to prove who they are (AUT-7)."""


class OwnAccountMiddleware:
    """Refuses the pages of password and factors to whom an organization's provider signed in.

    Whoever runs that provider could be anybody of the organization; the account, which may reach
    others, stays out of their hands.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: Any) -> HttpResponse | None:
        """The refusal, or None to go on."""
        if not request.path.startswith(GUARDED) or not signed_on.is_bound(request.session):
            return None
        match = request.resolver_match
        if match is not None and match.url_name in OPEN:
            return None
        if match is not None and match.url_name in PROOFS:
            return _proof(request)
        said = (
            "Your organization signed you in. Sign out, then sign in with your own password or "
            "passkey to change them."
        )
        return error_page(request, refusal(403, said, code="own_sign_in_needed"))


def _proof(request: HttpRequest) -> HttpResponse:
    """The same question, asked of the provider that signed them in."""
    provider = identities.provider_of(request.organization)
    if provider is None:
        raise NotVisible("There is no sign-in under this name.")
    following = urlencode({"next": request.GET.get("next", "/")})
    return redirect(f"{reverse('tenants:sign_on', args=[provider.sign_in_name])}?{following}")
