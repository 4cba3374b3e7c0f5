"""Populations: told and written in, accepted with their checks, fetched as they were frozen."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase
from django_filters import ChoiceFilter, UUIDFilter
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from audits.actions import populations
from audits.actions.populations import LIMITS, Told
from audits.choices.populations import DateOrder, PopulationPart, PopulationStatus
from audits.downloads import CSV, rows_of
from audits.models.control_tests import ControlTest
from audits.models.populations import Population
from audits.queries.samples import asked_of
from audits.rules.population_rows import Layout
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Body, MovesField, Shown, VisibleField
from tenants.api.filters import Filters
from tenants.api.requests import Request
from tenants.api.shapes import PersonName
from tenants.permissions import P


class PopulationSerializer(Shown):
    """Every performance of a control in part of the period; rows are fetched apart."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    test = serializers.UUIDField(source="test_id", read_only=True)
    ref = serializers.CharField(source="test.control.ref", read_only=True)
    replaces = serializers.UUIDField(source="replaces_id", read_only=True, allow_null=True)
    accepted_by = PersonName(read_only=True, allow_null=True)
    moves = MovesField()

    class Meta:
        model = Population
        fields = (
            "id", "version", "engagement", "test", "ref", "number", "status", "part",
            "covers_from", "covers_to", "unit", "source", "query", "run_by", "run_at", "replaces",
            "columns", "key_columns", "date_column", "date_order", "quarters", "dated_outside",
            "row_count", "sha256", "problem", "completeness", "accuracy", "counted_independently",
            "zero_checked", "accepted_by", "accepted_at", "ready_at", "moves",
        )  # fmt: skip


class ToldBody(Body):
    """What is told of a list.

    key_columns: headings that together name a row; none: its number. date_column: the heading of
    the day the control was performed, for the spread over the period.
    """

    test = VisibleField(
        ControlTest.objects.select_related("control__engagement", "engagement__client")
    )
    part = serializers.ChoiceField(PopulationPart.choices)
    covers_from = serializers.DateField()
    covers_to = serializers.DateField()
    unit = serializers.CharField(max_length=LIMITS["unit"], help_text="What one row is.")
    source = serializers.CharField(max_length=LIMITS["source"])  # type: ignore[assignment]
    query = serializers.CharField(max_length=LIMITS["query"])
    run_by = serializers.CharField(max_length=LIMITS["run_by"])
    run_at = serializers.DateTimeField()
    replaces = VisibleField(Population.objects.all(), required=False)
    key_columns = serializers.ListField(
        child=serializers.CharField(max_length=300), required=False, max_length=20
    )
    date_column = serializers.CharField(required=False, max_length=300)
    date_order = serializers.ChoiceField(DateOrder.choices, required=False)


class WriteInBody(ToldBody):
    """A short list with its rows as delimited text, headings first."""

    text = serializers.CharField(max_length=4_000_000, trim_whitespace=False)


class AcceptPopulationBody(Body):
    """How the list is known to be complete, and its rows true; an independent count must tie."""

    completeness = serializers.CharField(max_length=20_000)
    accuracy = serializers.CharField(max_length=20_000)
    counted = serializers.IntegerField(required=False, min_value=0, max_value=2_000_000)
    zero_checked = serializers.BooleanField(required=False)


class TableRowShape(serializers.Serializer[Any]):
    """How many items would do: by the firm's table, and by statistics for 0, 1, 2 … deviations."""

    size = serializers.IntegerField()
    risk = serializers.CharField()
    table_number = serializers.IntegerField()
    table_row = serializers.DictField()
    tolerable_rate = serializers.DecimalField(5, 2)
    confidence = serializers.DecimalField(5, 2)
    statistical = serializers.ListField(child=serializers.IntegerField())


class PopulationFilters(Filters):
    """Which populations to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    test = UUIDFilter(field_name="test_id")
    status = ChoiceFilter(choices=PopulationStatus.choices)


def told_of(given: dict[str, Any]) -> Told:
    """What a body tells of a list; the rest of it is left in `given`."""
    layout = Layout(
        tuple(given.pop("key_columns", ())), given.pop("date_column", ""),
        given.pop("date_order", DateOrder.YEAR_FIRST),
    )  # fmt: skip
    return Told(
        part=given.pop("part"), covers=(given.pop("covers_from"), given.pop("covers_to")),
        unit=given.pop("unit"), source=given.pop("source"), query=given.pop("query"),
        run_by=given.pop("run_by"), run_at=given.pop("run_at"),
        replaces=given.pop("replaces", None), layout=layout,
    )  # fmt: skip


class PopulationViewSet(VisibleViewSet):
    """Populations of the engagements on whose team the caller is."""

    queryset = Population.objects.select_related(
        "engagement__client", "test__control", "accepted_by"
    )
    serializer_class = PopulationSerializer
    filterset_class = PopulationFilters
    orderings = {"number": "number", "begun_at": "begun_at"}
    lifecycle = populations.LIFECYCLE
    moves = {"accept": populations.accept}
    move_bodies = {"accept": AcceptPopulationBody}

    def perform_content_negotiation(self, request: Any, force: bool = False) -> Any:
        """A download is what it is, whatever kinds the caller says it accepts."""
        return super().perform_content_negotiation(request, force or self.action == "rows")

    @takes(WriteInBody, permission=str(P.PERFORM_TEST), cost=5)
    def create(self, request: Request) -> Response:
        """Write a short list in; a long one comes as a file of its evidence request."""
        given = self.body()
        test, text = given.pop("test"), given.pop("text")
        made = populations.write_in(test, told_of(given), text, by=request.user)
        return self.created(made)

    @extend_schema(responses={(200, CSV): OpenApiTypes.BINARY})
    @takes(cost=10)
    @action(detail=True, methods=["get"])
    def rows(self, request: Request, pk: Any) -> HttpResponseBase:
        """The frozen text, byte for byte: its SHA-256 is the population's `sha256`."""
        return rows_of(request._request, self.get_object())

    @takes(answers=TableRowShape)
    @action(detail=True, methods=["get"])
    def asked(self, request: Request, pk: Any) -> Response:
        """How many items the firm's table asks for, and what statistics would."""
        asked = asked_of(self.get_object())
        return self.answer(
            {
                "size": asked.sized.size, "risk": asked.risk, "table_number": asked.table_number,
                "table_row": asked.sized.row, "tolerable_rate": asked.tolerable_rate,
                "confidence": asked.confidence, "statistical": asked.statistical,
            }
        )  # fmt: skip
