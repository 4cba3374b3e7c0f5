"""How an operation answers: a record as a read would show it, with its ETag."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from rest_framework.response import Response

from tenants.api import operations


class Answering:
    """The part of a viewset that answers."""

    request: Any

    def reply(self, record: Model, status: int = 200) -> Response:
        """The record as a read would show it now, with its ETag; 204 when it left one's sight."""
        shown = self.get_queryset().filter(pk=record.pk).first()
        if shown is None:
            return Response(status=204)
        return self.shown(shown, status)

    def created(self, record: Model) -> Response:
        """201 with the new record and its address; 204 when it left one's sight at once."""
        response = self.reply(record, 201)
        if response.status_code == 204:
            return response
        response["Location"] = f"{self.request.path}{record.pk}/"
        return response

    def shown(self, record: Any, status: int = 200) -> Response:
        """A record that was just read through `get_queryset`."""
        response = Response(self.represent([record])[0], status=status)
        if self.versioned:
            response["ETag"] = f'"{record.version}"'
        return response

    def page(self, rows: QuerySet[Any]) -> Response:
        """One page of `rows`."""
        found = self.paginate_queryset(rows)
        return self.get_paginated_response(self.represent(found))

    def fetched(self, rows: QuerySet[Any], most: int) -> list[Any]:
        """The first `most` of the ordered rows; hot lists read them in a way of their own."""
        return list(rows[:most])

    def answer(self, data: Any) -> Response:
        """Anything else, in the shape and status that `@takes(answers=…, status=…)` declares."""
        declared = operations.operation_of(self)
        shape: Any = declared.answers
        serializer = shape(data, many=declared.many, context=self.get_serializer_context())
        return Response(serializer.data, status=declared.status or 200)

    def gone(self) -> Response:
        """204 after a deletion."""
        return Response(status=204)

    def represent(self, records: list[Any]) -> list[dict[str, Any]]:
        """The records as dicts in the shape of the serializer; hot lists write their own."""
        rows: list[dict[str, Any]] = self.get_serializer(records, many=True).data
        return rows

    def moves_of(self, record: Any) -> list[dict[str, Any]]:
        """The moves the caller could make on the record now."""
        return [
            {"name": move.name, "label": move.title, "note": move.note, "asks": list(move.asks)}
            for move in self.lifecycle.offered(record, self.request.user)
            if move.name in self.moves
        ]
