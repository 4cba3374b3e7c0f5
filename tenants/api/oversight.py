"""All engagements of the firm, for its administrators: names and leaders, nothing in them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from tenants.actions import assignments
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Body, Shown, VisibleField
from tenants.api.requests import Request
from tenants.api.shapes import OrganizationName
from tenants.choices import LEADING_ROLES
from tenants.models import Engagement
from tenants.permissions import P
from tenants.queries import directory, ethics, oversight


class OverseenSerializer(Shown):
    """An engagement by name, and who can put the firm's people on it now."""

    client = OrganizationName(read_only=True)
    leaders = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Engagement
        fields = ("id", "title", "client", "leaders")


class LeaderBody(Body):
    """Who leads from now on: a partner or manager of the firm."""

    person = VisibleField(directory.colleagues, help_text="A person's id, not a membership's.")
    role = serializers.ChoiceField([(str(role), role.label) for role in LEADING_ROLES])


class OversightViewSet(VisibleViewSet):
    """The firm's engagements for its administrators, but those behind an ethics wall from their
    own work."""

    queryset = Engagement.objects.select_related("client")
    serializer_class = OverseenSerializer
    orderings = {"title": "title", "client": "client__name"}
    search_fields = ("title", "client__name")
    versioned = False

    def get_queryset(self) -> QuerySet[Any]:
        """The firm's."""
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return ethics.engagements(self.request.user, self.request.organization)

    def represent(self, records: list[Any]) -> list[dict[str, Any]]:
        """With their leaders, by one query for the page."""
        led = oversight.leaders(row.pk for row in records)
        for row in records:
            row.leaders = led.get(row.pk, [])
        return super().represent(records)

    @takes(LeaderBody, permission=str(P.MANAGE_WALLS))
    @action(detail=True, methods=["post"])
    def name_leader(self, request: Request, pk: Any) -> Response:
        """Name a leader where nobody leads any more; they begin once they confirm independence."""
        row, given = self.get_object(), self.body()
        assignments.assign(row, by=request.user, **given)
        return self.reply(row)
