"""The published schema (OpenAPI 3.1), drawn from what each operation declares (API-10)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from tenants.api import problems
from tenants.api.bodies import NothingBody
from tenants.api.operations import Operation, needs_key, needs_version, operation_of

_VERBS = {"list": "list", "retrieve": "retrieve", "create": "create", "partial_update": "change",
          "destroy": "delete"}  # fmt: skip
_REFUSALS = {
    "400": "Malformed, or it breaks a rule; `field` names the input.",
    "401": "No token, or one that is unknown, expired or revoked.",
    "403": "In your sight, but your role does not include it.",
    "404": "It does not exist, or it is not shown to you.",
    "409": "Allowed, but not now: `detail` says what stands in the way.",
    "412": "Somebody changed the record since you read it.",
    "415": "The body is not of a kind this address takes.",
    "422": "The Idempotency-Key was used with another body.",
    "428": "If-Match is missing.",
    "429": "Too many requests; Retry-After says when to go on.",
}


class ErrorShape(serializers.Serializer[Any]):
    """One field that was refused."""

    field = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemShape(serializers.Serializer[Any]):
    """What was refused and why (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="Stable: branch on this.")
    detail = serializers.CharField(help_text="A sentence that names the place and the cure.")
    field = serializers.CharField(required=False, help_text="The input to blame, if it is one.")
    errors = ErrorShape(many=True, required=False)  # type: ignore[assignment]
    request_id = serializers.CharField(help_text="Tell it to whoever runs the platform.")


class Schema(AutoSchema):  # type: ignore[no-untyped-call]
    """Reads `@takes` and the viewset's own lists."""

    @property
    def declared(self) -> Operation:
        """What the operation declares."""
        return operation_of(self.view)

    def get_operation_id(self) -> str:
        """Such as engagements_list, engagements_hold; what the address does not say is added."""
        words = [word.replace("-", "_") for word in self._tokenize_path()]
        verb = _VERBS.get(self.view.action, self.view.action.removeprefix("move_"))
        return "_".join(words if verb == words[-1] else [*words, str(verb)])

    def get_summary(self) -> str:
        """The first line of the operation's docstring."""
        method = getattr(self.view, self.view.action)
        return (method.__doc__ or "").strip().partition("\n")[0]

    def get_description(self) -> str:  # type: ignore[override]
        """What the records are."""
        return (self.view.__class__.__doc__ or "").strip()

    def get_request_serializer(self) -> Any:
        """The body that `@takes` names, if any."""
        body = self.declared.body
        if body is None:
            return OpenApiTypes.BINARY
        if self.method in ("GET", "DELETE") or body is NothingBody:
            return None
        return body(partial=self.method == "PATCH")

    def get_response_serializers(self) -> Any:
        """One answer when all goes well; the refusals are added below."""
        declared, action = self.declared, self.view.action
        if action == "destroy":
            return {"204": None}
        shown = declared.answers or self.view.get_serializer_class()
        many = declared.many or self.view.lists()
        usual = 201 if action == "create" else 200
        return {str(declared.status or usual): shown(many=True) if many else shown()}

    def get_override_parameters(self) -> list[Any]:
        """Headers and query parameters beside those of filters and pages."""
        return [*self._headers(), *self._query()]

    def get_filter_backends(self) -> list[Any]:
        """Filters belong to the viewset's own list."""
        return self.view.filter_backends if self.view.action == "list" else []

    def get_extensions(self) -> dict[str, str]:
        """The permission the operation asks for, where it declares one."""
        asked = self.declared.permission
        return {"x-permission": asked} if asked else {}

    def _map_serializer_field(
        self, field: Any, direction: Any, bypass_extensions: bool = False
    ) -> Any:
        """A choice that may be empty or null has those among its values."""
        found = super()._map_serializer_field(field, direction, bypass_extensions)
        if (
            isinstance(found, dict)
            and "enum" in found
            and isinstance(field, serializers.ChoiceField)
        ):
            blank, null = _may_be(field)
            found["enum"] = [*found["enum"], *([""] if blank and "" not in found["enum"] else [])]
            found["enum"] += [None] if null and None not in found["enum"] else []
        return found

    def _headers(self) -> list[OpenApiParameter]:
        found = []
        if needs_key(self.view, self.method):
            said = "A fresh random value for each effect; the same on a retry."
            found.append(_header("Idempotency-Key", said, required=True))
        if needs_version(self.view, self.method):
            found.append(_header("If-Match", "The ETag of your last read.", required=True))
        elif self.declared.moves:
            found.append(
                _header("If-Match", "Refuse when the record changed since.", required=False)
            )
        if self.view.versioned and self.declared.answers is None and not self.view.lists():
            found.append(
                OpenApiParameter("ETag", str, "header", description="The version.",
                                 response=["200", "201"])
            )  # fmt: skip
        return found

    def _query(self) -> list[OpenApiParameter]:
        view, found = self.view, []
        for name, said in self.declared.parameters.items():
            found.append(OpenApiParameter(name, str, description=said))
        if view.shows_records():
            found.append(
                _list_of("fields", "Only these fields.", view.get_serializer_class().Meta.fields)
            )
        if view.action == "list" and view.orderings:
            names = [sign + name for name in view.orderings for sign in ("", "-")]
            found.append(_list_of("ordering", "By these, - for the reverse.", names))
        if view.action == "list" and view.search_fields:
            found.append(OpenApiParameter("search", str, description="Words that all must occur."))
        return found

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        answers: dict[str, Any] = super()._get_response_bodies(direction)
        if self.declared.moves or self.declared.leaves:
            answers["204"] = {"description": "Done; the record left your sight."}
        shape = self.resolve_serializer(ProblemShape(), "response").ref
        for status in self._refusals():
            content = {problems.MEDIA_TYPE: {"schema": shape}}
            answers[status] = {"description": _REFUSALS[status], "content": content}
        said = {
            "description": "Any other refusal.",
            "content": {problems.MEDIA_TYPE: {"schema": shape}},
        }
        return {**answers, "default": said}

    def _refusals(self) -> list[str]:
        statuses = {"400", "401", "429"}
        writes = self.method != "GET"
        statuses |= {"403", "409"} if writes else set()
        statuses |= {"404"} if "{" in self.path else set()
        statuses |= {"415"} if self.get_request_serializer() is not None else set()
        statuses |= {"422"} if needs_key(self.view, self.method) else set()
        statuses |= {"412", "428"} if needs_version(self.view, self.method) else set()
        statuses |= {"412"} if self.declared.moves else set()
        return sorted(statuses)


def _may_be(field: serializers.Field[Any, Any, Any, Any]) -> tuple[bool, bool]:
    """(may be empty, may be null): as the field says, or, shown only, as its column does."""
    model = getattr(getattr(field.parent, "Meta", None), "model", None)
    columns = {each.name: each for each in model._meta.fields} if model and field.read_only else {}
    column = columns.get(str(field.source))
    if column is None:
        return bool(getattr(field, "allow_blank", False)), bool(field.allow_null)
    return column.blank, column.null


def _header(name: str, said: str, *, required: bool) -> OpenApiParameter:
    return OpenApiParameter(name, str, "header", required=required, description=said)


def _list_of(name: str, said: str, values: Any) -> OpenApiParameter:
    """A parameter of values with commas between them."""
    return OpenApiParameter(
        name, {"type": "array", "items": {"type": "string", "enum": list(values)}},
        description=said, explode=False, style="form",
    )  # fmt: skip
