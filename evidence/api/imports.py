"""Request lists handed in by a program: read by a worker, checked row by row, imported."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django_filters import ChoiceFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from evidence.actions import imports
from evidence.actions.import_rows import import_rows
from evidence.choices import ImportStatus, RowPlan
from evidence.models import ImportRow, RequestImport
from evidence.queries.imports import SHOWN, rows_of
from evidence.rules.request_list_words import ListField
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Body, Shown, VisibleField
from tenants.api.filters import Filters
from tenants.api.parsing import StrictJsonParser
from tenants.api.requests import Request
from tenants.api.shapes import PersonName
from tenants.errors import Invalid
from tenants.models import Engagement
from tenants.permissions import P

DRAFTS = str(P.DRAFT_REQUEST)
MOST_ROWS = 20_000


class ImportSerializer(Shown):
    """One list handed in by the firm, and how it was understood.

    `counts` has the rows by what importing them would do, and the people nobody knows yet.
    """

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    sheets = serializers.ListField(child=serializers.DictField(), read_only=True)
    columns = serializers.ListField(child=serializers.DictField(), read_only=True)
    mapping = serializers.DictField(read_only=True)
    notices = serializers.ListField(child=serializers.DictField(), read_only=True)
    problem = serializers.DictField(read_only=True)
    counts = serializers.DictField(read_only=True)
    created_by = PersonName(read_only=True)
    imported_by = PersonName(read_only=True, allow_null=True)

    class Meta:
        model = RequestImport
        fields = (
            "id", "version", "engagement", "name", "size_bytes", "sha256", "status", "problem",
            "sheets", "sheet", "header_row", "header_chosen", "columns", "mapping", "day_first",
            "notices", "counts", "created_by", "imported_by", "created_at",
        )  # fmt: skip


class ImportRowSerializer(Shown):
    """One row of a list: what was read, what is to be said of it, what importing it would do."""

    codes = serializers.ListField(child=serializers.CharField(), read_only=True)
    messages = serializers.ListField(child=serializers.DictField(), read_only=True)
    fields_read = serializers.DictField(source="fields", read_only=True)
    changes = serializers.DictField(read_only=True)

    class Meta:
        model = ImportRow
        fields = (
            "id", "sheet_row", "ref", "plan", "codes", "messages", "fields_read", "changes",
            "left_out", "imported",
        )  # fmt: skip


class ImportBody(Body):
    """A list as it is kept: XLSX, XLSM, XLS, ODS or CSV; sent as multipart."""

    engagement = VisibleField(Engagement.objects.all())
    file = serializers.FileField(allow_empty_file=True)


class ReadAgainBody(Body):
    """How the list is to be read; what is left out stays as it was said before."""

    sheet = serializers.CharField(max_length=120, required=False)
    header_row = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    mapping = serializers.DictField(
        child=serializers.ChoiceField([str(field) for field in ListField]), required=False,
        help_text="Column's index → field; columns left out are not imported. Empty: as found.",
    )  # fmt: skip
    day_first = serializers.BooleanField(
        required=False, allow_null=True, help_text="Whether 10/11/2026 is in November."
    )


class ImportRowsBody(Body):
    """Which rows to import, by their number in the sheet; without it all that can be."""

    rows = serializers.ListField(
        child=serializers.IntegerField(min_value=1), required=False, max_length=MOST_ROWS
    )


class ImportedShape(serializers.Serializer[Any]):
    """How many requests were made and changed."""

    created = serializers.IntegerField()
    updated = serializers.IntegerField()


class ImportFilters(Filters):
    """Which lists to show."""

    engagement = UUIDFilter(field_name="engagement_id")
    status = ChoiceFilter(choices=ImportStatus.choices)


class RequestImportViewSet(VisibleViewSet):
    """Request lists that the firm handed in. Nothing is a request until it is imported."""

    queryset = RequestImport.objects.select_related("engagement", "created_by", "imported_by")
    serializer_class = ImportSerializer
    filterset_class = ImportFilters
    orderings = {"created_at": "created_at", "name": "name"}
    parser_classes = [StrictJsonParser, MultiPartParser]

    def get_serializer_class(self) -> Any:
        """Rows have a shape of their own."""
        return ImportRowSerializer if self.action == "rows" else ImportSerializer

    @takes(ImportBody, permission=DRAFTS, cost=10)
    def create(self, request: Request) -> Response:
        """Hand in a list; a worker reads it, `status` says when it is ready to check."""
        given = self.body()
        file = given["file"]
        handed_in = imports.hand_in(
            given["engagement"], file, name=file.name or "list", by=request.user
        )
        return self.created(handed_in)

    @takes(lists=True, parameters={"plan": f"Only rows that would: {', '.join(RowPlan)}."})
    @action(detail=True, methods=["get"])
    def rows(self, request: Request, pk: Any) -> Response:
        """The rows of the list, in its order."""
        asked = request.query_params.get("plan", "all")
        if asked not in SHOWN:
            raise Invalid(
                f"plan: choose from {', '.join(RowPlan)}.", code="plan_unknown", field="plan"
            )
        return self.page(rows_of(self.get_object(), asked))

    @takes(ReadAgainBody, permission=DRAFTS, cost=10)
    @action(detail=True, methods=["post"], url_path="read-again")
    def read_again(self, request: Request, pk: Any) -> Response:
        """Read the list anew as told; columns and dates are remembered for the same header."""
        row, given = self.get_object(), dict(self.body())
        if "mapping" in given:
            given["mapping"] = {_index(name): said for name, said in given["mapping"].items()}
        elif {"sheet", "header_row"} & set(given):
            given["mapping"] = {}
        said = replace(imports.understanding_of(row), **given)
        return self.reply(imports.read_again(row, said, by=request.user))

    @takes(ImportRowsBody, answers=ImportedShape, permission=DRAFTS, cost=10)
    @action(detail=True, methods=["post"], url_path="import", url_name="import")
    def import_chosen(self, request: Request, pk: Any) -> Response:
        """Import the rows, all of them or none."""
        chosen = self.body().get("rows")
        done = import_rows(self.get_object(), by=request.user, chosen=chosen)
        return self.answer({"created": done["create"], "updated": done["update"]})

    @takes(permission=DRAFTS)
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, pk: Any) -> Response:
        """Put the list aside without importing it."""
        return self.reply(imports.discard(self.get_object(), by=request.user))


def _index(name: str) -> int:
    if not (name.isascii() and name.isdigit() and len(name) < 6):
        raise Invalid(
            "mapping: name each column by its index, from 0, as `columns` has it.",
            code="column_unknown", field="mapping",
        )  # fmt: skip
    return int(name)
