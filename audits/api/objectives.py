"""The client's control objectives and systems."""

from __future__ import annotations

from typing import Any

from django_filters import ChoiceFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from audits.actions import library_objectives
from audits.choices import ObjectiveGroup
from audits.models import ControlObjective, System
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Body, Shown
from tenants.api.filters import Filters
from tenants.api.requests import Request
from tenants.permissions import P

EDITS = str(P.EDIT_LIBRARY)


class OfAClient(Filters):
    """Rows of one client's library."""

    client = UUIDFilter(field_name="client_id")


class SystemSerializer(Shown):
    """A system in which controls run."""

    client = serializers.UUIDField(source="client_id", read_only=True)

    class Meta:
        model = System
        fields = ("id", "version", "client", "name")


class SystemBody(Body):
    """A system by name."""

    name = serializers.CharField(max_length=120)


class SystemViewSet(VisibleViewSet):
    """Systems of one's own organization, or of the clients of one's engagements."""

    queryset = System.objects.select_related("client")
    serializer_class = SystemSerializer
    filterset_class = OfAClient
    orderings = {"name": "name"}
    search_fields = ("name",)

    @takes(SystemBody, permission=EDITS)
    def create(self, request: Request) -> Response:
        """Add a system to one's own organization."""
        name = self.body()["name"]
        return self.created(
            library_objectives.add_system(request.organization, name=name, by=request.user)
        )

    @takes(SystemBody, permission=EDITS)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Rename a system."""
        renamed = library_objectives.rename_system(
            self.get_object(), **self.body(), by=request.user, version=self.version()
        )
        return self.reply(renamed)


class ObjectiveSerializer(Shown):
    """A control objective as the client states it."""

    client = serializers.UUIDField(source="client_id", read_only=True)

    class Meta:
        model = ControlObjective
        fields = ("id", "version", "client", "ref", "group", "domain", "title", "text")


class StatedBody(Body):
    """What an objective says."""

    group = serializers.ChoiceField(ObjectiveGroup.choices)
    domain = serializers.CharField(max_length=80)
    title = serializers.CharField(max_length=160)
    text = serializers.CharField(max_length=4_000)


class ObjectiveBody(StatedBody):
    """A new objective, with its id."""

    ref = serializers.CharField(max_length=20)


class AdoptBody(Body):
    """Objectives of the catalog, by identifier."""

    identifiers = serializers.ListField(
        child=serializers.CharField(max_length=8), allow_empty=False, max_length=100
    )


class ObjectiveFilters(OfAClient):
    """Which objectives to list."""

    group = ChoiceFilter(choices=ObjectiveGroup.choices)


class ObjectiveViewSet(VisibleViewSet):
    """Control objectives of one's own organization, or of the clients of one's engagements."""

    queryset = ControlObjective.objects.select_related("client")
    serializer_class = ObjectiveSerializer
    filterset_class = ObjectiveFilters
    orderings = {"ref": "ref", "domain": "domain"}
    search_fields = ("ref", "title", "domain")

    @takes(ObjectiveBody, permission=EDITS)
    def create(self, request: Request) -> Response:
        """State a control objective."""
        return self.created(
            library_objectives.add_objective(request.organization, **self.body(), by=request.user)
        )

    @takes(StatedBody, permission=EDITS)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """State an objective otherwise; fields left out stay."""
        objective = self.get_object()
        stays = {name: getattr(objective, name) for name in ("group", "domain", "title", "text")}
        changed = library_objectives.edit_objective(
            objective, **stays | self.body(), by=request.user, version=self.version()
        )
        return self.reply(changed)

    @takes(AdoptBody, answers=ObjectiveSerializer, many=True, permission=EDITS)
    @action(detail=False, methods=["post"])
    def adopt(self, request: Request) -> Response:
        """Take objectives of the catalog into one's own; answers with the new ones."""
        new = library_objectives.propose_objectives_from_catalog(
            request.organization, self.body()["identifiers"], request.user
        )
        return self.answer(new)
