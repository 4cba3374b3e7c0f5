"""How an engagement treats subservice organizations."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django_filters import ChoiceFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from audits.actions import subservices
from audits.actions.subservices import Treatment
from audits.choices.system import SubserviceMethod
from audits.models.statements import ScopeEntry
from audits.models.subservices import EngagementSubservice, SubserviceIndependence
from audits.rules.subservices import cover
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Body, Shown, VisibleField
from tenants.api.filters import Filters
from tenants.api.requests import Request
from tenants.permissions import P

SETS = str(P.SET_SCOPE)
TREATED = tuple(each.name for each in fields(Treatment))


class CoverShape(serializers.Serializer[Any]):
    """Days of our time that its own report leaves open. bridged: of those after it, by a letter."""

    before = serializers.IntegerField()
    after = serializers.IntegerField()
    bridged = serializers.IntegerField()
    open_days = serializers.IntegerField()
    long_bridge = serializers.BooleanField()


class SubserviceSerializer(Shown):
    """A subservice organization as the engagement treats it."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    cover = serializers.SerializerMethodField(
        help_text="How its own report covers our time, in days; null without one."
    )
    decided_by = serializers.CharField(source="decided_by.name", read_only=True)

    class Meta:
        model = EngagementSubservice
        fields = (
            "id", "version", "engagement", "entry_id", "ref", "title", "method", "report_from",
            "report_to", "bridge_to", "cover", "decided_by", "decided_at",
        )  # fmt: skip

    def get_cover(self, row: EngagementSubservice) -> dict[str, Any] | None:
        """Computed from the dates of the report and of the engagement."""
        found = cover(row.engagement, row.report_from, row.report_to, row.bridge_to)
        return dict(CoverShape(found).data) if found else None


class TreatmentBody(Body):
    """How it is treated, and what its own report covers."""

    method = serializers.ChoiceField(SubserviceMethod.choices)
    report_from = serializers.DateField(required=False, allow_null=True)
    report_to = serializers.DateField(required=False, allow_null=True)
    bridge_to = serializers.DateField(
        required=False, allow_null=True, help_text="Last day a letter of its management covers."
    )


class NewTreatmentBody(TreatmentBody):
    """An organization as the client states it, and how it is treated."""

    entry = VisibleField(ScopeEntry.objects.select_related("statement", "engagement"))


class SubserviceIndependenceSerializer(Shown):
    """A person of the firm states that they are independent of an included organization."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    subservice = serializers.UUIDField(source="subservice_id", read_only=True)
    person = serializers.CharField(source="person.name", read_only=True)

    class Meta:
        model = SubserviceIndependence
        fields = ("id", "engagement", "subservice", "person", "said_at")


class OfSubservices(Filters):
    """Which organizations to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    method = ChoiceFilter(choices=SubserviceMethod.choices)


class SubserviceViewSet(VisibleViewSet):
    """Subservice organizations of the engagements the caller sees."""

    queryset = EngagementSubservice.objects.select_related("engagement", "decided_by")
    serializer_class = SubserviceSerializer
    filterset_class = OfSubservices
    orderings = {"ref": "ref"}

    @takes(NewTreatmentBody, permission=SETS)
    def create(self, request: Request) -> Response:
        """Say for the first time how a stated organization is treated."""
        given = self.body()
        entry = given.pop("entry")
        return self.created(subservices.treat(entry, Treatment(**given), by=request.user))

    @takes(TreatmentBody, permission=SETS)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Treat it otherwise."""
        row = self.get_object()
        told = {name: getattr(row, name) for name in TREATED} | self.body()
        changed = subservices.change(
            row, Treatment(**told), by=request.user, version=self.version()
        )
        return self.reply(changed)

    @takes(permission=SETS)
    def destroy(self, request: Request, pk: Any) -> Response:
        """Take one off that the client no longer states."""
        subservices.remove(self.get_object(), by=request.user, version=self.version())
        return self.gone()

    @takes(moves=True, permission=str(P.CONFIRM_INDEPENDENCE))
    @action(detail=True, methods=["post"])
    def confirm_independence(self, request: Request, pk: Any) -> Response:
        """State that one is independent of it."""
        row = self.get_object()
        subservices.confirm_independence(row, by=request.user)
        return self.reply(row)


class OfIndependence(Filters):
    """Which words to list."""

    engagement = UUIDFilter(field_name="engagement_id")


class SubserviceIndependenceViewSet(VisibleViewSet):
    """Words on independence of included organizations, for the firm's people."""

    queryset = SubserviceIndependence.objects.select_related("person")
    serializer_class = SubserviceIndependenceSerializer
    filterset_class = OfIndependence
    orderings = {"said_at": "said_at"}
