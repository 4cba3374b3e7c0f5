"""The controls of an engagement: taken from the client's library, mapped, dropped."""

from __future__ import annotations

from typing import Any

from django_filters import CharFilter, ChoiceFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from audits.actions import controls
from audits.choices import ControlFrequency, ControlNature, ControlType
from audits.models import Control, EngagementControl, ScopeItem
from audits.queries.controls import mappings_in_order
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Body, Shown, VisibleField, VisibleListField
from tenants.api.filters import Filters
from tenants.api.requests import Request
from tenants.models import Engagement
from tenants.permissions import P

MAPS = str(P.MAP_CONTROLS)


class MappingShape(serializers.Serializer[Any]):
    """A scope item the control answers to, with one line why."""

    scope_item = serializers.UUIDField(source="scope_item_id")
    identifier = serializers.CharField(source="scope_item.identifier")
    rationale = serializers.CharField()


class EngagementControlSerializer(Shown):
    """A control as it was told on the day it was taken."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    control = serializers.UUIDField(source="control_id", read_only=True)
    mappings = MappingShape(many=True, read_only=True)

    class Meta:
        model = EngagementControl
        fields = (
            "id", "version", "engagement", "control", "ref", "title", "narrative",
            "narrative_number", "owner_role", "frequency", "nature", "type", "systems", "evidence",
            "taken_at", "mappings",
        )  # fmt: skip


class TakeBody(Body):
    """Controls of the client's library to take; left out: all that run."""

    engagement = VisibleField(Engagement.objects.all())
    controls = VisibleListField(Control.objects.all(), required=False)


class TakenShape(serializers.Serializer[Any]):
    """How many controls are new, told anew, as before; how many mappings were added."""

    taken = serializers.IntegerField()
    refreshed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    mapped = serializers.IntegerField()


class UnmapBody(Body):
    """A scope item of the engagement."""

    scope_item = VisibleField(ScopeItem.objects.select_related("engagement"))


class MapBody(UnmapBody):
    """A scope item, and one line why the control answers to it (NR-14)."""

    rationale = serializers.CharField(max_length=300, required=False, allow_blank=True)


class EngagementControlFilters(Filters):
    """Which controls to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    ref = CharFilter()
    frequency = ChoiceFilter(choices=ControlFrequency.choices)
    nature = ChoiceFilter(choices=ControlNature.choices)
    type = ChoiceFilter(choices=ControlType.choices)
    scope_item = UUIDFilter(field_name="mappings__scope_item_id")


class EngagementControlViewSet(VisibleViewSet):
    """Controls of the engagements the caller may view."""

    queryset = EngagementControl.objects.select_related("engagement").prefetch_related(
        mappings_in_order()
    )
    serializer_class = EngagementControlSerializer
    filterset_class = EngagementControlFilters
    orderings = {"ref": "ref", "title": "title", "taken_at": "taken_at"}
    search_fields = ("ref", "title", "owner_role")

    @takes(TakeBody, answers=TakenShape, permission=MAPS)
    @action(detail=False, methods=["post"])
    def take(self, request: Request) -> Response:
        """Take controls of the client's library, or take them again as they are told now."""
        given = self.body()
        chosen = given.get("controls")
        ids = None if chosen is None else [control.pk for control in chosen]
        return self.answer(controls.take_controls(given["engagement"], ids, request.user))

    def destroy(self, request: Request, pk: Any) -> Response:
        """Drop a control from the engagement, while no request names it."""
        controls.drop_control(self.get_object(), request.user, version=self.version())
        return self.gone()

    @takes(MapBody, moves=True, permission=MAPS)
    @action(detail=True, methods=["post"], url_path="map")
    def map_to(self, request: Request, pk: Any) -> Response:
        """Map the control to a scope item; again to rewrite the reason."""
        control, version = self.get_object(), self.version(required=False)
        controls.map_control(control, **self.body(), by=request.user, version=version)
        return self.reply(control)

    @takes(UnmapBody, moves=True, permission=MAPS)
    @action(detail=True, methods=["post"])
    def unmap(self, request: Request, pk: Any) -> Response:
        """The control answers to the scope item no more."""
        control, version = self.get_object(), self.version(required=False)
        controls.unmap(control, **self.body(), by=request.user, version=version)
        return self.reply(control)
