"""Populations from files: which file each was read from, and having one read."""

from __future__ import annotations

from typing import Any

from django_filters import UUIDFilter
from rest_framework import serializers
from rest_framework.response import Response

from audits.api.populations import ToldBody, told_of
from evidence.actions import population_files
from evidence.models import EvidenceLink
from evidence.models.populations import PopulationSource
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Shown, VisibleField
from tenants.api.filters import Filters
from tenants.api.requests import Request
from tenants.api.shapes import PersonName
from tenants.permissions import P


class PopulationSourceSerializer(Shown):
    """The file a population was read from; the population itself says how far it is."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    population = serializers.UUIDField(source="population_id", read_only=True)
    evidence_request = serializers.UUIDField(source="evidence_request_id", read_only=True)
    link = serializers.UUIDField(source="link_id", read_only=True)
    chosen_by = PersonName(read_only=True)

    class Meta:
        model = PopulationSource
        fields = (
            "id", "engagement", "population", "evidence_request", "link", "file_sha256", "sheet",
            "header_row", "chosen_by", "chosen_at",
        )  # fmt: skip


class ReadInBody(ToldBody):
    """A file that the client handed over, and how it is to be read.

    header: the row of the headings, from 1; left out: the first that holds something.
    """

    link = VisibleField(
        EvidenceLink.objects.select_related("evidence_request__engagement", "file_version")
    )
    worksheet = serializers.CharField(required=False, max_length=120, allow_blank=True)
    header = serializers.IntegerField(required=False, min_value=1, max_value=1_000)


class PopulationSourceFilters(Filters):
    """Which sources to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    population = UUIDFilter(field_name="population_id")
    evidence_request = UUIDFilter(field_name="evidence_request_id")


class PopulationSourceViewSet(VisibleViewSet):
    """Files that populations of the caller's engagements were read from."""

    queryset = PopulationSource.objects.select_related("chosen_by")
    serializer_class = PopulationSourceSerializer
    filterset_class = PopulationSourceFilters
    orderings = {"chosen_at": "chosen_at"}
    versioned = False

    @takes(ReadInBody, permission=str(P.PERFORM_TEST), cost=10)
    def create(self, request: Request) -> Response:
        """Have a worker read a file; the population's `row_count` says how far it is."""
        given: dict[str, Any] = dict(self.body())
        link, test = given.pop("link"), given.pop("test")
        sheet, header = given.pop("worksheet", ""), given.pop("header", None)
        made = population_files.read_in(
            link, test, told_of(given), by=request.user, sheet=sheet, header_row=header
        )
        return self.created(self.get_queryset().get(population=made))
