"""Packages: ask for one, watch it, try it again, fetch its bytes."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase
from django_filters import ChoiceFilter, UUIDFilter
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from evidence import downloads
from evidence.actions import packages
from evidence.choices import PackageStatus
from evidence.models import Package
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Body, MovesField, Shown, VisibleField
from tenants.api.filters import Filters
from tenants.api.requests import Request
from tenants.api.shapes import PersonName
from tenants.models import Engagement
from tenants.permissions import P

ZIP = "application/zip"


class PackageSerializer(Shown):
    """One assembly of an engagement's file; `progress` of `entry_count` files are written."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    requested_by = PersonName(read_only=True)
    moves = MovesField()

    class Meta:
        model = Package
        fields = (
            "id", "version", "engagement", "number", "status", "entry_count", "progress",
            "total_bytes", "size_bytes", "sha256", "manifest_sha256", "problem", "requested_by",
            "requested_at", "frozen_at", "finished_at", "moves",
        )  # fmt: skip


class PackageBody(Body):
    """Which engagement to assemble, as it stands when a worker begins."""

    engagement = VisibleField(Engagement.objects.all())


class PackageFilters(Filters):
    """Which packages to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    status = ChoiceFilter(choices=PackageStatus.choices)


class PackageViewSet(VisibleViewSet):
    """Packages of the engagements whose firm file the caller may view."""

    queryset = Package.objects.select_related(
        "engagement__client", "engagement__firm", "requested_by"
    )
    serializer_class = PackageSerializer
    filterset_class = PackageFilters
    orderings = {"number": "number", "requested_at": "requested_at"}
    lifecycle = packages.LIFECYCLE
    moves = {"retry": packages.retry}

    def perform_content_negotiation(self, request: Any, force: bool = False) -> Any:
        """A download is what it is, whatever kinds the caller says it accepts."""
        return super().perform_content_negotiation(request, force or self.action == "download")

    @takes(PackageBody, permission=str(P.BUILD_PACKAGE), cost=10)
    def create(self, request: Request) -> Response:
        """Ask for a package; a worker assembles it, `status` says how far it is."""
        return self.created(packages.request(self.body()["engagement"], by=request.user))

    @extend_schema(
        responses={(200, ZIP): OpenApiTypes.BINARY, (206, ZIP): OpenApiTypes.BINARY, 302: None}
    )
    @takes(permission=str(P.DOWNLOAD_PACKAGE))
    @action(detail=True, methods=["get"])
    def download(self, request: Request, pk: Any) -> HttpResponseBase:
        """The bytes of a ready package, whole or by one Range; or a link to the evidence host."""
        given = downloads.of_package(self.get_object())
        return downloads.answer(request._request, given, by=request.user)
