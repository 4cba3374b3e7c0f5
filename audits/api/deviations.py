"""Deviations: the firm's own record of what did not run as it is told."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django_filters import BooleanFilter, ChoiceFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from audits.actions import deviations, told_deviations
from audits.choices.deviations import DeviationNature, DeviationStatus
from audits.models import EngagementControl
from audits.models.deviations import Deviation
from audits.rules.deviations import LONGEST, SHORT, Account
from tenants.api.base import VisibleViewSet, as_move, takes
from tenants.api.bodies import Body, MovesField, Shown, VisibleField
from tenants.api.filters import Filters
from tenants.api.requests import Request
from tenants.models import Engagement
from tenants.permissions import P

PERFORMS = str(P.PERFORM_TEST)
ACCOUNT = tuple(field.name for field in fields(Account))


class DeviationSerializer(Shown):
    """One deviation: what happened, why, and what it means."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    control = serializers.UUIDField(source="control_id", read_only=True)
    ref = serializers.CharField(source="control.ref", read_only=True)
    test = serializers.UUIDField(source="test_id", read_only=True, allow_null=True)
    item = serializers.UUIDField(source="item_id", read_only=True, allow_null=True)
    attribute = serializers.UUIDField(source="attribute_id", read_only=True, allow_null=True)
    compensating = serializers.UUIDField(source="compensating_id", read_only=True, allow_null=True)
    recorded_by = serializers.CharField(source="recorded_by.name", read_only=True)
    moves = MovesField()

    class Meta:
        model = Deviation
        fields = (
            "id", "version", "engagement", "control", "ref", "number", "test", "item", "attribute",
            "status", "happened", "happened_on", "cause", "nature", "intentional", "effect",
            "found_by", "fixed", "compensating", "compensating_why", "after_the_fact",
            "recorded_by", "recorded_at", "moves",
        )  # fmt: skip


class DeviationsShape(serializers.Serializer[Any]):
    """Several deviations."""

    deviations = DeviationSerializer(many=True)


def _text(limit: int = LONGEST) -> serializers.CharField:
    return serializers.CharField(max_length=limit, required=False, allow_blank=True)


class AccountBody(Body):
    """What is known of a deviation (DV-01); fields left out stay as they are."""

    happened = serializers.CharField(max_length=LONGEST, required=False)
    happened_on = serializers.DateField(required=False, allow_null=True)
    cause = _text()
    nature = serializers.ChoiceField(DeviationNature.choices, required=False, allow_blank=True)
    intentional = serializers.BooleanField(required=False)
    effect = _text()
    found_by = _text(SHORT)
    fixed = _text()
    compensating = VisibleField(
        EngagementControl.objects.all(), required=False, allow_null=True,
        help_text="Another control for the same scope item (DV-04).",
    )  # fmt: skip
    compensating_why = _text()
    after_the_fact = serializers.BooleanField(required=False)


class NewDeviationBody(AccountBody):
    """A deviation that stands in no grid."""

    control = VisibleField(EngagementControl.objects.select_related("engagement"))
    happened = serializers.CharField(max_length=LONGEST)


class FoundBody(Body):
    """The engagement whose grids are meant."""

    engagement = VisibleField(Engagement.objects.all())


class DropDeviationBody(Body):
    """Why it is none after all."""

    note = serializers.CharField(max_length=LONGEST)


class CommunicateBody(Body):
    """The words in which the client is told of it."""

    text = serializers.CharField(max_length=LONGEST)


class DeviationFilters(Filters):
    """Which deviations to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    control = UUIDFilter(field_name="control_id")
    status = ChoiceFilter(choices=DeviationStatus.choices)
    nature = ChoiceFilter(choices=DeviationNature.choices)
    intentional = BooleanFilter()


class DeviationViewSet(VisibleViewSet):
    """Deviations of the files the caller reads."""

    queryset = Deviation.objects.select_related("engagement", "control__engagement", "recorded_by")
    serializer_class = DeviationSerializer
    filterset_class = DeviationFilters
    orderings = {"number": "number", "recorded_at": "recorded_at"}
    lifecycle = deviations.LIFECYCLE
    moves = {
        "explain": as_move(deviations.move, "explain"),
        "reconsider": as_move(deviations.move, "reconsider"),
        "communicate": told_deviations.communicate,
        "close": as_move(deviations.move, "close"),
    }
    move_bodies = {"communicate": CommunicateBody}

    @takes(NewDeviationBody, permission=PERFORMS)
    def create(self, request: Request) -> Response:
        """Write down what deviates and stands in no grid."""
        given = dict(self.body())
        control = given.pop("control")
        return self.created(deviations.record(control, _account(given), by=request.user))

    @takes(FoundBody, answers=DeviationsShape, permission=PERFORMS)
    @action(detail=False, methods=["post"])
    def take_found(self, request: Request) -> Response:
        """Write down every cell that deviates and that nobody wrote down yet."""
        made = deviations.take_found(self.body()["engagement"], by=request.user)
        rows = self.get_queryset().filter(pk__in=[row.pk for row in made]).order_by("number")
        return self.answer({"deviations": rows})

    @takes(AccountBody, permission=PERFORMS)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Say more of it, or otherwise."""
        row = self.get_object()
        now = {name: getattr(row, name) for name in ACCOUNT} | {"compensating": row.compensating_id}
        told = _account(now | dict(self.body()))
        changed = deviations.change(row, told, by=request.user, version=self.version())
        return self.reply(changed)

    @takes(DropDeviationBody, moves=True, permission=PERFORMS)
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, pk: Any) -> Response:
        """Take back what is none after all, with the reason."""
        note, version = self.body()["note"], self.version(required=False)
        deviations.drop(self.get_object(), by=request.user, note=note, version=version)
        return self.gone()


def _account(given: dict[str, Any]) -> Account:
    key = getattr(given.get("compensating"), "pk", given.get("compensating"))
    return Account(**given | {"compensating": key})
