"""The walls inside a firm: which stand, what is behind them, raising and lifting."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from tenants.actions import ethics as actions
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Body, Shown, VisibleListField
from tenants.api.requests import Request
from tenants.api.shapes import OrganizationName, PersonName
from tenants.models import EthicsWall, WalledSide
from tenants.queries import directory
from tenants.queries import ethics as queries


class WalledSideSerializer(Shown):
    """A client, or one engagement, on one side of a wall."""

    client = OrganizationName(read_only=True, allow_null=True)

    class Meta:
        model = WalledSide
        fields = ("side", "client", "engagement", "added_at")


class EthicsWallSerializer(Shown):
    """A wall; it stands until `lifted_at`."""

    raised_by = PersonName(read_only=True)
    lifted_by = PersonName(read_only=True, allow_null=True)
    sides = WalledSideSerializer(many=True, read_only=True)

    class Meta:
        model = EthicsWall
        fields = (
            "id", "version", "name", "reason", "sides", "raised_by", "raised_at", "lifted_by",
            "lifted_at", "lift_reason",
        )  # fmt: skip


class BehindBody(Body):
    """What stands on a side: clients, engagements, or both."""

    clients = VisibleListField(directory.clients, required=False)
    engagements = VisibleListField(queries.engagements, required=False)


class WallBody(BehindBody):
    """A new wall: its first side, and the other."""

    name = serializers.CharField(max_length=120)
    reason = serializers.CharField(max_length=300)
    other_clients = VisibleListField(directory.clients, required=False)
    other_engagements = VisibleListField(queries.engagements, required=False)


class ExtendBody(BehindBody):
    """More behind a wall; a side that is one above the last is a new side."""

    side = serializers.IntegerField(min_value=1, max_value=100)


class LiftBody(Body):
    """Why the wall comes down."""

    reason = serializers.CharField(max_length=300)


class EthicsWallViewSet(VisibleViewSet):
    """The walls of the caller's firm, for its administrators."""

    queryset = EthicsWall.objects.order_by("name")
    serializer_class = EthicsWallSerializer
    orderings = {"name": "name", "raised_at": "raised_at"}
    search_fields = ("name",)

    def get_queryset(self) -> QuerySet[Any]:
        """The firm's walls."""
        return queries.walls(self.request.user, self.request.organization)

    @takes(WallBody)
    def create(self, request: Request) -> Response:
        """Raise a wall; refused where somebody works on both sides already."""
        given = dict(self.body())
        there = actions.Side(given.pop("other_clients", ()), given.pop("other_engagements", ()))
        here = actions.Side(given.pop("clients", ()), given.pop("engagements", ()))
        made = actions.raise_wall(
            request.organization, sides=[here, there], by=request.user, **given
        )
        return self.created(made)

    @takes(ExtendBody)
    @action(detail=True, methods=["post"])
    def extend(self, request: Request, pk: Any) -> Response:
        """Put more clients or engagements behind a wall."""
        given = self.body()
        side = actions.Side(given.get("clients", ()), given.get("engagements", ()))
        return self.reply(
            actions.extend(self.get_object(), number=given["side"], side=side, by=request.user)
        )

    @takes(LiftBody)
    @action(detail=True, methods=["post"])
    def lift(self, request: Request, pk: Any) -> Response:
        """Take a wall down, with the reason."""
        return self.reply(actions.lift(self.get_object(), by=request.user, **self.body()))
