"""How allauth signs people in here: no open sign-up, people come by invitation."""

from __future__ import annotations

from functools import wraps
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.views import LogoutView
from allauth.core.exceptions import ReauthenticationRequired
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from tenants.actions import accounts, failed_tries
from tenants.errors import Refused
from tenants.middleware import address_of
from tenants.portal.base import Request, View
from tenants.sessions import ABOUT

WRONG = "The e-mail address and the password do not fit together. Check both and try again."


class AccountAdapter(DefaultAccountAdapter):
    """Closes sign-up, counts failures in a table, and knows when one has to prove oneself again."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": WRONG,
        "incorrect_password": "This is not your password.",
        "enter_current_password": "This is not your present password.",
        "incorrect_code": "This code is wrong or was used already.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: an account begins with an invitation (AUT-9)."""
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to where the password stands."""
        return reverse("tenants:security")

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse a try before its time (AUT-4). Raises ValidationError."""
        refuse_too_soon(request, credentials.get("email", ""))

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Count it."""
        accounts.try_failed(credentials.get("email", ""), address_of(request), way="password")

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whether the person signed in, or proved it again, too long ago for a dangerous act."""
        return not is_fresh(self.request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Password or passkey; a code alone only for a person who has neither."""
        found = super().get_reauthentication_methods(user)
        strong = [method for method in found if method["id"] != "mfa_reauthenticate"]
        return strong or found

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Our own letters tell of changes (`actions/accounts.py`)."""


class SignOut(LogoutView):  # type: ignore[misc]
    """Sign-out, after which the browser keeps nothing of what was shown (HDR-4)."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """End the session and have the browser forget."""
        response: HttpResponse = super().post(*args, **kwargs)
        response["Clear-Site-Data"] = '"cache", "cookies", "storage"'
        return response


def refuse_too_soon(request: HttpRequest, email: str) -> None:
    """Refuse a try before its time, as an error of the form. Raises ValidationError."""
    try:
        failed_tries.refuse_too_soon(email, address_of(request))
    except Refused as refused:
        raise ValidationError(refused.message, code=refused.code) from refused


def is_fresh(request: HttpRequest) -> bool:
    """Whether the person proved who they are within the last minutes (AUT-7)."""
    steps = request.session.get("account_authentication_methods") or ()
    moments = [step["at"] for step in steps if step.get("reauthenticated")]
    moments.append((request.session.get(ABOUT) or {}).get("at", 0))
    return timezone.now().timestamp() - max(moments) < app_settings.REAUTHENTICATION_TIMEOUT


def fresh(view: View) -> View:
    """Only for a person who proved who they are within the last minutes (AUT-7).

    Others prove it first; what they sent is kept and done afterwards.
    """

    @wraps(view)
    def wrapped(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and not is_fresh(request):
            raise ReauthenticationRequired
        return view(request, *args, **kwargs)

    return wrapped


def closed(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """A page of allauth that is not offered."""
    raise Http404
