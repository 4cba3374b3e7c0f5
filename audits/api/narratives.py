"""How controls are told: versions, their check, approval, proposals."""

from __future__ import annotations

from typing import Any

from django_filters import ChoiceFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from audits.actions import library_controls, narratives
from audits.api.objectives import EDITS, OfAClient
from audits.choices.narratives import ProposalStatus
from audits.models import Narrative
from audits.models.narratives import NarrativeProposal
from audits.queries.narratives import score_of, versions
from audits.rules.controls import LIMITS
from audits.rules.narrative_difference import compare
from tenants.api.base import BaseViewSet, VisibleViewSet, takes
from tenants.api.bodies import Body, Shown
from tenants.api.requests import Request
from tenants.errors import Invalid, NotVisible
from tenants.permissions import P, require

PROPOSES = str(P.PROPOSE_NARRATIVE)
APPROVES = str(P.APPROVE_NARRATIVE)


class NarrativeBody(Body):
    """A narrative told anew. effective_from: the first day the control ran so."""

    text = serializers.CharField(max_length=LIMITS["narrative"])
    effective_from = serializers.DateField(required=False, allow_null=True)


class CheckBody(Body):
    """A text to be checked as the control's narrative; without one, its newest version is."""

    text = serializers.CharField(
        max_length=LIMITS["narrative"], required=False, allow_blank=True, allow_null=True
    )


class ApproveBody(Body):
    """The number of the version that was read."""

    number = serializers.IntegerField(min_value=1)


class RefuseBody(Body):
    """Why a proposal is not taken; whoever made it reads this."""

    reason = serializers.CharField(max_length=2_000)


class NarrativeSerializer(Shown):
    """One version of how a control is told, and who approved it (SO-08)."""

    written_by = serializers.CharField(source="written_by.name", read_only=True)
    approved_by = serializers.SerializerMethodField()
    approved_at = serializers.SerializerMethodField()

    class Meta:
        model = Narrative
        fields = ("id", "number", "text", "effective_from", "written_by", "written_at",
                  "approved_by", "approved_at")  # fmt: skip

    def get_approved_by(self, row: Narrative) -> str | None:
        """The second person; None when nobody has approved the version."""
        return next((each.approved_by.name for each in row.approvals.all()), None)

    def get_approved_at(self, row: Narrative) -> str | None:
        """When it was approved, in UTC."""
        return next((each.approved_at.isoformat() for each in row.approvals.all()), None)


class NarrativeProblemShape(serializers.Serializer[Any]):
    """A rule a narrative does not meet, and a sentence that would meet it."""

    rule = serializers.CharField()
    level = serializers.ChoiceField(["block", "warn"])
    says = serializers.CharField()
    write = serializers.CharField()


class ScoreShape(serializers.Serializer[Any]):
    """How a narrative does: rules met of those that apply (NR-01 to NR-14), blockers first."""

    passed = serializers.IntegerField()
    applicable = serializers.IntegerField()
    words = serializers.IntegerField()
    problems = NarrativeProblemShape(many=True)


class PieceShape(serializers.Serializer[Any]):
    """A run of text; changed: it stands in this version alone."""

    text = serializers.CharField()
    changed = serializers.BooleanField()


class DifferenceShape(serializers.Serializer[Any]):
    """Two versions side by side; the pieces of each join to its whole text."""

    before = PieceShape(many=True)
    after = PieceShape(many=True)
    removed = serializers.IntegerField()
    added = serializers.IntegerField()


class NarrativeOperations(BaseViewSet):
    """What the viewset of controls can do with their narratives."""

    @takes(answers=NarrativeSerializer, lists=True)
    @action(detail=True, methods=["get"])
    def narratives(self, request: Request, pk: Any) -> Response:
        """Every version of the control's narrative, the newest first."""
        page = self.paginate_queryset(versions(self.get_object()))
        return self.get_paginated_response(NarrativeSerializer(page, many=True).data)

    @takes(NarrativeBody, permission=EDITS, status=201)
    @action(detail=True, methods=["post"])
    def narrative(self, request: Request, pk: Any) -> Response:
        """Tell the control anew: the next version of its narrative."""
        control = self.get_object()
        library_controls.set_narrative(control, **self.body(), by=request.user)
        return self.reply(control, 201)

    @takes(CheckBody, answers=ScoreShape, key=False, permission=PROPOSES)
    @action(detail=True, methods=["post"])
    def check(self, request: Request, pk: Any) -> Response:
        """Hold a text, or the newest narrative, against NR-01 to NR-14; nothing is written."""
        control = self.get_object()
        require(request.user, P.PROPOSE_NARRATIVE, control.client)
        return self.answer(score_of(control, self.body().get("text")))

    @takes(
        answers=DifferenceShape,
        parameters={
            "before": "The number of a version; the one before the newest by itself.",
            "after": "The number of another; the newest by itself.",
        },
    )
    @action(detail=True, methods=["get"])
    def difference(self, request: Request, pk: Any) -> Response:
        """What changed from one version of the narrative to another, by words."""
        control = self.get_object()
        newest = control.narrative_number or 1
        usual = {"before": max(newest - 1, 1), "after": newest}
        before, after = (_number(request, name, number) for name, number in usual.items())
        told = control.narratives.filter(number__in=(before, after))
        found = dict(told.values_list("number", "text"))
        if len(found) < len({before, after}):
            raise NotVisible("The control has no such version.")
        return self.answer(compare(found[before], found[after]))

    @takes(ApproveBody, moves=True, permission=APPROVES)
    @action(detail=True, methods=["post"])
    def approve_narrative(self, request: Request, pk: Any) -> Response:
        """Stand by the newest version, written by somebody else (SO-08)."""
        control = self.get_object()
        narratives.approve(control, self.body()["number"], by=request.user)
        return self.reply(control)

    @takes(NarrativeBody, permission=PROPOSES, status=201)
    @action(detail=True, methods=["post"])
    def propose(self, request: Request, pk: Any) -> Response:
        """Propose how the control is told; one's open proposal is replaced."""
        control = self.get_object()
        narratives.propose(control, **self.body(), by=request.user)
        return self.reply(control, 201)


class ProposalSerializer(Shown):
    """A narrative that somebody proposed, and what became of it."""

    client = serializers.UUIDField(source="client_id", read_only=True)
    control = serializers.UUIDField(source="control_id", read_only=True)
    ref = serializers.CharField(source="control.ref", read_only=True)
    proposed_by = serializers.CharField(source="proposed_by.name", read_only=True)
    decided_by = serializers.CharField(
        source="decided_by.name", read_only=True, default=None, allow_null=True
    )

    class Meta:
        model = NarrativeProposal
        fields = (
            "id", "version", "client", "control", "ref", "against", "text", "effective_from",
            "status", "proposed_by", "proposed_at", "decided_by", "decided_at", "decision",
        )  # fmt: skip


class ProposalFilters(OfAClient):
    """Which proposals to list."""

    control = UUIDFilter(field_name="control_id")
    status = ChoiceFilter(choices=ProposalStatus.choices)


class NarrativeProposalViewSet(VisibleViewSet):
    """Proposed narratives of one's own library; no firm sees them."""

    queryset = NarrativeProposal.objects.select_related(
        "control__client", "client", "proposed_by", "decided_by"
    )
    serializer_class = ProposalSerializer
    filterset_class = ProposalFilters
    orderings = {"proposed_at": "proposed_at"}

    @takes(moves=True, permission=EDITS)
    @action(detail=True, methods=["post"])
    def take(self, request: Request, pk: Any) -> Response:
        """Make it the control's next version; taken by somebody else, it is approved too."""
        version = self.version(required=False)
        proposal = self.get_object()
        narratives.take(proposal, by=request.user, version=version)
        return self.reply(proposal)

    @takes(RefuseBody, moves=True, permission=EDITS)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: Any) -> Response:
        """Leave the control as it is told, and say why."""
        version = self.version(required=False)
        return self.reply(
            narratives.refuse(self.get_object(), **self.body(), by=request.user, version=version)
        )


def _number(request: Request, name: str, usual: int) -> int:
    told = request.query_params.get(name, str(usual))
    if not (told.isascii() and told.isdigit() and len(told) < 10):
        raise Invalid(f"{name}: give the number of a version.", code="number_missing", field=name)
    return int(told)
