"""Refusals as pages: what happened, in a sentence, with a way back."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tenants.errors import GrcError, NotVisible
from tenants.middleware import API
from tenants.refusals import as_refusal

PAGES = {400: "400.html", 403: "403.html", 404: "404.html", 409: "409.html", 412: "409.html"}


class PortalErrorsMiddleware:
    """Turns refusals raised by portal views into pages; the view's transaction is rolled back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if getattr(request, "organization", None) is not None:
            response.setdefault("Cache-Control", "no-store, private")
        return response

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
        return render(request, template, {"refusal": refusal}, status=refusal.status)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler for an unknown route: the same page as for an invisible record (ACC-4)."""
    return error_page(request, NotVisible("There is no such page, or it is not shown to you."))


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours: a plain page with the request's id, nothing of what failed (API-11)."""
    return render(
        None, "500.html", {"request_id": getattr(request, "id", "")}, status=500, using=None
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form sent without its token: usually one that was left open too long (HDR-6)."""
    refusal = GrcError("This form was open too long. Go back, reload the page and send it again.")
    refusal.status = 403
    return error_page(request, refusal)
