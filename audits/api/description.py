"""Where the description of a system answers its criteria."""

from __future__ import annotations

from typing import Any

from django_filters import UUIDFilter
from rest_framework import serializers
from rest_framework.response import Response

from audits.actions import description
from audits.actions.description import LONGEST
from audits.models.description import DescriptionPoint
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Body, Shown, VisibleField
from tenants.api.filters import Filters
from tenants.api.requests import Request
from tenants.models import Engagement
from tenants.permissions import P

WRITES = str(P.WRITE_DOCUMENT)


class DescriptionPointSerializer(Shown):
    """Where the description answers a criterion, or why it need not."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    criterion = serializers.CharField(source="criterion_id", read_only=True)
    said_by = serializers.CharField(source="said_by.name", read_only=True)

    class Meta:
        model = DescriptionPoint
        fields = (
            "id", "version", "engagement", "criterion", "where", "none_reason", "said_by",
            "said_at",
        )  # fmt: skip


class PointBody(Body):
    """One of the two: where it is answered, or why it need not be."""

    where = serializers.CharField(max_length=LONGEST, required=False, allow_blank=True, default="")
    none_reason = serializers.CharField(
        max_length=LONGEST, required=False, allow_blank=True, default=""
    )


class NewPointBody(PointBody):
    """The criterion that is answered, by its identifier."""

    engagement = VisibleField(Engagement.objects.all())
    description_criterion = serializers.CharField(max_length=8)


class DescriptionPointFilters(Filters):
    """Which points to list."""

    engagement = UUIDFilter(field_name="engagement_id")


class DescriptionPointViewSet(VisibleViewSet):
    """Points of the engagements the caller sees."""

    queryset = DescriptionPoint.objects.select_related("engagement", "said_by")
    serializer_class = DescriptionPointSerializer
    filterset_class = DescriptionPointFilters
    orderings = {"position": "criterion__position"}

    @takes(NewPointBody, permission=WRITES)
    def create(self, request: Request) -> Response:
        """Say for the first time where a criterion is answered."""
        given = self.body()
        at = given.pop("engagement"), given.pop("description_criterion")
        return self.created(description.place(*at, **given, by=request.user))

    @takes(PointBody, permission=WRITES)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Say otherwise where it is answered."""
        changed = description.change(
            self.get_object(), **self.body(), by=request.user, version=self.version()
        )
        return self.reply(changed)
