"""How allauth signs people in here: no open sign-up, people come by invitation."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
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


def closed(request: HttpRequest) -> HttpResponse:
    """A page of allauth that is not offered: an address changes by a new invitation (AUT-9)."""
    raise Http404
