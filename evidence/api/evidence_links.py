"""Files on requests: what was added, for which dates, and the bytes themselves."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django_filters import BooleanFilter, UUIDFilter
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from evidence import downloads
from evidence.actions import files
from evidence.api.file_shapes import FileVersionDetail, LinkSerializer
from evidence.models import EvidenceLink, EvidenceRequest, FileVersion
from tenants.api.base import BaseViewSet, VisibleViewSet, takes
from tenants.api.bodies import Body, ReasonBody, VisibleField
from tenants.api.filters import Filters
from tenants.api.reading import STALE
from tenants.api.requests import Request
from tenants.errors import StaleVersion
from tenants.permissions import P

BINARY: dict[Any, Any] = {
    **{
        (status, kind): bytes
        for status in (200, 206)
        for kind in sorted({*downloads.LISTED, downloads.GENERIC})
    },
    302: None,
}
"""A whole file or a part of it, as the kind it was found to be."""


class LinkBody(Body):
    """A file the client has here already, and one more request it answers."""

    evidence_request = VisibleField(EvidenceRequest.objects.select_related("engagement"))
    file_version = VisibleField(FileVersion.objects.all())


class CoverageBody(Body):
    """The dates a file speaks for: a span, or the day it was captured; and until when it holds."""

    covers_from = serializers.DateField(required=False, allow_null=True)
    covers_to = serializers.DateField(required=False, allow_null=True)
    captured_on = serializers.DateField(required=False, allow_null=True)
    expires_on = serializers.DateField(required=False, allow_null=True)


class LinkFilters(Filters):
    """Which files to list."""

    evidence_request = UUIDFilter(field_name="evidence_request_id")
    engagement = UUIDFilter(field_name="engagement_id")
    file_version = UUIDFilter(field_name="file_version_id")
    handed_over = BooleanFilter(
        field_name="handed_over_at", lookup_expr="isnull", exclude=True,
        help_text="Whether the firm was given it.",
    )  # fmt: skip


class EvidenceLinkViewSet(VisibleViewSet):
    """Files on requests; the firm sees them once the client has submitted."""

    queryset = EvidenceLink.objects.select_related(
        "file_version__uploaded_by", "added_by", "evidence_request__engagement"
    ).order_by("added_at", "id")
    serializer_class = LinkSerializer
    filterset_class = LinkFilters
    orderings = {"added_at": "added_at"}

    def get_object(self) -> EvidenceLink:
        """The link, with the version of what changes of it: the file's dates."""
        linked: EvidenceLink = super().get_object()
        linked.version = linked.file_version.version
        return linked

    def shown(self, record: Any, status: int = 200) -> Response:
        """The ETag, too, is the file version's."""
        record.version = record.file_version.version
        return super().shown(record, status)

    def perform_content_negotiation(self, request: Any, force: bool = False) -> Any:
        """A download is what it is, whatever Accept says."""
        return super().perform_content_negotiation(request, force or self.action == "download")

    @takes(LinkBody, permission=str(P.UPLOAD_EVIDENCE))
    def create(self, request: Request) -> Response:
        """Let a file that is here already answer one more request (to upload, see `files/`)."""
        given = self.body()
        linked = files.link(given["evidence_request"], given["file_version"], by=request.user)
        return self.created(linked)

    @takes(CoverageBody, permission=str(P.UPLOAD_EVIDENCE))
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Say which dates a file speaks for: the client while it answers, a reviewer later."""
        linked = self.get_object()
        files.set_coverage(linked, self.body(), by=request.user, version=self.version())
        return self.reply(linked)

    @takes(permission=str(P.UPLOAD_EVIDENCE))
    def destroy(self, request: Request, pk: Any) -> Response:
        """Take a file off a request before it is handed over."""
        linked = self.get_object()
        if linked.version != self.version():
            raise StaleVersion(STALE)
        files.unlink(linked, by=request.user)
        return self.gone()

    @takes(ReasonBody, moves=True, permission=str(P.SUBMIT_REQUEST))
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: Any) -> Response:
        """Erase a file uploaded by mistake, before any acceptance; name, hash and reason stay."""
        linked = self.get_object()
        files.withdraw_file(linked, by=request.user, **self.body())
        return self.reply(linked)

    @extend_schema(responses=BINARY)
    @action(detail=True, methods=["get"])
    def download(self, request: Request, pk: Any) -> HttpResponseBase:
        """The bytes, whole or by one Range, as an attachment; or a link to the evidence host."""
        given = downloads.of_file(self.get_object())
        return downloads.answer(request._request, given, by=request.user)


class FileVersionViewSet(BaseViewSet):
    """Versions of files in the caller's sight, with all they answer and what repeats them."""

    queryset = FileVersion.objects.select_related("uploaded_by")
    serializer_class = FileVersionDetail

    def retrieve(self, request: Request, pk: Any) -> Response:
        """One version."""
        return self.shown(self.get_object())
