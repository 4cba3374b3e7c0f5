"""The trail, and each person's notices."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters import BooleanFilter, CharFilter, ChoiceFilter, UUIDFilter
from rest_framework.decorators import action
from rest_framework.response import Response

from tenants.actions import inbox
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Shown
from tenants.api.filters import Filters, MomentFilter
from tenants.api.requests import Request
from tenants.choices import TrailZone
from tenants.models import Notice, TrailEntry
from tenants.queries.inbox import own


class TrailSerializer(Shown):
    """One effect: who did what to which record, when, by which request. Never changed."""

    class Meta:
        model = TrailEntry
        fields = (
            "id", "at", "engagement_id", "zone", "person_id", "person_name", "acting_for_id",
            "verb", "subject_type", "subject_id", "subject_label", "subject_version", "before",
            "after", "note", "detail", "request_id",
        )  # fmt: skip


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
