"""Bodies of API operations, drawn from their serializers: valid, with ids where ids stand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from tenants.api.bodies import Body, NothingBody, VisibleField, VisibleListField
from tenants.api.operations import PLAIN
from tests.access.probing import Multipart
from tests.access.routes import Route
from tests.parts import added

Ids = Callable[[str], list[UUID]]
NAMES = {
    "engagement": "tenants.Engagement", "person": "tenants.User", "owner": "tenants.User",
    "assignee": "tenants.User", "contributors": "tenants.User", "watchers": "tenants.User",
    "clients": "tenants.Organization", "other_clients": "tenants.Organization",
    "engagements": "tenants.Engagement", "other_engagements": "tenants.Engagement",
    "client": "tenants.Organization", "controls": "audits.EngagementControl",
    "scope_items": "audits.ScopeItem", "scope_item": "audits.ScopeItem",
    "ids": "evidence.EvidenceRequest", "evidence_request": "evidence.EvidenceRequest",
    "assignment": "tenants.Assignment",
    "file_version": "evidence.FileVersion", "replaces": "evidence.FileVersion",
}  # fmt: skip
"""Name of a field that holds ids → model, where the serializer does not say it."""
NAMES |= added("NAMES")
FIXED = {
    "role": "staff", "scopes": [], "due_on": "2026-12-08", "permission": "submit_request",
    "report_type": "SOC2", "exam_type": "T2", "categories": ["security"], "ref": "ZZ-1",
    "period_start": "2025-10-01", "period_end": "2026-09-30", "requested_on": "2026-11-02",
    "time_zone": "America/New_York", "holiday_country": "US", "email": "new@people.example",
    "move": "begin_review", "mapping": {}, "identifiers": ["CO-01"], "rows": [1],
    "header_row": 1, "day_first": None, "period_from": None, "period_to": None, "as_of": None,
    "sensitivity": "normal", "parent_request": None, "sheet": "", "sha256": "0" * 64,
    "identifier": "CC6.1", "criteria": ["CC6.1"], "scope_ids": [],
}  # fmt: skip
"""Name of a field → a value that fits it."""
FIXED |= added("FIXED")
LEFT_OUT = {"sha256", "replaces", "sheet", "header_row", "owner_email", "fieldwork_ends_on",
            "run_on", "source_query", "row_count", "as_of", "rows", "mapping"}  # fmt: skip


def body_class(route: Route, action: str) -> type[Body] | None:
    """The fields that an operation takes; None for none, and for raw bytes."""
    method = getattr(route.view.cls, action)
    found = getattr(method, "operation", PLAIN).body
    return None if found in (None, NothingBody) else found


def id_fields(kind: type[Body] | None) -> dict[str, str]:
    """Field → model label, of the fields that take ids."""
    if kind is None:
        return {}
    return {name: model for name, each in _fields(kind) if (model := _model_of(name, each))}


def body_of(kind: type[Body] | None, ids: Ids, only: tuple[str, ...] = ()) -> Any:
    """A body with an id of `ids(model)` in each field of `only` and in those that are required."""
    if kind is None:
        return None
    values = {}
    for name, each in _fields(kind):
        model = _model_of(name, each)
        if (name in LEFT_OUT and name not in only) or each.read_only:
            continue
        if model and not (each.required or name in only):
            continue
        if model:
            key = str(ids(model)[0])
            many = isinstance(each, serializers.ListField)
            values[name] = [key] if many else key
        elif isinstance(each, serializers.FileField):
            values[name] = None
        else:
            values[name] = _fitting(name, each)
    return _multipart(values) if None in values.values() and "file" in values else values


@cache
def _fields(kind: type[Body]) -> tuple[tuple[str, Any], ...]:
    return tuple(kind().fields.items())


def _model_of(name: str, each: Any) -> str:
    if isinstance(each, VisibleField | VisibleListField):
        if isinstance(each.rows, QuerySet):
            return str(each.rows.model._meta.label)
        return NAMES[name]
    child = getattr(each, "child", None)
    if isinstance(each, serializers.UUIDField) or isinstance(child, serializers.UUIDField):
        return NAMES[name]
    return ""


def _fitting(name: str, each: Any) -> Any:
    """The value fixed for a field of this name, unless the field has choices without it."""
    fixed = FIXED.get(name)
    misfit = isinstance(each, serializers.ChoiceField) and fixed not in each.choices
    return _plain_value(each) if name not in FIXED or misfit else fixed


def _plain_value(each: Any) -> Any:
    kinds: tuple[tuple[Any, Any], ...] = (
        (serializers.BooleanField, True), (serializers.IntegerField, 1),
        (serializers.DateField, "2026-10-01"), (serializers.ListField, []),
        (serializers.DictField, {}),
    )  # fmt: skip
    if isinstance(each, serializers.ChoiceField):
        return next(iter(each.choices))
    return next((value for kind, value in kinds if isinstance(each, kind)), "Words")


def _multipart(values: dict[str, Any]) -> Multipart:
    return Multipart("multipart/form-data; boundary=sweep", b"".join(_parts(values)))


def _parts(values: dict[str, Any]) -> Iterator[bytes]:
    for name, value in values.items():
        said = f'--sweep\r\nContent-Disposition: form-data; name="{name}"'
        if value is None:
            said += '; filename="x.csv"\r\nContent-Type: text/csv'
            value = "Ref,Request\r\nA-1,Policy\r\n"
        text = value if isinstance(value, str) else json.dumps(value)
        yield f"{said}\r\n\r\n{text}\r\n".encode()
    yield b"--sweep--\r\n"
