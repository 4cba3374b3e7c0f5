"""What controls and scope items came to, and the look again at what rests on a failed control."""

from __future__ import annotations

from typing import Any

from django_filters import ChoiceFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from audits.actions import conclusions
from audits.choices.conclusions import ControlValue, DependencyOutcome, ItemValue
from audits.models import EngagementControl, ScopeItem
from audits.models.conclusions import ControlConclusion, DependencyReview, ScopeItemConclusion
from audits.rules.conclusions import LONGEST
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Body, Shown, VisibleField
from tenants.api.filters import Filters
from tenants.api.requests import Request
from tenants.models import Engagement
from tenants.permissions import P

CONTROLS, ITEMS = str(P.CONCLUDE_CONTROL), str(P.CONCLUDE_SCOPE_ITEM)
WHY = "Needed where the value is another than proposed, or a control failed."


class ControlConclusionSerializer(Shown):
    """What a control came to. rate and upper_limit: per cent of its items."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    control = serializers.UUIDField(source="control_id", read_only=True)
    ref = serializers.CharField(source="control.ref", read_only=True)
    concluded_by = serializers.CharField(source="concluded_by.name", read_only=True)

    class Meta:
        model = ControlConclusion
        fields = (
            "id", "version", "engagement", "control", "ref", "value", "proposed", "reason",
            "tested", "deviating", "rate", "upper_limit", "table_number", "concluded_by",
            "concluded_at",
        )  # fmt: skip


class ScopeItemConclusionSerializer(Shown):
    """Whether a criterion or an objective is met."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    scope_item = serializers.UUIDField(source="scope_item_id", read_only=True)
    identifier = serializers.CharField(source="scope_item.identifier", read_only=True)
    concluded_by = serializers.CharField(source="concluded_by.name", read_only=True)

    class Meta:
        model = ScopeItemConclusion
        fields = (
            "id", "version", "engagement", "scope_item", "identifier", "value", "proposed",
            "reason", "pervasive_asked", "concluded_by", "concluded_at",
        )  # fmt: skip


class DependencyReviewSerializer(Shown):
    """What a failed control does to one that rests on it (DV-06)."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    failed = serializers.UUIDField(source="failed_id", read_only=True)
    dependent = serializers.UUIDField(source="dependent_id", read_only=True)
    reviewed_by = serializers.CharField(source="reviewed_by.name", read_only=True)

    class Meta:
        model = DependencyReview
        fields = (
            "id", "version", "engagement", "failed", "dependent", "outcome", "reason",
            "reviewed_by", "reviewed_at",
        )  # fmt: skip


class ControlConclusionsShape(serializers.Serializer[Any]):
    """Several conclusions on controls."""

    conclusions = ControlConclusionSerializer(many=True)


class ScopeItemConclusionsShape(serializers.Serializer[Any]):
    """Several conclusions on scope items."""

    conclusions = ScopeItemConclusionSerializer(many=True)


class ControlConclusionBody(Body):
    """What a control came to; without a value, what is proposed."""

    control = VisibleField(EngagementControl.objects.select_related("engagement"))
    value = serializers.ChoiceField(ControlValue.choices, required=False)
    reason = serializers.CharField(
        max_length=LONGEST, required=False, allow_blank=True, help_text=WHY
    )


class ScopeItemConclusionBody(Body):
    """Whether an item is met; without a value, what is proposed."""

    scope_item = VisibleField(ScopeItem.objects.select_related("engagement"))
    value = serializers.ChoiceField(ItemValue.choices, required=False)
    reason = serializers.CharField(
        max_length=LONGEST, required=False, allow_blank=True, help_text=WHY
    )


class DependencyReviewBody(Body):
    """What a failed control does to one that rests on it, and what shows it."""

    failed = VisibleField(EngagementControl.objects.select_related("engagement"))
    dependent = VisibleField(EngagementControl.objects.all())
    outcome = serializers.ChoiceField(DependencyOutcome.choices)
    reason = serializers.CharField(max_length=LONGEST)


class TakeProposedBody(Body):
    """The engagement whose proposals are meant."""

    engagement = VisibleField(Engagement.objects.all())


class ControlConclusionFilters(Filters):
    """Which conclusions on controls to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    control = UUIDFilter(field_name="control_id")
    value = ChoiceFilter(choices=ControlValue.choices)


class ScopeItemConclusionFilters(Filters):
    """Which conclusions on scope items to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    value = ChoiceFilter(choices=ItemValue.choices)


class DependencyReviewFilters(Filters):
    """Which looks again to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    outcome = ChoiceFilter(choices=DependencyOutcome.choices)


class ControlConclusionViewSet(VisibleViewSet):
    """Conclusions on controls, of the files the caller reads."""

    queryset = ControlConclusion.objects.select_related("engagement", "control", "concluded_by")
    serializer_class = ControlConclusionSerializer
    filterset_class = ControlConclusionFilters
    orderings = {"ref": "control__ref"}

    @takes(ControlConclusionBody, permission=CONTROLS)
    def create(self, request: Request) -> Response:
        """Say what a control came to, in place of what stood there."""
        given = self.body()
        control = given.pop("control")
        return self.created(conclusions.conclude_control(control, by=request.user, **given))

    @takes(TakeProposedBody, answers=ControlConclusionsShape, permission=CONTROLS)
    @action(detail=False, methods=["post"])
    def take(self, request: Request) -> Response:
        """Take what is proposed for every control in which nothing deviates."""
        made = conclusions.take_controls(self.body()["engagement"], by=request.user)
        rows = self.get_queryset().filter(pk__in=[row.pk for row in made])
        return self.answer({"conclusions": rows.order_by("control__ref")})


class ScopeItemConclusionViewSet(VisibleViewSet):
    """Conclusions on criteria and objectives, of the files the caller reads."""

    queryset = ScopeItemConclusion.objects.select_related(
        "engagement", "scope_item", "concluded_by"
    )
    serializer_class = ScopeItemConclusionSerializer
    filterset_class = ScopeItemConclusionFilters
    orderings = {"position": "scope_item__position"}

    @takes(ScopeItemConclusionBody, permission=ITEMS)
    def create(self, request: Request) -> Response:
        """Say whether an item is met, in place of what stood there."""
        given = self.body()
        item = given.pop("scope_item")
        return self.created(conclusions.conclude_item(item, by=request.user, **given))

    @takes(TakeProposedBody, answers=ScopeItemConclusionsShape, permission=ITEMS)
    @action(detail=False, methods=["post"])
    def take(self, request: Request) -> Response:
        """Take what is proposed for every item that is met without deviations."""
        made = conclusions.take_items(self.body()["engagement"], by=request.user)
        rows = self.get_queryset().filter(pk__in=[row.pk for row in made])
        return self.answer({"conclusions": rows.order_by("scope_item__position")})


class DependencyReviewViewSet(VisibleViewSet):
    """Looks again at what rests on a failed control, of the files the caller reads."""

    queryset = DependencyReview.objects.select_related("engagement", "reviewed_by")
    serializer_class = DependencyReviewSerializer
    filterset_class = DependencyReviewFilters
    orderings = {"reviewed_at": "reviewed_at"}

    @takes(DependencyReviewBody, permission=CONTROLS)
    def create(self, request: Request) -> Response:
        """Say what follows for a control that rests on a failed one."""
        given = self.body()
        failed, dependent = given.pop("failed"), given.pop("dependent")
        made = conclusions.review_dependency(failed, dependent, by=request.user, **given)
        return self.created(made)
