"""Cursor pages: signed, bound to the person, the organization and the query (API-7)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core import signing
from django.db.models import QuerySet
from django.http import QueryDict
from rest_framework.pagination import BasePagination
from rest_framework.response import Response

from tenants.api.requests import Request
from tenants.errors import Invalid
from tenants.queries import pages

USUAL, MOST = 50, 200


class CursorPages(BasePagination):
    """`{"next", "total", "results"}`: 2 queries a page, whatever its size or place.

    `next` is an address or null; `total` counts every visible row that fits the filters.
    """

    def paginate_queryset(  # type: ignore[override]
        self, queryset: QuerySet[Any], request: Request, view: Any = None
    ) -> list[Any]:
        """One page of rows. Raises Invalid for a bad `limit` or another's cursor."""
        size = _size(request)
        order = [*(queryset.query.order_by or queryset.model._meta.ordering)]
        self.total = queryset.order_by().count()
        rows = pages.ordered(queryset, order)
        if cursor := request.query_params.get("cursor"):
            keys = _opened(cursor, request, order)
            rows = pages.after(rows, order, _typed(rows, keys))
        found = view.fetched(rows, size + 1)
        self.next = None
        if len(found) > size:
            del found[size:]
            self.next = _address(request, order, pages.keys_of(found[-1]))
        return found

    def get_paginated_response(self, data: Any) -> Response:
        """The page around its rows."""
        return Response({"next": self.next, "total": self.total, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The page's shape, for the schema."""
        return {
            "type": "object",
            "required": ["next", "total", "results"],
            "properties": {
                "next": {"type": ["string", "null"], "format": "uri",
                         "description": "Address of the next page, or null at the end."},
                "total": {"type": "integer", "minimum": 0,
                          "description": "Visible rows that fit the filters, on all pages."},
                "results": schema,
            },
        }  # fmt: skip

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """`limit` and `cursor`, for the schema."""
        limit = {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}
        return [
            {"name": "limit", "in": "query", "schema": limit, "description": "Rows on a page."},
            {"name": "cursor", "in": "query", "schema": {"type": "string"},
             "description": "From `next`: good for the same person and the same query only."},
        ]  # fmt: skip


def _size(request: Request) -> int:
    text = request.query_params.get("limit", str(USUAL))
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= MOST):
        raise Invalid(
            f"limit: a page holds 1 to {MOST} rows.", code="limit_out_of_range", field="limit"
        )
    return int(text)


def _signer(request: Request, order: Sequence[str]) -> signing.Signer:
    """A signer whose signatures fit one person, organization, path, query and order only."""
    query = sorted(
        (name, values)
        for name, values in request.query_params.lists()
        if name not in ("cursor", "limit")
    )
    bound = [str(request.user.pk), str(request.organization.pk), request.path, query, list(order)]
    digest = hashlib.sha256(json.dumps(bound).encode()).hexdigest()
    return signing.Signer(salt=f"tenants.api.cursor:{digest}")


def _address(request: Request, order: Sequence[str], keys: pages.Keys) -> str:
    plain = [
        value if value is None or isinstance(value, bool | int) else _text(value) for value in keys
    ]
    query: QueryDict = request.query_params.copy()
    query["cursor"] = _signer(request, order).sign_object(plain, compress=True)
    return f"{settings.SITE_ADDRESS}{request.path}?{query.urlencode()}"


def _opened(cursor: str, request: Request, order: Sequence[str]) -> list[Any]:
    try:
        keys: list[Any] = _signer(request, order).unsign_object(cursor)
    except Exception as wrong:  # a signature that fits can still carry nothing readable
        raise Invalid(
            "cursor: this cursor is not from this list; start again without it.",
            code="cursor_refused", field="cursor",
        ) from wrong  # fmt: skip
    return keys


def _text(value: Any) -> str:
    if isinstance(value, Decimal | str):
        return str(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _typed(rows: QuerySet[Any], keys: list[Any]) -> list[Any]:
    """The cursor's values as the fields' own kinds."""
    fields = [rows.query.annotations[f"_key{place}"].output_field for place in range(len(keys))]
    return [
        value if value is None else field.to_python(value)
        for field, value in zip(fields, keys, strict=True)
    ]
