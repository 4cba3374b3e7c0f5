"""The published criteria and the usual objectives, in our own words: the same for everybody."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet
from django_filters import BooleanFilter, CharFilter, ChoiceFilter

from audits.choices import ObjectiveGroup
from audits.models import CatalogObjective, Criterion, DescriptionCriterion
from tenants.api.base import VisibleViewSet
from tenants.api.bodies import Shown
from tenants.api.filters import Filters
from tenants.choices import Category, ReportType


class CatalogViewSet(VisibleViewSet):
    """What a migration brings: read by every signed-in person, changed by nobody."""

    versioned = False
    lookup_value_converter = "str"
    orderings = {"position": "position", "identifier": "identifier"}
    search_fields = ("identifier", "title")

    def get_queryset(self) -> QuerySet[Any]:
        """All rows: the catalog belongs to no organization. Pages know a row's key as its id."""
        rows: QuerySet[Any] = self.queryset.annotate(id=F("identifier"))
        return rows


class CriterionSerializer(Shown):
    """A trust services criterion."""

    class Meta:
        model = Criterion
        fields = (
            "identifier", "series", "category", "common", "title", "summary",
            "points_of_focus_count", "position",
        )  # fmt: skip


class CriterionFilters(Filters):
    """Which criteria to list."""

    series = CharFilter()
    category = ChoiceFilter(choices=Category.choices)
    common = BooleanFilter()


class CriterionViewSet(CatalogViewSet):
    """The 61 trust services criteria (2017, points of focus of 2022)."""

    queryset = Criterion.objects.order_by("position")
    serializer_class = CriterionSerializer
    filterset_class = CriterionFilters


class DescriptionCriterionSerializer(Shown):
    """What a description of the system must hold."""

    class Meta:
        model = DescriptionCriterion
        fields = (
            "identifier", "report_type", "title", "summary", "applies_to", "condition",
            "data_source", "completeness_check", "position",
        )  # fmt: skip


class DescriptionCriterionFilters(Filters):
    """Which description criteria to list."""

    report_type = ChoiceFilter(choices=ReportType.choices)


class DescriptionCriterionViewSet(CatalogViewSet):
    """The description criteria by report type (RT-18)."""

    queryset = DescriptionCriterion.objects.order_by("position")
    serializer_class = DescriptionCriterionSerializer
    filterset_class = DescriptionCriterionFilters


class CatalogObjectiveSerializer(Shown):
    """A control objective as many service organizations state it."""

    class Meta:
        model = CatalogObjective
        fields = ("identifier", "group", "domain", "title", "text", "position")


class CatalogObjectiveFilters(Filters):
    """Which objectives to list."""

    group = ChoiceFilter(choices=ObjectiveGroup.choices)


class CatalogObjectiveViewSet(CatalogViewSet):
    """Usual control objectives, a start for the client's own; `objectives/adopt/` takes them."""

    queryset = CatalogObjective.objects.order_by("position")
    serializer_class = CatalogObjectiveSerializer
    filterset_class = CatalogObjectiveFilters
