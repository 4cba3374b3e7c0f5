"""What comes in (`Body`) and what is shown (`Shown`): both list every field (ACC-9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Model, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tenants.api.requests import Request
from tenants.refusals import ABSENT

LIST = serializers.ListSerializer
Rows = Callable[..., QuerySet[Any]]
"""Of a person and the organization they act in: the rows in sight."""


class Body(serializers.Serializer[Any]):
    """The fields of one request body. An unknown or read-only field is refused, never ignored."""

    def to_internal_value(self, data: Any) -> Any:
        """The checked values. Raises ValidationError naming the field."""
        if isinstance(data, Mapping):
            writable = [name for name, field in self.fields.items() if not field.read_only]
            listed = ", ".join(writable) or "no field"
            unknown = {
                name: [
                    serializers.ErrorDetail(
                        f"not a field here; there is {listed}.", "unknown_field"
                    )
                ]
                for name in data
                if name not in writable
            }
            if unknown:
                raise serializers.ValidationError(unknown)
        return super().to_internal_value(data)


class NothingBody(Body):
    """No field at all."""


class NoteBody(Body):
    """A reason, where one is welcome."""

    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=4000)


class ReasonBody(Body):
    """A reason, where one is needed."""

    note = serializers.CharField(max_length=4000)


class VisibleField(serializers.UUIDField):
    """The id of a record the caller may see, read into the record (1 query).

    `rows` is a queryset with `visible_to`, or a function of the person and the organization they
    act in, such as `directory.clients`. Foreign and absent ids get one message (ACC-8).
    """

    default_error_messages = {"not_found": ABSENT}

    def __init__(self, rows: QuerySet[Any] | Rows, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rows = rows

    def to_internal_value(self, data: Any) -> Model:  # type: ignore[override]
        """The record. Raises ValidationError."""
        found: Model | None = self._visible().filter(pk=super().to_internal_value(data)).first()
        if found is None:
            self.fail("not_found")
        return found

    def to_representation(self, value: Any) -> str:
        """The record's id."""
        return str(getattr(value, "pk", value))

    def _visible(self) -> QuerySet[Any]:
        return visible_rows(self.rows, self.context["request"])


class VisibleListField(serializers.ListField):
    """Ids of records the caller may see, read into the records in their order (1 query).

    One id out of sight refuses the whole list as absent (ACC-11). At most 500.
    """

    default_error_messages = {"not_found": ABSENT, "twice": "The list names one id twice."}
    child = serializers.UUIDField()

    def __init__(self, rows: QuerySet[Any] | Rows, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 500, "allow_empty": False, **kwargs})
        self.rows = rows

    def to_internal_value(self, data: Any) -> list[Model]:
        """The records. Raises ValidationError."""
        ids = super().to_internal_value(data)
        if len(set(ids)) < len(ids):
            self.fail("twice")
        found = visible_rows(self.rows, self.context["request"]).in_bulk(ids)
        if len(found) < len(ids):
            self.fail("not_found")
        return [found[each] for each in ids]


def visible_rows(rows: QuerySet[Any] | Rows, request: Request) -> QuerySet[Any]:
    """The rows of a queryset or of a function that the caller of `request` may see."""
    if isinstance(rows, QuerySet):
        found: QuerySet[Any] = rows.visible_to(request.user)  # type: ignore[attr-defined]
        return found
    return rows(request.user, request.organization)


class Shown(serializers.ModelSerializer[Any]):
    """What a record shows a reader: the fields of `Meta.fields`, all read-only.

    `?fields=` narrows the outermost one. Keep it free of queries: select or prefetch in the
    viewset's queryset.
    """

    def get_fields(self) -> dict[str, Any]:
        """The listed fields, or those the caller asked for."""
        fields = super().get_fields()
        wanted = self.context.get("fields")
        inside = self.parent.parent if isinstance(self.parent, LIST) else self.parent
        if wanted and inside is None:
            return {name: field for name, field in fields.items() if name in wanted}
        return fields

    def get_extra_kwargs(self) -> dict[str, Any]:
        """Every field that comes from the model only reads."""
        given = super().get_extra_kwargs()
        return {name: {"read_only": True, **given.get(name, {})} for name in self.Meta.fields}


class OfferedSerializer(serializers.Serializer[Any]):
    """One move the caller could make now: post to `{id}/{name}/`."""

    name = serializers.CharField()
    label = serializers.CharField(help_text="What a button would say.")  # type: ignore[assignment]
    note = serializers.ChoiceField(
        ["", "optional", "required"], help_text="Whether a reason is asked."
    )
    asks = serializers.ListField(
        child=serializers.CharField(), help_text="Further fields of the body."
    )


@extend_schema_field(OfferedSerializer(many=True))
class MovesField(serializers.Field[Any, Any, Any, Any]):
    """The moves the caller could make on the record now, from the viewset's lifecycle.

    Needs the record's anchor selected (`select_related("engagement")`); then no query.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "source": "*", "read_only": True})

    def to_representation(self, value: Any) -> list[dict[str, Any]]:
        """One entry for each move offered."""
        view = self.context["view"]
        return view.moves_of(value)  # type: ignore[no-any-return]
