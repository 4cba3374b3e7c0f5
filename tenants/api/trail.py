"""The trail, and each person's notices."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django_filters import BooleanFilter, CharFilter, ChoiceFilter, UUIDFilter
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.serializers import CharField as Text
from rest_framework.serializers import ListField, Serializer

from tenants import downloads
from tenants.actions import inbox, trail_exports
from tenants.api.base import BaseViewSet, VisibleViewSet, takes
from tenants.api.bodies import Shown
from tenants.api.filters import Filters, MomentFilter
from tenants.api.requests import Request
from tenants.choices import TrailZone
from tenants.errors import Invalid
from tenants.models import Engagement, Notice, Organization, TrailCheckpoint, TrailEntry
from tenants.permissions import P
from tenants.queries import trail, trail_books, trail_copies
from tenants.queries.inbox import own
from tenants.trail_verifier import PROOF_FORMAT


class TrailSerializer(Shown):
    """One effect: who did what to which record, when, by which request. Never changed."""

    class Meta:
        model = TrailEntry
        fields = (
            "id", "at", "engagement_id", "zone", "person_id", "person_name", "acting_for_id",
            "verb", "subject_type", "subject_id", "subject_label", "subject_version", "before",
            "after", "note", "detail", "request_id",
        )  # fmt: skip


class ConsistencySerializer(Serializer[Any]):
    """A consistency proof as verify_trail.py takes it; `path` holds hashes in hex."""

    format = Text()
    path = ListField(child=Text())


class TrailFilters(Filters):
    """Which entries to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    subject = UUIDFilter(field_name="subject_id")
    subject_type = CharFilter(max_length=40)
    verb = CharFilter(max_length=40)
    person = UUIDFilter(field_name="person_id")
    zone = ChoiceFilter(choices=TrailZone.choices)
    since = MomentFilter(field_name="at", lookup_expr="gte")
    until = MomentFilter(field_name="at", lookup_expr="lt")


class TrailViewSet(VisibleViewSet):
    """What was done on the engagements whose trail the caller may read, newest first."""

    queryset = TrailEntry.objects.all()
    serializer_class = TrailSerializer
    filterset_class = TrailFilters
    orderings = {"at": "at"}
    search_fields = ("subject_label", "person_name")
    versioned = False

    def represent(self, records: list[Any]) -> list[dict[str, Any]]:
        """Written by hand: the longest list there is."""
        names = self.get_serializer_context()["fields"] or TrailSerializer.Meta.fields
        return [{name: getattr(row, name) for name in names} for row in records]


class OrganizationTrailFilters(Filters):
    """Which entries of the organization to list."""

    subject = UUIDFilter(field_name="subject_id")
    subject_type = CharFilter(max_length=40)
    verb = CharFilter(max_length=40)
    person = UUIDFilter(field_name="person_id")
    since = MomentFilter(field_name="at", lookup_expr="gte")
    until = MomentFilter(field_name="at", lookup_expr="lt")


class OrganizationTrailViewSet(TrailViewSet):
    """What was done in the caller's organization and belongs to no engagement: people, sign-ins,
    settings, grants. For its administrators, newest first."""

    filterset_class = OrganizationTrailFilters

    def get_queryset(self) -> QuerySet[Any]:
        """The organization's."""
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return trail.of_organization(self.request.user, self.request.organization)


class _Exporting(BaseViewSet):
    """A trail as a file, up to its newest checkpoint."""

    queryset = TrailEntry.objects.all()
    versioned = False

    def perform_content_negotiation(self, request: Any, force: bool = False) -> Any:
        """A download is what it is, whatever kinds the caller says it accepts."""
        return super().perform_content_negotiation(request, force=True)

    def written(self, request: Request, book: Engagement | Organization) -> HttpResponseBase:
        """The book's trail as asked for, told in it first."""
        kind = request.query_params.get("as", "jsonl")
        trail_exports.note(
            book, by=request.user, organization=request.organization, kind=kind, asked={}
        )
        newest = trail_books.latest(book.pk)
        return downloads.of_trail(
            request._request, book, newest, acts_in=request.organization, kind=kind, asked={}
        )


FILES = {(200, kind): OpenApiTypes.BINARY for kind in trail_exports.KINDS.values()}
AS = "jsonl (the default: with hashes, for verify_trail.py) or csv."


class TrailExportViewSet(_Exporting):
    """The trail of an engagement as a file."""

    @extend_schema(responses=FILES)
    @takes(cost=10, parameters={"engagement": "The engagement whose trail to write.", "as": AS})
    def export(self, request: Request) -> HttpResponseBase:
        """As far as the caller reads it; what belongs to the other side is closed."""
        if not (asked := request.query_params.get("engagement")):
            raise Invalid("engagement: name one.", code="required", field="engagement")
        return self.written(request, Engagement.objects.find(request.user, asked))


class OrganizationTrailExportViewSet(_Exporting):
    """The trail of one's own organization as a file."""

    @extend_schema(responses=FILES)
    @takes(cost=10, parameters={"as": AS}, permission=str(P.MANAGE_ORGANIZATION))
    def export(self, request: Request) -> HttpResponseBase:
        """What belongs to no engagement, for administrators."""
        return self.written(request, request.organization)


class CheckpointSerializer(Shown):
    """A signed statement of how many entries a trail had, with which root. Never changed."""

    class Meta:
        model = TrailCheckpoint
        fields = ("id", "book_id", "size", "root", "at", "key", "text")


class CheckpointFilters(Filters):
    """Which checkpoints to list."""

    engagement = UUIDFilter(field_name="book_id")
    organization = UUIDFilter(field_name="book_id")


class CheckpointViewSet(VisibleViewSet):
    """Signed checkpoints of the trails the caller may read, newest first."""

    queryset = TrailCheckpoint.objects.all()
    serializer_class = CheckpointSerializer
    filterset_class = CheckpointFilters
    orderings = {"at": "at"}
    versioned = False

    def get_queryset(self) -> QuerySet[Any]:
        """Of engagements, and of one's own organization for its administrators."""
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return trail_books.checkpoints(self.request.user, self.request.organization)

    @extend_schema(responses=ConsistencySerializer)
    @takes(cost=10, parameters={"since": "The size of an earlier checkpoint; 1 if left out."})
    @action(detail=True, methods=["get"])
    def consistency(self, request: Request, pk: Any) -> Response:
        """The proof (RFC 9162) that this checkpoint's trail continues that of `since` entries."""
        newest: TrailCheckpoint = self.get_object()
        since = request.query_params.get("since", "1")
        if not (since.isascii() and since.isdigit() and 0 < int(since[:18]) <= newest.size):
            raise Invalid("since: the size of an earlier checkpoint.", field="since")
        levels = trail_copies.levels_of(trail_copies.places_of(newest))
        path = levels.consistency(int(since), newest.size)
        return Response({"format": PROOF_FORMAT, "path": [step.hex() for step in path]})


class NoticeSerializer(Shown):
    """One thing to know: what kind, about which record, on which engagement."""

    class Meta:
        model = Notice
        fields = ("id", "kind", "engagement", "subject", "period", "created_at", "read_at")


class NoticeFilters(Filters):
    """Which notices to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    kind = CharFilter(max_length=60)
    unread = BooleanFilter(field_name="read_at", lookup_expr="isnull")


class NoticeViewSet(VisibleViewSet):
    """The caller's own inbox in the present organization."""

    queryset = Notice.objects.order_by("-created_at")
    serializer_class = NoticeSerializer
    filterset_class = NoticeFilters
    orderings = {"created_at": "created_at"}
    versioned = False

    def get_queryset(self) -> QuerySet[Any]:
        """The caller's notices."""
        return own(self.request.user)

    @takes(key=False)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: Any) -> Response:
        """Mark as read; doing it twice changes nothing."""
        notice = self.get_object()
        inbox.mark_read(request.user, [notice.pk])
        return self.reply(notice)
