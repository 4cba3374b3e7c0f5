"""The opinion, part by part: what is proposed, what modifies it, what the partner decided."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch
from django_filters import BooleanFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from audits.actions import opinions
from audits.choices.opinions import ModificationCause, OpinionPartKind, OpinionValue
from audits.models import ScopeItem
from audits.models.opinions import Modification, Opinion, OpinionPart
from audits.rules.opinions import LONGEST
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Body, Shown, VisibleField
from tenants.api.filters import Filters
from tenants.api.requests import Request
from tenants.models import Engagement
from tenants.permissions import P

PROPOSES, DECIDES = str(P.PROPOSE_OPINION), str(P.DECIDE_OPINION)


class OpinionPartShape(Shown):
    """One part of the opinion: as proposed, and as it stands."""

    class Meta:
        model = OpinionPart
        fields = ("part", "value", "proposed")


class OpinionSerializer(Shown):
    """The opinion of an engagement; decided once `decided_at` stands."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    parts = OpinionPartShape(many=True, read_only=True)
    proposed_by = serializers.CharField(source="proposed_by.name", read_only=True)
    decided_by = serializers.CharField(
        source="decided_by.name", read_only=True, allow_null=True, default=None
    )

    class Meta:
        model = Opinion
        fields = (
            "id", "version", "engagement", "parts", "proposal_reason", "proposed_by",
            "proposed_at", "decided_by", "decided_at", "decision_reason",
        )  # fmt: skip


class ModificationSerializer(Shown):
    """What modifies a part. category: empty for all; pervasive: null while nobody has said."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    opinion = serializers.UUIDField(source="part.opinion_id", read_only=True)
    part = serializers.CharField(source="part.part", read_only=True)
    scope_item = serializers.UUIDField(source="scope_item_id", read_only=True, allow_null=True)

    class Meta:
        model = Modification
        fields = (
            "id", "version", "engagement", "opinion", "part", "scope_item", "category", "cause",
            "pervasive", "basis",
        )  # fmt: skip


class OpinionBody(Body):
    """What the proposal rests on."""

    engagement = VisibleField(Engagement.objects.all())
    reason = serializers.CharField(max_length=LONGEST)


class DecideOpinionBody(Body):
    """What the partner says of each part; a part left out stays as it stands."""

    description = serializers.ChoiceField(OpinionValue.choices, required=False)
    design = serializers.ChoiceField(OpinionValue.choices, required=False)
    operation = serializers.ChoiceField(OpinionValue.choices, required=False)
    reason = serializers.CharField(
        max_length=LONGEST, required=False, allow_blank=True,
        help_text="Needed where a part is decided otherwise than proposed.",
    )  # fmt: skip


class ModificationBody(Body):
    """What modifies a part, in place of what stood there for the item (OP-04)."""

    opinion = VisibleField(Opinion.objects.select_related("engagement"))
    part = serializers.ChoiceField(OpinionPartKind.choices)
    scope_item = VisibleField(ScopeItem.objects.all(), required=False, allow_null=True)
    cause = serializers.ChoiceField(ModificationCause.choices)
    pervasive = serializers.BooleanField(required=False, allow_null=True)
    basis = serializers.CharField(
        max_length=LONGEST, help_text="The item, what was found, and its effect."
    )


class OpinionFilters(Filters):
    """Which opinions to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    open = BooleanFilter(field_name="decided_at", lookup_expr="isnull")


class ModificationFilters(Filters):
    """Which modifications to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    opinion = UUIDFilter(field_name="part__opinion_id")


class OpinionViewSet(VisibleViewSet):
    """Opinions of the files the caller reads."""

    queryset = Opinion.objects.select_related(
        "engagement", "proposed_by", "decided_by"
    ).prefetch_related(Prefetch("parts", OpinionPart.objects.order_by("part")))  # fmt: skip
    serializer_class = OpinionSerializer
    filterset_class = OpinionFilters
    orderings = {"proposed_at": "proposed_at"}

    @takes(OpinionBody, permission=PROPOSES)
    def create(self, request: Request) -> Response:
        """Propose what the conclusions ask for; a decision that stood is open again."""
        given = self.body()
        made = opinions.propose(given["engagement"], given["reason"], by=request.user)
        return self.created(made)

    @takes(DecideOpinionBody, moves=True, permission=DECIDES)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: Any) -> Response:
        """The partner decides each part."""
        row, given, version = self.get_object(), dict(self.body()), self.version(required=False)
        reason = given.pop("reason", "")
        opinions.decide(row, given, reason=reason, by=request.user, version=version)
        return self.reply(self.get_object())


class ModificationViewSet(VisibleViewSet):
    """What modifies opinions, of the files the caller reads."""

    queryset = Modification.objects.select_related("engagement", "part__opinion__engagement")
    serializer_class = ModificationSerializer
    filterset_class = ModificationFilters
    orderings = {"position": "scope_item__position"}

    @takes(ModificationBody, permission=PROPOSES)
    def create(self, request: Request) -> Response:
        """Write what modifies a part; the decision is open again."""
        given = dict(self.body())
        opinion, part = given.pop("opinion"), given.pop("part")
        item, pervasive = given.pop("scope_item", None), given.pop("pervasive", None)
        return self.created(
            opinions.modify(opinion, part, item, pervasive=pervasive, by=request.user, **given)
        )

    @takes(permission=PROPOSES)
    def destroy(self, request: Request, pk: Any) -> Response:
        """Take a modification out; the decision is open again."""
        opinions.drop_modification(self.get_object(), by=request.user, version=self.version())
        return self.gone()
