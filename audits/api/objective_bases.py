"""What the control objectives of a SOC 1 rest on."""

from __future__ import annotations

from typing import Any

from django_filters import UUIDFilter
from rest_framework import serializers
from rest_framework.response import Response

from audits.actions import objective_bases
from audits.actions.objective_bases import Rests
from audits.choices import Assertion, ObjectiveGroup
from audits.models import ScopeItem
from audits.models.objective_bases import ObjectiveBasis
from audits.models.statements import ScopeEntry
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Body, Shown, VisibleField, VisibleListField
from tenants.api.filters import Filters
from tenants.api.requests import Request
from tenants.permissions import P

SETS = str(P.SET_SCOPE)


class ObjectiveBasisSerializer(Shown):
    """What an objective rests on; entries by their ids in the client's statements."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    scope_item = serializers.UUIDField(source="scope_item_id", read_only=True)
    identifier = serializers.CharField(source="scope_item.identifier", read_only=True)
    supports = serializers.UUIDField(source="supports_id", read_only=True, allow_null=True)
    said_by = serializers.CharField(source="said_by.name", read_only=True)

    class Meta:
        model = ObjectiveBasis
        fields = (
            "id", "version", "engagement", "scope_item", "identifier", "stated_by", "group",
            "transaction_classes", "assertions", "application", "supports", "hosting", "said_by",
            "said_at",
        )  # fmt: skip


class RestsBody(Body):
    """What an objective rests on."""

    group = serializers.ChoiceField(ObjectiveGroup.choices)
    stated_by = serializers.CharField(
        max_length=160, required=False, allow_blank=True,
        help_text="Who stated the objective, where not the client.",
    )  # fmt: skip
    transaction_classes = VisibleListField(
        ScopeEntry.objects.select_related("statement"), required=False, allow_empty=True,
        help_text="Stated transaction classes, for a business process.",
    )  # fmt: skip
    assertions = serializers.ListField(
        child=serializers.ChoiceField(Assertion.choices), required=False, max_length=8
    )
    application = VisibleField(
        ScopeEntry.objects.select_related("statement"), required=False, allow_null=True,
        help_text="The stated application that an ITGC objective guards.",
    )  # fmt: skip
    supports = VisibleField(ScopeItem.objects.all(), required=False, allow_null=True)
    hosting = serializers.BooleanField(required=False)


class NewRestsBody(RestsBody):
    """An objective in scope, and what it rests on."""

    scope_item = VisibleField(ScopeItem.objects.select_related("engagement"))


class ObjectiveBasisFilters(Filters):
    """Which objectives to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    scope_item = UUIDFilter(field_name="scope_item_id")


class ObjectiveBasisViewSet(VisibleViewSet):
    """What the objectives of the engagements the caller sees rest on."""

    queryset = ObjectiveBasis.objects.select_related(
        "engagement", "scope_item", "supports", "said_by"
    )
    serializer_class = ObjectiveBasisSerializer
    filterset_class = ObjectiveBasisFilters
    orderings = {"position": "scope_item__position"}

    @takes(NewRestsBody, permission=SETS)
    def create(self, request: Request) -> Response:
        """Say for the first time what an objective rests on."""
        given = self.body()
        item = given.pop("scope_item")
        return self.created(objective_bases.say(item, Rests(**_rests(given)), by=request.user))

    @takes(RestsBody, permission=SETS)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Say otherwise what it rests on; fields left out stay."""
        row = self.get_object()
        now = {name: getattr(row, name) for name in Rests.__dataclass_fields__}
        changed = objective_bases.change(
            row, Rests(**now | _rests(self.body())), by=request.user, version=self.version()
        )
        return self.reply(changed)


def _rests(given: dict[str, Any]) -> dict[str, Any]:
    """The body's values, stated entries by the client's own ids."""
    found = dict(given)
    if "transaction_classes" in found:
        found["transaction_classes"] = tuple(one.entry_id for one in found["transaction_classes"])
    if found.get("application"):
        found["application"] = found["application"].entry_id
    if "assertions" in found:
        found["assertions"] = tuple(found["assertions"])
    return found
