"""Pages by key: what comes after a row in an order, found by index, whatever the page's number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import OrderBy

Keys = list[Any]
"""The values of a row in the order's fields, the last of which is its key."""


def ordered(rows: QuerySet[Any], order: Sequence[str]) -> QuerySet[Any]:
    """`rows` in `order` (field paths, "-" for descending; empty values last), then by key.

    Each row carries `_key0`, `_key1`, …: where it stands in that order.
    """
    order = whole(rows.model, order)
    keys = {f"_key{place}": F(name.lstrip("-")) for place, name in enumerate(order)}
    found: QuerySet[Any] = rows.annotate(**keys)
    return found.order_by(*(_by(rows.model, name) for name in order))


def whole(model: Any, order: Sequence[str]) -> list[str]:
    """The order with the primary key at its end, so that no two rows stand at one place."""
    key = model._meta.pk.name
    names = [name for name in order if name.lstrip("-") not in ("pk", key)]
    last = next((name for name in order if name.lstrip("-") in ("pk", key)), key)
    return [*names, f"-{key}" if last[0] == "-" else key]


def after(rows: QuerySet[Any], order: Sequence[str], keys: Keys) -> QuerySet[Any]:
    """The ordered rows that stand behind the row with these keys."""
    names = whole(rows.model, order)
    behind, same = Q(), Q()
    for place, (name, value) in enumerate(zip(names, keys, strict=True)):
        step = _behind(rows.model, name, value)
        if step is not None:
            behind |= same & step
        path = name.lstrip("-")
        same &= Q(**{f"{path}__isnull": True}) if value is None else Q(**{path: value})
        if place == 0 and value is not None and not _may_be_empty(rows.model, path):
            rows = rows.filter(**{f"{path}__{'lte' if name[0] == '-' else 'gte'}": value})
    return rows.filter(behind)


def keys_of(row: Any) -> Keys:
    """Where a row of `ordered` stands: a model instance, or a dict of `values()`."""
    held = row if isinstance(row, dict) else row.__dict__
    return [held[f"_key{place}"] for place in range(sum(name[:4] == "_key" for name in held))]


def _by(model: Any, name: str) -> OrderBy:
    path = F(name.lstrip("-"))
    last = True if _may_be_empty(model, name.lstrip("-")) else None
    return path.desc(nulls_last=last) if name[0] == "-" else path.asc(nulls_last=last)


def _behind(model: Any, name: str, value: Any) -> Q | None:
    """What is strictly behind `value` in one field; None when nothing can be."""
    path = name.lstrip("-")
    if value is None:
        return None
    step = Q(**{f"{path}__{'lt' if name[0] == '-' else 'gt'}": value})
    return step | Q(**{f"{path}__isnull": True}) if _may_be_empty(model, path) else step


def _may_be_empty(model: Any, path: str) -> bool:
    """Whether a field path can be NULL; a computed one can."""
    for name in path.split("__"):
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            return True
        if field.null:
            return True
        model = field.related_model
    return False
