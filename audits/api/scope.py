"""What an engagement examines, its controls, and the coverage picture."""

from __future__ import annotations

from typing import Any

from django_filters import BooleanFilter, CharFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from audits.actions import scope
from audits.models import ControlObjective, ScopeItem
from audits.queries.coverage import coverage
from tenants.api.base import BaseViewSet, VisibleViewSet, takes
from tenants.api.bodies import Body, Shown, VisibleField, VisibleListField
from tenants.api.filters import Filters
from tenants.api.requests import Request
from tenants.choices import Category
from tenants.models import Engagement
from tenants.permissions import P

SETS = str(P.SET_SCOPE)


class ScopeItemSerializer(Shown):
    """A criterion or control objective, as the engagement froze it."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)

    class Meta:
        model = ScopeItem
        fields = (
            "id", "version", "engagement", "basis", "identifier", "series", "category", "common",
            "title", "text", "position", "relevant", "reason",
        )  # fmt: skip


class LeaveOutBody(Body):
    """Why the criterion does not apply; readers see it (DC8)."""

    reason = serializers.CharField(max_length=4_000)


class ObjectivesBody(Body):
    """The objectives a SOC 1 examines: exactly these."""

    engagement = VisibleField(Engagement.objects.all())
    objectives = VisibleListField(ControlObjective.objects.all())
    confirmed = serializers.BooleanField(
        default=False, help_text="Removed objectives may lose their mappings."
    )


class CategoriesBody(Body):
    """The categories a SOC 2 or SOC 3 covers: exactly these."""

    engagement = VisibleField(Engagement.objects.all())
    categories = serializers.ListField(
        child=serializers.ChoiceField(Category.choices), max_length=5
    )
    confirmed = serializers.BooleanField(
        default=False, help_text="Removed criteria may lose their mappings."
    )


class ScopeChangeShape(serializers.Serializer[Any]):
    """What a change of scope added and removed; orphaned: how much work named what was removed."""

    added = serializers.ListField(child=serializers.CharField())
    removed = serializers.ListField(child=serializers.CharField())
    orphaned = serializers.DictField(child=serializers.IntegerField())


class ScopeItemFilters(Filters):
    """Which items to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    series = CharFilter()
    relevant = BooleanFilter()
    uncovered = BooleanFilter(field_name="mappings", lookup_expr="isnull")


class ScopeItemViewSet(VisibleViewSet):
    """Criteria and objectives of the engagements the caller may view."""

    queryset = ScopeItem.objects.select_related("engagement")
    serializer_class = ScopeItemSerializer
    filterset_class = ScopeItemFilters
    orderings = {"position": "position", "identifier": "identifier"}
    search_fields = ("identifier", "title")

    @takes(LeaveOutBody, moves=True, permission=SETS)
    @action(detail=True, methods=["post"])
    def leave_out(self, request: Request, pk: Any) -> Response:
        """Leave a criterion out of scope, with the reason (RT-04)."""
        item, version = self.get_object(), self.version(required=False)
        return self.reply(scope.leave_out(item, **self.body(), by=request.user, version=version))

    @takes(moves=True, permission=SETS)
    @action(detail=True, methods=["post"])
    def take_back(self, request: Request, pk: Any) -> Response:
        """Take a criterion back into scope."""
        item, version = self.get_object(), self.version(required=False)
        return self.reply(scope.take_back(item, by=request.user, version=version))

    @takes(ObjectivesBody, answers=ScopeChangeShape, permission=SETS)
    @action(detail=False, methods=["post"])
    def take_objectives(self, request: Request) -> Response:
        """Let a SOC 1 examine exactly these objectives of its client."""
        given = self.body()
        ids = [objective.pk for objective in given["objectives"]]
        change = scope.take_objectives(
            given["engagement"], ids, request.user, confirmed=given["confirmed"]
        )
        return self.answer(change)

    @takes(CategoriesBody, answers=ScopeChangeShape, permission=SETS)
    @action(detail=False, methods=["post"])
    def change_categories(self, request: Request) -> Response:
        """Let a SOC 2 or SOC 3 cover exactly these categories."""
        given = self.body()
        change = scope.change_categories(
            given["engagement"], given["categories"], by=request.user, confirmed=given["confirmed"]
        )
        return self.answer(change)


class CoveringControlShape(serializers.Serializer[Any]):
    """A control of the engagement. item_count: scope items it answers to."""

    id = serializers.UUIDField()
    ref = serializers.CharField()
    title = serializers.CharField()
    item_count = serializers.IntegerField()
    request_count = serializers.IntegerField()


class CoveredItemShape(serializers.Serializer[Any]):
    """A criterion or objective, and the controls that answer to it."""

    id = serializers.UUIDField()
    identifier = serializers.CharField()
    title = serializers.CharField()
    series = serializers.CharField()
    relevant = serializers.BooleanField()
    is_hole = serializers.BooleanField()
    control_ids = serializers.ListField(child=serializers.UUIDField())
    request_count = serializers.IntegerField()


class CoverageShape(serializers.Serializer[Any]):
    """Scope items by controls. holes: examined items without a control, by identifier."""

    examined_count = serializers.IntegerField()
    holes = serializers.ListField(child=serializers.CharField())
    idle_controls = serializers.ListField(child=serializers.CharField())
    items = CoveredItemShape(many=True)
    controls = CoveringControlShape(many=True)


class CoverageViewSet(BaseViewSet):
    """Which controls answer to what an engagement examines, and where none does."""

    queryset = Engagement.objects.all()
    versioned = False

    @takes(answers=CoverageShape)
    def show(self, request: Request, pk: Any) -> Response:
        """The whole picture of one engagement."""
        picture = coverage(self.get_object())
        return self.answer(
            {
                "examined_count": picture.examined_count,
                "holes": [item.identifier for item in picture.holes],
                "idle_controls": [control.ref for control in picture.idle],
                "items": picture.items,
                "controls": picture.controls,
            }
        )
