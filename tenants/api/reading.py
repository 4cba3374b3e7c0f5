"""How an operation reaches its record, its body and the version the caller read."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from tenants.api import operations
from tenants.api.errors import VersionMissing
from tenants.errors import Invalid, NotVisible, StaleVersion
from tenants.refusals import ABSENT

_ETAG = re.compile(r'"(\d{1,9})"')
STALE = "Somebody changed this since you read it; read it again first."


class Reading:
    """The part of a viewset that reads what was asked."""

    queryset: Any
    request: Any
    kwargs: dict[str, Any]

    def get_queryset(self) -> QuerySet[Any]:
        """The rows in the caller's sight."""
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return self.queryset.visible_to(self.request.user)

    def get_object(self) -> Any:
        """The visible record of the address. Raises NotVisible for foreign and absent alike."""
        rows = self.get_queryset()
        try:
            return rows.get(pk=self.kwargs["pk"])
        except (rows.model.DoesNotExist, ValueError, ValidationError) as absent:
            raise NotVisible(ABSENT) from absent

    def get_object_at_version(self, *, lock: bool = True) -> Any:
        """The record if it is still what the caller read; for actions that take no `version`.

        Locks the row, unless its own action does. Raises NotVisible, StaleVersion.
        """
        record, version = self.get_object(), self.version()
        if lock:
            operations.require_version(record, version)
        elif record.version != version:
            raise StaleVersion(STALE)
        return record

    def body(self) -> dict[str, Any]:
        """The checked fields of the body that `@takes` declares.

        Raises ValidationError, Invalid for a PATCH of nothing.
        """
        if not hasattr(self, "_body"):
            declared: Any = operations.operation_of(self).body
            changing = self.request.method == "PATCH"
            serializer = declared(
                data=self.request.data, partial=changing, context=self.get_serializer_context()
            )
            serializer.is_valid(raise_exception=True)
            if changing and not serializer.validated_data:
                listed = ", ".join(serializer.fields)
                raise Invalid(f"Send at least one of: {listed}.", code="nothing_to_change")
            self._body: dict[str, Any] = serializer.validated_data
        return self._body

    def version(self, *, required: bool = True) -> Any:
        """The version in If-Match; None when it is neither sent nor required (API-5).

        An int otherwise. Raises VersionMissing, StaleVersion for one no record can have.
        """
        sent = self.request.headers.get("If-Match", "").strip()
        if not sent and required:
            raise VersionMissing('Send If-Match with the ETag of your last read, such as "3".')
        if not sent:
            return None
        if not (read := _ETAG.fullmatch(sent)):
            raise StaleVersion('If-Match must be the ETag of your last read, such as "3".')
        return int(read[1])

    def get_serializer_context(self) -> dict[str, Any]:
        """Also the fields the caller asked for. Raises Invalid for one there is not."""
        return {**super().get_serializer_context(), "fields": self._wanted_fields()}  # type: ignore[misc]

    def _wanted_fields(self) -> list[str]:
        if getattr(self, "swagger_fake_view", False) or not self.shows_records():
            return []
        text = self.request.query_params.get("fields", "")
        wanted = [name for name in text.split(",") if name]
        listed = self.get_serializer_class().Meta.fields if wanted else ()
        if unknown := [name for name in wanted if name not in listed]:
            raise Invalid(
                f"fields: “{unknown[0][:40]}” is not shown here; there is {', '.join(listed)}.",
                code="unknown_field", field="fields",
            )  # fmt: skip
        return wanted
