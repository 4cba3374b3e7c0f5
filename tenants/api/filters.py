"""Filters, order and search of a list: listed names only; anything else is refused (ACC-10)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django_filters import FilterSet, IsoDateTimeFilter, MultipleChoiceFilter
from django_filters.fields import IsoDateTimeField
from django_filters.rest_framework import DjangoFilterBackend

from tenants.api.operations import operation_of
from tenants.api.parsing import is_clean
from tenants.api.requests import Request
from tenants.errors import Invalid

PAGING = ("limit", "cursor")
LONGEST_SEARCH = 100


class StrictFilters(DjangoFilterBackend):
    """A viewset's `filterset_class`, `orderings` and `search_fields`, and nothing more."""

    def filter_queryset(
        self, request: Request, queryset: QuerySet[Any], view: Any
    ) -> QuerySet[Any]:
        """The rows that fit, in the order asked for. Raises Invalid, ValidationError."""
        rows = super().filter_queryset(request, queryset, view)
        if words := request.query_params.get("search", "").split():
            rows = rows.filter(*(_anywhere(view.search_fields, word) for word in words))
        if wanted := request.query_params.get("ordering"):
            rows = rows.order_by(*(_path(name, view.orderings) for name in wanted.split(",")))
        return rows


def check_parameters(request: Request, view: Any) -> None:
    """Refuse what the address does not take: a name not listed, one given twice, bad text.

    Raises Invalid naming what is allowed. The value is never repeated: it may be a secret.
    """
    allowed, many = _listed(view)
    for name, values in request.query_params.lists():
        if name not in allowed:
            takes = ", ".join(sorted(allowed)) or "none"
            raise Invalid(
                f"This address does not take the parameter “{name[:40]}”; it takes: {takes}.",
                code="unknown_parameter", field=name[:40],
            )  # fmt: skip
        if len(values) > 1 and name not in many:
            raise Invalid(f"{name}: give it once.", code="parameter_twice", field=name)
        if not all(is_clean(value) for value in values):
            raise Invalid(f"{name}: this text cannot be read.", code="malformed", field=name)
    if len(request.query_params.get("search", "")) > LONGEST_SEARCH:
        raise Invalid(f"search: at most {LONGEST_SEARCH} letters.", code="too_long", field="search")


def _listed(view: Any) -> tuple[set[str], set[str]]:
    """(names the address takes, those that may come more than once)."""
    allowed = set(operation_of(view).parameters)
    allowed |= {"fields"} if view.shows_records() else set()
    many: set[str] = set()
    if view.lists():
        filters: dict[str, Any] = getattr(view.filterset_class, "base_filters", {})
        many = {name for name, each in filters.items() if isinstance(each, MultipleChoiceFilter)}
        allowed |= {*filters, *PAGING}
        allowed |= {"ordering"} if view.orderings else set()
        allowed |= {"search"} if view.search_fields else set()
    return allowed, many


def _anywhere(fields: tuple[str, ...], word: str) -> Q:
    found = Q()
    for field in fields:
        found |= Q(**{f"{field}__icontains": word})
    return found


def _path(name: str, orderings: dict[str, str]) -> str:
    """The field path of a name a list may be ordered by, with its sign. Raises Invalid."""
    path = orderings.get(name.removeprefix("-"))
    if path is None:
        listed = ", ".join(sorted(orderings))
        raise Invalid(
            f"ordering: choose from {listed}; put - before a name for the reverse.",
            code="unknown_ordering", field="ordering",
        )  # fmt: skip
    return f"-{path}" if name.startswith("-") else path


class MomentField(IsoDateTimeField):
    """A moment in ISO 8601, as UTC: PostgreSQL refuses offsets that Python allows."""

    def to_python(self, value: Any) -> datetime | None:
        """Raises ValidationError for a moment that has no UTC."""
        moment = super().to_python(value)
        try:
            return moment and moment.astimezone(UTC)
        except OverflowError as beyond:
            raise ValidationError("Enter a moment between the years 1 and 9999.") from beyond


class MomentFilter(IsoDateTimeFilter):
    """Compares with a moment."""

    field_class = MomentField


class Filters(FilterSet):
    """The filters of one list, each declared by name. `?name=value`; all must fit."""
