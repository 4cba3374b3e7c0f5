"""Deviations as the client was told of them, and what its management responds."""

from __future__ import annotations

from typing import Any

from django_filters import BooleanFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from audits.actions import told_deviations
from audits.actions.told_deviations import OWNER, Reply
from audits.models.told_deviations import CommunicatedDeviation, ManagementResponse
from audits.rules.deviations import LONGEST
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Body, Shown, VisibleField
from tenants.api.filters import Filters
from tenants.api.requests import Request
from tenants.permissions import P


class CommunicatedDeviationSerializer(Shown):
    """A deviation in the words in which the client was told of it."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    control = serializers.UUIDField(source="control_id", read_only=True)
    ref = serializers.CharField(source="control.ref", read_only=True)
    communicated_by = serializers.CharField(source="communicated_by.name", read_only=True)

    class Meta:
        model = CommunicatedDeviation
        fields = (
            "id", "version", "engagement", "control", "ref", "text", "number_tested",
            "number_deviating", "communicated_by", "communicated_at", "waived_reason",
        )  # fmt: skip


class ManagementResponseSerializer(Shown):
    """What the client's management says to a deviation."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    communicated = serializers.UUIDField(source="communicated_id", read_only=True)
    written_by = serializers.CharField(source="written_by.name", read_only=True)

    class Meta:
        model = ManagementResponse
        fields = (
            "id", "version", "engagement", "communicated", "agrees", "cause", "action",
            "owner_name", "due_on", "written_by", "handed_over_at",
        )  # fmt: skip


class WaiveBody(Body):
    """Why no response is waited for."""

    reason = serializers.CharField(max_length=LONGEST)


class ResponseBody(Body):
    """What management says: the client's draft, in place of the one there is."""

    communicated = VisibleField(
        CommunicatedDeviation.objects.select_related("engagement", "control")
    )
    agrees = serializers.BooleanField()
    cause = serializers.CharField(max_length=LONGEST)
    action = serializers.CharField(max_length=LONGEST)
    owner_name = serializers.CharField(max_length=OWNER)
    due_on = serializers.DateField(required=False, allow_null=True)


class CommunicatedDeviationFilters(Filters):
    """Which of them to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    control = UUIDFilter(field_name="control_id")


class ManagementResponseFilters(Filters):
    """Which responses to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    communicated = UUIDFilter(field_name="communicated_id")
    draft = BooleanFilter(field_name="handed_over_at", lookup_expr="isnull")


class CommunicatedDeviationViewSet(VisibleViewSet):
    """What clients were told, for the firm's team and for those who respond."""

    queryset = CommunicatedDeviation.objects.select_related(
        "engagement", "control", "communicated_by"
    )
    serializer_class = CommunicatedDeviationSerializer
    filterset_class = CommunicatedDeviationFilters
    orderings = {"communicated_at": "communicated_at"}

    @takes(WaiveBody, moves=True, permission=str(P.COMMUNICATE_DEVIATION))
    @action(detail=True, methods=["post"])
    def waive(self, request: Request, pk: Any) -> Response:
        """Wait for no response, with the reason."""
        row, given, version = self.get_object(), self.body(), self.version(required=False)
        return self.reply(
            told_deviations.waive(row, given["reason"], by=request.user, version=version)
        )


class ManagementResponseViewSet(VisibleViewSet):
    """Responses of the client's management; a draft is the client's alone."""

    queryset = ManagementResponse.objects.select_related(
        "engagement", "communicated__control", "communicated__engagement", "written_by"
    )
    serializer_class = ManagementResponseSerializer
    filterset_class = ManagementResponseFilters
    orderings = {"handed_over_at": "handed_over_at"}

    @takes(ResponseBody, permission=str(P.RESPOND_TO_DEVIATION))
    def create(self, request: Request) -> Response:
        """Write the client's draft; the firm does not see it yet."""
        given = dict(self.body())
        told = given.pop("communicated")
        return self.created(told_deviations.respond(told, Reply(**given), by=request.user))

    @takes(moves=True, permission=str(P.RESPOND_TO_DEVIATION))
    @action(detail=True, methods=["post"])
    def hand_over(self, request: Request, pk: Any) -> Response:
        """Give the response to the firm; from then on it stays."""
        row, version = self.get_object(), self.version(required=False)
        return self.reply(told_deviations.hand_over(row, by=request.user, version=version))
