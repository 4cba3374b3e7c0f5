"""Changes of scope after acceptance, and what the client asks for (RT-17)."""

from __future__ import annotations

from typing import Any

from django_filters import ChoiceFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.response import Response

from audits.actions import scope_changes
from audits.actions.scope_changes import LONGEST, Proposed
from audits.choices.scope_changes import (
    ScopeChangeKind,
    ScopeChangeReason,
    ScopeChangeStatus,
)
from audits.models.scope_changes import ScopeChange, ScopeProposal
from tenants.api.base import VisibleViewSet, as_move, takes
from tenants.api.bodies import Body, MovesField, Shown, VisibleField
from tenants.api.filters import Filters
from tenants.api.requests import Request
from tenants.choices import Category
from tenants.models import Engagement
from tenants.permissions import P

AFTER = ("categories", "as_of", "period_start", "period_end", "before", "after")


class ScopeChangeSerializer(Shown):
    """A change of what is examined: who asked, why, its effect, and what was decided."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    moves = MovesField()

    class Meta:
        model = ScopeChange
        fields = (
            "id", "version", "engagement", "kind", "status", "asked_by", "reason_code", "reason",
            "effect", "before", "after", "proposed_by", "proposed_at", "decision", "decided_by",
            "decided_at", "moves",
        )  # fmt: skip


class ScopeChangeBody(Body):
    """A proposed change: `categories` or dates of the terms, else `before` and `after` in words."""

    engagement = VisibleField(Engagement.objects.all())
    kind = serializers.ChoiceField(ScopeChangeKind.choices)
    asked_by = serializers.CharField(max_length=160)
    reason_code = serializers.ChoiceField(ScopeChangeReason.choices)
    reason = serializers.CharField(max_length=LONGEST)
    effect = serializers.CharField(max_length=LONGEST)
    categories = serializers.ListField(
        child=serializers.ChoiceField(Category.choices), required=False, max_length=5
    )
    as_of = serializers.DateField(required=False, allow_null=True)
    period_start = serializers.DateField(required=False, allow_null=True)
    period_end = serializers.DateField(required=False, allow_null=True)
    before = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST)
    after = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST)


class CarryOutBody(Body):
    """Whether what hangs on criteria that go may go with them."""

    confirmed = serializers.BooleanField(required=False, default=False)


class ScopeChangeFilters(Filters):
    """Which changes to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    kind = ChoiceFilter(choices=ScopeChangeKind.choices)
    status = ChoiceFilter(choices=ScopeChangeStatus.choices)


class ScopeChangeViewSet(VisibleViewSet):
    """Changes of scope, of the files the caller reads."""

    queryset = ScopeChange.objects.select_related("engagement__client")
    serializer_class = ScopeChangeSerializer
    filterset_class = ScopeChangeFilters
    orderings = {"proposed_at": "proposed_at"}
    lifecycle = scope_changes.LIFECYCLE
    moves = {
        "approve": as_move(scope_changes.decide, "approve"),
        "refuse": as_move(scope_changes.decide, "refuse"),
        "apply": scope_changes.apply,
    }
    move_bodies = {"apply": CarryOutBody}

    @takes(ScopeChangeBody, permission=str(P.PROPOSE_SCOPE))
    def create(self, request: Request) -> Response:
        """Propose a change for the partner to decide."""
        given = dict(self.body())
        engagement = given.pop("engagement")
        after = {name: given.pop(name) for name in AFTER if name in given}
        proposed = Proposed(**given, after=after)
        return self.created(scope_changes.propose(engagement, proposed, by=request.user))


class ScopeProposalSerializer(Shown):
    """What the client asks to be examined otherwise."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)

    class Meta:
        model = ScopeProposal
        fields = ("id", "version", "engagement", "text", "proposed_by", "proposed_at")


class ScopeProposalBody(Body):
    """What the client asks for."""

    engagement = VisibleField(Engagement.objects.all())
    text = serializers.CharField(max_length=LONGEST)


class ScopeProposalFilters(Filters):
    """Which proposals to list."""

    engagement = UUIDFilter(field_name="engagement_id")


class ScopeProposalViewSet(VisibleViewSet):
    """What clients ask for, on the engagements the caller works on."""

    queryset = ScopeProposal.objects.select_related("engagement")
    serializer_class = ScopeProposalSerializer
    filterset_class = ScopeProposalFilters
    orderings = {"proposed_at": "proposed_at"}

    @takes(ScopeProposalBody, permission=str(P.PROPOSE_SCOPE))
    def create(self, request: Request) -> Response:
        """Ask the firm for a change; the client's administrator does."""
        given: dict[str, Any] = self.body()
        asked = scope_changes.ask(given["engagement"], given["text"], by=request.user)
        return self.created(asked)
