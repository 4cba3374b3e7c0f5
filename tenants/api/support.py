"""Support's wishes to look at one's engagements: for administrators, who agree, refuse and end."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from tenants.actions import support as actions
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Shown
from tenants.api.requests import Request
from tenants.api.shapes import PersonName
from tenants.models import SupportAccess
from tenants.queries import support as queries


class SupportAccessSerializer(Shown):
    """An operator's wish to look at one engagement; live from `agreed_at` to `until`."""

    operator = PersonName(read_only=True)
    agreed_by = PersonName(read_only=True, allow_null=True)
    ended_by = PersonName(read_only=True, allow_null=True)
    engagement = serializers.UUIDField(source="engagement_id", read_only=True)

    class Meta:
        model = SupportAccess
        fields = (
            "id", "operator", "engagement", "reason", "hours", "asked_at", "agreed_by",
            "agreed_at", "until", "ended_by", "ended_at",
        )  # fmt: skip


class SupportAccessViewSet(VisibleViewSet):
    """Wishes of support to look from the caller's side, for administrators."""

    queryset = SupportAccess.objects.order_by("-asked_at")
    serializer_class = SupportAccessSerializer
    orderings = {"asked_at": "asked_at"}
    versioned = False

    def get_queryset(self) -> QuerySet[Any]:
        """The organization's."""
        return queries.wishes(self.request.user, self.request.organization)

    @takes()
    @action(detail=True, methods=["post"])
    def agree(self, request: Request, pk: Any) -> Response:
        """Let the operator look from now on, for the hours asked for."""
        return self.reply(actions.agree(self.get_object(), by=request.user))

    @takes()
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: Any) -> Response:
        """Refuse the wish, or stop the operator's looking at once."""
        return self.reply(actions.end(self.get_object(), by=request.user))
