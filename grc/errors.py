"""Django's own refusals, in the surface's own words: a page, or a problem document for the API."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from tenants.api import problems
from tenants.errors import Invalid
from tenants.middleware import API
from tenants.portal import errors as pages
from tenants.refusals import refusal


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that no view should read: a strange host, too many fields."""
    if request.path.startswith(API):
        return problems.of_request(request, 400, "The request is malformed.", "malformed")
    return pages.error_page(request, Invalid("The request is malformed."))


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that another website had a browser send (HDR-6)."""
    if request.path.startswith(API):
        return problems.of_request(request, 403, str(exception), "not_allowed")
    return pages.error_page(request, refusal(403, str(exception), code="not_allowed"))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """An unknown route: the same answer as for an invisible record (ACC-4)."""
    if request.path.startswith(API):
        return problems.of_request(request, 404, problems.ABSENT_PAGE, "not_found")
    return pages.not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours: the request's id, nothing of what failed (API-11)."""
    if request.path.startswith(API):
        said = "Something failed on our side; tell your administrator the request id."
        return problems.of_request(request, 500, said, "fault")
    return pages.server_error(request)
