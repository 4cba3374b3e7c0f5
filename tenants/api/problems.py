"""Every refusal of the API as a problem document (RFC 9457), never a trace (API-11)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from rest_framework import exceptions, views
from rest_framework.settings import api_settings

from tenants.errors import GrcError
from tenants.refusals import as_refusal, problem_of, refusal

MEDIA_TYPE = "application/problem+json"
ABSENT_PAGE = "There is no such page, or it is not shown to you."

_KINDS: tuple[tuple[type[exceptions.APIException], str, str], ...] = (
    (exceptions.NotAuthenticated, "not_authenticated",
     "Send a token in the header Authorization: Bearer …; make one in your settings."),
    (exceptions.AuthenticationFailed, "not_authenticated", "The token is not accepted."),
    (exceptions.PermissionDenied, "not_allowed", "Your role does not include this."),
    (exceptions.NotFound, "not_found", ABSENT_PAGE),
    (exceptions.NotAcceptable, "not_acceptable", "The API answers in application/json only."),
    (exceptions.Throttled, "too_many_requests", "Too many requests; wait, then try again."),
)  # fmt: skip


def problem(error: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """DRF's exception handler. None for a fault of ours, which Django logs and answers with 500."""
    found, more = _read(error)
    if found is None:
        return None
    if getattr(context["view"], "in_a_transaction", True):
        views.set_rollback()
    request = context["request"]
    response = answer(found, getattr(request, "id", ""), **more)
    for name, value in _headers(error).items():
        response[name] = value
    if found.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    if found.status == 503:
        response["Retry-After"] = "1"
    return response


def answer(refused: GrcError, request_id: str, **more: Any) -> HttpResponse:
    """The response for a refusal."""
    body = orjson.dumps(problem_of(refused, request_id, **more), default=str)
    response = HttpResponse(body, status=refused.status, content_type=MEDIA_TYPE)
    response.refusal = refused  # for the trail
    return response


def of_request(request: HttpRequest, status: int, message: str, code: str) -> HttpResponse:
    """The answer to a request that never reached a view: unknown route, fault, bad host."""
    return answer(refusal(status, message, code=code), getattr(request, "id", ""))


def _read(error: Exception) -> tuple[GrcError | None, dict[str, Any]]:
    if not isinstance(error, exceptions.APIException):
        return as_refusal(error), {}
    if isinstance(error, exceptions.ValidationError):
        return _of_fields(error)
    if isinstance(error, exceptions.MethodNotAllowed):
        return refusal(
            405, "This address does not take that method.", code="method_not_allowed"
        ), {}
    if isinstance(error, exceptions.UnsupportedMediaType):
        said = "Send the body with a Content-Type this address takes, such as application/json."
        return refusal(415, said, code="unsupported_media_type"), {}
    for kind, code, message in _KINDS:
        if isinstance(error, kind):
            return refusal(error.status_code, message, code=code), {}
    return refusal(error.status_code, str(error.detail), code=str(error.default_code)), {}


def _of_fields(error: exceptions.ValidationError) -> tuple[GrcError, dict[str, Any]]:
    """The first field's error as the problem, and every field's under `errors`."""
    errors = [
        {"field": field, "code": str(detail.code), "detail": str(detail)}
        for field, detail in _flat(error.detail)
    ]
    first = errors[0]
    said = f"{first['field']}: {first['detail']}" if first["field"] else first["detail"]
    found = refusal(400, said, code=first["code"], field=first["field"])
    return found, {"errors": errors}


def _flat(detail: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """(dotted field, error) of each error in a serializer's nested answer; empty rows left out."""
    if isinstance(detail, Mapping):
        for name, below in detail.items():
            whole = name == api_settings.NON_FIELD_ERRORS_KEY
            yield from _flat(below, path if whole else f"{path}.{name}" if path else str(name))
    elif isinstance(detail, Sequence) and not isinstance(detail, str):
        for place, below in enumerate(detail):
            nested = isinstance(below, Mapping)
            yield from _flat(below, f"{path}.{place}" if nested and path else path)
    else:
        yield path, detail


def _headers(error: Exception) -> dict[str, str]:
    wait = getattr(error, "wait", None)
    return {"Retry-After": str(int(wait))} if wait else {}
