"""Samples and their items: drawn, expanded, added to, replaced; never taken back."""

from __future__ import annotations

from typing import Any

from django_filters import UUIDFilter
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from audits.actions import samples
from audits.actions.samples import Choice
from audits.choices.populations import SampleMethod
from audits.models.populations import Population
from audits.models.samples import Sample, SampleDraw, SampleItem
from audits.rules.firm_tables import MOST_ITEMS
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Body, Shown, VisibleField
from tenants.api.filters import Filters
from tenants.api.requests import Request
from tenants.api.shapes import PersonName
from tenants.permissions import P

PLANS = str(P.PLAN_TEST)


class SampleDrawSerializer(Shown):
    """One time that items came into a sample."""

    made_by = PersonName(read_only=True)

    class Meta:
        model = SampleDraw
        fields = ("kind", "count", "reason", "made_by", "made_at")


class SampleSerializer(Shown):
    """A draw; with the population's file, `seed` and `population_sha256` anybody repeats it."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    population = serializers.UUIDField(source="population_id", read_only=True)
    population_sha256 = serializers.CharField(source="population.sha256", read_only=True)
    test = serializers.UUIDField(source="population.test_id", read_only=True)
    drawn_by = PersonName(read_only=True)
    draws = SampleDrawSerializer(many=True, read_only=True)

    class Meta:
        model = Sample
        fields = (
            "id", "engagement", "test", "population", "population_sha256", "method", "why", "size",
            "risk", "table_number", "table_row", "seed", "drawn_by", "drawn_at", "draws",
        )  # fmt: skip


class SampleItemSerializer(Shown):
    """One item that a test looks at; `row` holds its cells by the population's columns."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    test = serializers.UUIDField(source="test_id", read_only=True)
    sample = serializers.UUIDField(source="sample_id", read_only=True, allow_null=True)
    replaces = serializers.UUIDField(source="replaces_id", read_only=True, allow_null=True)
    row = serializers.JSONField(read_only=True)

    class Meta:
        model = SampleItem
        fields = (
            "id", "version", "engagement", "test", "sample", "position", "item_key", "row_number",
            "row", "row_sha256", "origin", "site", "replaces", "reason", "added_at",
        )  # fmt: skip


class KeysField(serializers.ListField):
    """Rows by their keys."""

    child = serializers.CharField(max_length=300)


class DrawBody(Body):
    """How items are to be chosen; `size` left out: as the firm's table says.

    keys: the rows of a choice by hand. why: needed for one, and for another size than the table's.
    """

    population = VisibleField(Population.objects.all())
    method = serializers.ChoiceField(SampleMethod.choices)
    size = serializers.IntegerField(required=False, min_value=1, max_value=MOST_ITEMS)
    why = serializers.CharField(required=False, max_length=4_000, allow_blank=True)
    keys = KeysField(required=False, max_length=MOST_ITEMS)


class ExpandBody(Body):
    """How many more, and why."""

    count = serializers.IntegerField(min_value=1, max_value=MOST_ITEMS)
    reason = serializers.CharField(max_length=4_000)


class AddItemsBody(Body):
    """Which rows more, by their keys, and why."""

    keys = KeysField(min_length=1, max_length=MOST_ITEMS)
    reason = serializers.CharField(max_length=4_000)


class ReplaceBody(Body):
    """Why an item is replaced: its row is void, or stands in the population twice."""

    because = serializers.ChoiceField(list(samples.BECAUSE.items()))
    reason = serializers.CharField(max_length=4_000)


class SampleFilters(Filters):
    """Which samples to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    population = UUIDFilter(field_name="population_id")
    test = UUIDFilter(field_name="population__test_id")


class SampleItemFilters(Filters):
    """Which items to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    test = UUIDFilter(field_name="test_id")
    sample = UUIDFilter(field_name="sample_id")


class SampleViewSet(VisibleViewSet):
    """Samples of the engagements on whose team the caller is."""

    queryset = Sample.objects.select_related("population__engagement", "drawn_by").prefetch_related(
        "draws__made_by"
    )
    serializer_class = SampleSerializer
    filterset_class = SampleFilters
    orderings = {"drawn_at": "drawn_at"}
    versioned = False

    @takes(DrawBody, permission=PLANS, cost=10)
    def create(self, request: Request) -> Response:
        """Draw from an accepted population, by a seed made now."""
        given = self.body()
        population = given.pop("population")
        return self.created(samples.draw(population, Choice(**given), by=request.user))

    @takes(ExpandBody, permission=PLANS, cost=10)
    @action(detail=True, methods=["post"])
    def expand(self, request: Request, pk: Any) -> Response:
        """Take the next items of the same ordered list."""
        sample = self.get_object()
        samples.expand(sample, by=request.user, **self.body())
        return self.reply(sample)

    @takes(AddItemsBody, permission=PLANS, cost=10)
    @action(detail=True, methods=["post"])
    def add(self, request: Request, pk: Any) -> Response:
        """Add rows by their keys; what was drawn stays."""
        sample = self.get_object()
        samples.add(sample, by=request.user, **self.body())
        return self.reply(sample)


class SampleItemViewSet(VisibleViewSet):
    """Items of the tests of the engagements on whose team the caller is."""

    queryset = SampleItem.objects.select_related("sample__population")
    serializer_class = SampleItemSerializer
    filterset_class = SampleItemFilters
    orderings = {"position": "position"}
    versioned = False

    @takes(ReplaceBody, permission=PLANS, cost=10)
    @action(detail=True, methods=["post"])
    def replace(self, request: Request, pk: Any) -> Response:
        """Put the next item of the ordered list in place of one whose row is void or doubled."""
        made = samples.replace(self.get_object(), by=request.user, **self.body())
        return self.reply(made)
