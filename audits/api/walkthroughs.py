"""Walkthroughs: the firm's own, one item through one control."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django_filters import UUIDFilter
from rest_framework import serializers
from rest_framework.response import Response

from audits.actions import walkthroughs
from audits.actions.walkthroughs import LIMITS, Seen
from audits.models import EngagementControl
from audits.models.walkthroughs import Walkthrough
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Body, Shown, VisibleField
from tenants.api.filters import Filters
from tenants.api.requests import Request
from tenants.permissions import P

WALKS = str(P.PERFORM_TEST)
SAID = tuple(field.name for field in fields(Seen))


class SeenBody(Body):
    """What was seen of one item, end to end."""

    item = serializers.CharField(max_length=LIMITS["item"])
    walked_on = serializers.DateField()
    walked_with = serializers.CharField(max_length=LIMITS["walked_with"])
    seen = serializers.CharField(max_length=LIMITS["seen"])
    differs = serializers.BooleanField(required=False)


class WalkthroughBody(SeenBody):
    """A walkthrough of a control of the engagement."""

    control = VisibleField(EngagementControl.objects.all())


class WalkthroughSerializer(Shown):
    """One item that the firm followed through a control."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    control = serializers.UUIDField(source="control_id", read_only=True)
    ref = serializers.CharField(source="control.ref", read_only=True)
    done_by = serializers.CharField(source="done_by.name", read_only=True)

    class Meta:
        model = Walkthrough
        fields = (
            "id", "version", "engagement", "control", "ref", "item", "walked_on", "walked_with",
            "seen", "differs", "narrative_number", "done_by", "done_at",
        )  # fmt: skip


class WalkthroughFilters(Filters):
    """Which walkthroughs to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    control = UUIDFilter(field_name="control_id")


class WalkthroughViewSet(VisibleViewSet):
    """Walkthroughs of the engagements on whose team the caller is."""

    queryset = Walkthrough.objects.select_related("control__engagement", "engagement", "done_by")
    serializer_class = WalkthroughSerializer
    filterset_class = WalkthroughFilters
    orderings = {"walked_on": "walked_on"}

    @takes(WalkthroughBody, permission=WALKS)
    def create(self, request: Request) -> Response:
        """Write down what was seen."""
        given = self.body()
        control = given.pop("control")
        return self.created(walkthroughs.write(control, Seen(**given), by=request.user))

    @takes(SeenBody, permission=WALKS)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Correct one's own words."""
        row = self.get_object()
        told = {name: getattr(row, name) for name in SAID} | self.body()
        corrected = walkthroughs.correct(row, Seen(**told), by=request.user, version=self.version())
        return self.reply(corrected)
