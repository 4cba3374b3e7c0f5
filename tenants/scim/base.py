"""What every SCIM address has: its key, its media type, its errors, versions and lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import orjson
from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework import exceptions, views
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tenants.api.parsing import StrictJsonParser, to_json
from tenants.errors import GrcError, Invalid, NotVisible
from tenants.refusals import as_refusal
from tenants.scim.filters import conditions

MEDIA_TYPE = "application/scim+json"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
MOST = 200
KINDS = {
    "exists_already": "uniqueness", "already_invited": "uniqueness", "already_member": "uniqueness",
    "malformed": "invalidSyntax", "duplicate_key": "invalidSyntax", "too_deep": "invalidSyntax",
    "invalid_filter": "invalidFilter", "invalid_path": "invalidPath", "no_target": "noTarget",
    "invalid_syntax": "invalidSyntax", "own_membership": "mutability", "mutability": "mutability",
}  # fmt: skip
"""Our code of a refusal → `scimType` (RFC 7644, table 9); other 400s are `invalidValue`."""


class Parser(StrictJsonParser):
    """A body in SCIM's own media type, read as strictly as any other."""

    media_type = MEDIA_TYPE


class Renderer(BaseRenderer):
    """Writes SCIM's own media type."""

    media_type = MEDIA_TYPE
    format = "json"
    charset = None
    render_style = "binary"

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        """The body; empty for an answer without one."""
        return b"" if data is None else to_json(data)


class PlainRenderer(Renderer):
    """The same for a client that asks for plain JSON."""

    media_type = "application/json"


class ScimView(APIView):
    """Only for the key of a directory, found by the middleware; errors as RFC 7644 has them."""

    schema = None  # described by SCIM itself, not by the API's schema
    parser_classes: ClassVar[list[type[BaseParser]]] = [Parser, StrictJsonParser]  # type: ignore[misc]
    renderer_classes: ClassVar[list[type[BaseRenderer]]] = [Renderer, PlainRenderer]  # type: ignore[misc]
    http_method_names: ClassVar[list[str]] = ["get", "post", "put", "patch", "delete", "head"]  # type: ignore[misc]

    def handle_exception(self, error: Exception) -> HttpResponse:  # type: ignore[override]
        """The refusal as a SCIM error; a fault of ours goes on to Django."""
        refused = _refusal(error)
        if refused is None:
            raise error
        views.set_rollback()
        response = problem(*refused)
        for name, value in getattr(error, "auth_header_pairs", ()):
            response[name] = value
        if wait := getattr(error, "wait", None):
            response["Retry-After"] = str(int(wait))
        return response

    def body(self) -> Mapping[str, Any]:
        """The object that was sent. Raises Invalid."""
        if not isinstance(self.request.data, Mapping):
            raise Invalid("Send a JSON object.", code="invalid_syntax")
        return self.request.data

    def version(self) -> int | None:
        """The version that If-Match names; None without one, or for any."""
        given = self.request.headers.get("If-Match", "*").strip()
        if given == "*":
            return None
        number = given.removeprefix("W/").strip('"')
        return int(number) if number.isdecimal() and len(number) < 10 else -1

    def show(self, resource: dict[str, Any], status: int = 200) -> Response:
        """One resource with its version, narrowed to what was asked for."""
        meta = resource["meta"]
        headers = {"ETag": meta["version"], "Location": meta["location"]}
        unchanged = self.request.headers.get("If-None-Match", "")
        if self.request.method in ("GET", "HEAD") and unchanged == meta["version"]:
            return Response(None, status=304, headers=headers)
        return Response(narrowed(resource, self.request), status=status, headers=headers)

    def list(
        self, rows: QuerySet[Any], fields: Mapping[str, Any], shape: Callable[[Any], dict[str, Any]]
    ) -> Response:
        """The rows that fit the filter, from `startIndex` (1 is the first), `count` at most."""
        query = self.request.query_params
        found = rows.filter(conditions(query.get("filter", ""), fields))
        start = max(1, whole_number(query.get("startIndex"), 1))
        count = min(MOST, max(0, whole_number(query.get("count"), MOST)))
        shown = [narrowed(shape(row), self.request) for row in found[start - 1 : start - 1 + count]]
        return Response({
            "schemas": [LIST], "totalResults": found.count(), "startIndex": start,
            "itemsPerPage": len(shown), "Resources": shown,
        })  # fmt: skip


def found(rows: QuerySet[Any], key: str) -> Any:
    """One row of the directory. Raises NotVisible for foreign, absent and malformed alike."""
    row = rows.filter(pk=key).first()
    if row is None:
        raise NotVisible("There is no such resource.")
    return row


def whole_number(text: str | None, usual: int) -> int:
    """A number of the query. Raises Invalid."""
    if text is None:
        return usual
    digits = text.removeprefix("-")
    if not digits.isdecimal() or len(digits) > 9:
        raise Invalid(f"“{text[:40]}” is no number.", code="invalid_value")
    return int(text)


def narrowed(resource: dict[str, Any], request: Request) -> dict[str, Any]:
    """The resource with only `attributes`, or without `excludedAttributes`; id and such stay."""
    kept = {"schemas", "id", "meta"}
    wanted = _names(request.query_params.get("attributes"))
    spared = _names(request.query_params.get("excludedAttributes")) - {"id", "schemas"}
    return {
        name: value
        for name, value in resource.items()
        if name in kept - spared or ((not wanted or name.lower() in wanted)
        and name.lower() not in spared)
    }  # fmt: skip


def _names(text: str | None) -> set[str]:
    """Attribute names, without the parts below them."""
    last = (each.strip().rpartition(":")[2] for each in (text or "").lower().split(","))
    return {each.partition(".")[0] for each in last if each}


def problem(status: int, detail: str, kind: str = "") -> HttpResponse:
    """An error as RFC 7644, section 3.12, has it."""
    document = {"schemas": [ERROR], "status": str(status), "detail": detail}
    if kind:
        document["scimType"] = kind
    return HttpResponse(orjson.dumps(document), status=status, content_type=MEDIA_TYPE)


def _refusal(error: Exception) -> tuple[int, str, str] | None:
    refused: GrcError | None = as_refusal(error)
    if refused is not None:
        usual = "invalidValue" if refused.status == 400 else ""
        return refused.status, refused.message, KINDS.get(refused.code, usual)
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        return 401, "Send the directory's key as a bearer token.", ""
    if isinstance(error, exceptions.ParseError):
        return 400, "The body cannot be read.", "invalidSyntax"
    if isinstance(error, exceptions.APIException):
        return error.status_code, str(error.detail), ""
    return None
