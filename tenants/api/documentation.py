"""The schema as a file and as a page; both are public, made once in each process."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from tenants.api.parsing import to_json

METHODS = ("get", "post", "patch", "delete")


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document of all routes."""
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return _plain(made)  # type: ignore[no-any-return]


def _plain(value: Any) -> Any:
    """Without the generator's own marks."""
    if isinstance(value, dict):
        return {name: _plain(below) for name, below in value.items() if name != "x-spec-enum-id"}
    return [_plain(below) for below in value] if isinstance(value, list) else value


@cache
def _file() -> bytes:
    return to_json(document())


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """OpenAPI 3.1, as JSON."""
    return HttpResponse(_file(), content_type="application/json")


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Every operation in words, by resource."""
    return render(request, "tenants/api/docs.html", {"resources": _resources()})


@cache
def _resources() -> list[dict[str, Any]]:
    """One entry for each resource: its name, what it is, and its operations in order."""
    found: dict[str, dict[str, Any]] = {}
    for path, methods in document()["paths"].items():
        for method in METHODS:
            if method in methods:
                operation = methods[method]
                name = operation["tags"][0]
                about = operation.get("description", "")
                entry = found.setdefault(name, {"name": name, "about": about, "operations": []})
                entry["operations"].append(_operation(method.upper(), path, operation))
    return list(found.values())


def _operation(method: str, path: str, operation: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": operation["operationId"],
        "method": method,
        "path": path,
        "summary": operation.get("summary", ""),
        "parameters": [
            {"name": each["name"], "where": each["in"], "required": each.get("required", False),
             "says": each.get("description", ""), "values": _values(each.get("schema", {}))}
            for each in operation.get("parameters", ())
        ],
        "fields": list(_fields(operation)),
        "answers": [
            {"status": status, "says": each.get("description", "")}
            for status, each in operation["responses"].items()
        ],
    }  # fmt: skip


def _fields(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The fields of the JSON body."""
    content = operation.get("requestBody", {}).get("content", {})
    reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
    shape = document()["components"]["schemas"].get(reference.rpartition("/")[2], {})
    for name, each in shape.get("properties", {}).items():
        kinds = each.get("format") or each.get("type") or "value"
        yield {
            "name": name,
            "required": name in shape.get("required", ()),
            "kind": " or ".join(kinds) if isinstance(kinds, list) else kinds,
            "says": each.get("description", ""),
            "values": _values(each),
        }


def _values(schema: dict[str, Any]) -> str:
    """The values a choice takes, with commas; empty when anything goes."""
    listed = schema.get("enum") or schema.get("items", {}).get("enum") or ()
    return ", ".join(str(each) for each in listed if each not in ("", None))
