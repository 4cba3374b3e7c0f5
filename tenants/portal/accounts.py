"""How allauth signs people in here: no open sign-up, people come by invitation."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.views import LogoutView
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse


class AccountAdapter(DefaultAccountAdapter):
    """Closes sign-up: an account begins with an invitation (AUT-9)."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to one's account."""
        return reverse("tenants:profile")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link of a reset letter, at the configured address alone (HDR-8)."""
        return settings.SITE_ADDRESS + urlsplit(super().get_reset_password_from_key_url(key)).path


class SignOut(LogoutView):  # type: ignore[misc]
    """Sign-out, after which the browser keeps nothing of what was shown (HDR-4)."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """End the session and have the browser forget."""
        response: HttpResponse = super().post(*args, **kwargs)
        response["Clear-Site-Data"] = '"cache", "cookies", "storage"'
        return response


def closed(request: HttpRequest) -> HttpResponse:
    """A page of allauth that is not offered: an address changes by a new invitation (AUT-9)."""
    raise Http404
