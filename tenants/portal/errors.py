"""Refusals as pages: what happened, in a sentence, with a way back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from tenants.errors import GrcError, NotVisible
from tenants.middleware import API
from tenants.refusals import as_refusal, refusal

TOKEN = "csrfmiddlewaretoken"  # noqa: S105  (a field's name)
FOREIGN_FORM = (
    "This form did not come from a page of Tickmark, so nothing was done. Open Tickmark, go to the "
    "page you need, and fill in the form there."
)
OLD_PAGE = (
    "This page is older than your sign-in, so nothing was changed. Send the whole form: you are "
    "then asked to send it once more, with all you typed. Or reload the page."
)
PASSWORDS = {
    "oldpassword": "Current password",
    "password1": "New password",
    "password2": "New password, again",
}
"""Fields that are never carried on a page, as they are asked for anew."""
DOORS = ("/accounts/", "/invitations/")
"""Pages for those who are not signed in."""
LOOKS_LIKE_AN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{1,4}")
PAGES = {400: "400.html", 403: "403.html", 404: "404.html", 409: "409.html", 412: "409.html"}


class PortalErrorsMiddleware:
    """Turns refusals raised by portal views into pages; the view's transaction is rolled back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_template_response(self, request: HttpRequest, response: Any) -> Any:
        """Draw a library's page in a transaction, as pages of ours are drawn in the view's."""
        with transaction.atomic():
            return response.render()

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page for a refusal; None lets Django answer with its own 500."""
        if request.path.startswith(API):
            return None
        refusal = as_refusal(error)
        return None if refusal is None else error_page(request, refusal)


def error_page(request: HttpRequest, refusal: GrcError) -> HttpResponse:
    """The page that says what was refused and why, in a transaction of its own."""
    template = PAGES.get(refusal.status, "400.html")
    with transaction.atomic():
        response = render(request, template, {"refusal": refusal}, status=refusal.status)
    response.refusal = refusal  # for the trail
    return response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler for an unknown route: the same page as for an invisible record (ACC-4)."""
    return error_page(request, NotVisible("There is no such page, or it is not shown to you."))


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours: a plain page with the request's id, nothing of what failed (API-11)."""
    return render(
        None, "500.html", {"request_id": getattr(request, "id", "")}, status=500, using=None
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token: of another website, or left open while its person signed in again.

    A form of ours can be sent again with one press and loses nothing but passwords and files,
    which no page may carry and which are asked for anew (HDR-6).
    """
    if not is_of_our_page(request):
        return error_page(request, refusal(403, FOREIGN_FORM, code="not_allowed"))
    if request.htmx or "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"detail": OLD_PAGE, "code": "form_too_old"}, status=403)
    kept = [(name, text) for name, text in _sent(request) if not _is_asked_anew(name)]
    context = {
        "kept": kept,
        "shown": [(name.replace("_", " "), text) for name, text in kept if _is_worth_showing(text)],
        "asked": [
            (name, PASSWORDS.get(name, "Password")) for name in request.POST if _is_asked_anew(name)
        ],
        "files": list(request.FILES),
        "signed_out": not request.user.is_authenticated and not request.path.startswith(DOORS),
    }
    with transaction.atomic():
        return render(request, "form_again.html", context, status=403)


def is_of_our_page(request: HttpRequest) -> bool:
    """Whether the browser says that a page of ours sent the request."""
    if site := request.headers.get("Sec-Fetch-Site"):
        return site == "same-origin"
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"


def _sent(request: HttpRequest) -> list[tuple[str, str]]:
    """Every field of the form with each of its values, but for the token."""
    fields = request.POST.lists()
    return [(name, text) for name, texts in fields if name != TOKEN for text in texts]


def _is_asked_anew(name: str) -> bool:
    return "password" in name


def _is_worth_showing(text: str) -> bool:
    return bool(text.strip()) and not LOOKS_LIKE_AN_ID.fullmatch(text)
