"""Papers of the firm's file: how it stands with their signatures, opening and signing them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django_filters import CharFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from audits.actions import sign_offs
from audits.choices.file import SignLevel
from audits.models.sign_offs import SignOff
from audits.papers import PAPERS
from audits.queries import papers
from tenants.api.base import BaseViewSet, VisibleViewSet, takes
from tenants.api.bodies import Body, Shown
from tenants.api.filters import Filters
from tenants.api.requests import Request
from tenants.errors import Invalid
from tenants.models import Engagement
from tenants.permissions import P


class SignatureShape(serializers.Serializer[Any]):
    """A signature on a paper; not current once the paper has changed (SO-05)."""

    id = serializers.UUIDField()
    level = serializers.CharField()
    signer = serializers.UUIDField(source="signer_id")
    role = serializers.CharField()
    signed_at = serializers.DateTimeField()
    current = serializers.BooleanField()


class PaperShape(serializers.Serializer[Any]):
    """A paper, the signatures it needs (`levels`) and those it still misses."""

    kind = serializers.CharField(source="paper.kind")
    id = serializers.UUIDField()
    name = serializers.CharField()
    content_hash = serializers.CharField()
    levels = serializers.ListField(child=serializers.CharField())
    missing = serializers.ListField(child=serializers.CharField())
    signatures = serializers.SerializerMethodField()

    def get_signatures(self, paper: papers.PaperStanding) -> list[dict[str, Any]]:
        """Those not taken back, oldest first."""
        for each in paper.signatures:
            each.current = paper.is_current(each)  # type: ignore[attr-defined]
        found: list[dict[str, Any]] = SignatureShape(paper.signatures, many=True).data  # type: ignore[assignment]
        return found


class PaperListShape(serializers.Serializer[Any]):
    """Papers of one file, and how each stands."""

    papers = PaperShape(many=True)


class WholePaperShape(PaperShape):
    """A paper with what a signature on it covers."""

    content = serializers.DictField()


class OpenedBody(Body):
    """Which paper was looked at."""

    kind = serializers.CharField(max_length=24)
    paper = serializers.UUIDField()


class SignBody(OpenedBody):
    """One signature; `seen` is the paper's `content_hash` as it was read."""

    level = serializers.ChoiceField(SignLevel.choices)
    seen = serializers.CharField(max_length=64)


class SignManyBody(Body):
    """One signature on each of several papers, which the signer has opened as they are (SO-04)."""

    kind = serializers.CharField(max_length=24)
    papers = serializers.ListField(
        child=serializers.UUIDField(), max_length=sign_offs.MOST, allow_empty=False
    )
    level = serializers.ChoiceField(SignLevel.choices)


class PapersViewSet(BaseViewSet):
    """The papers of one engagement, for the firm's people on it."""

    queryset = Engagement.objects.all()
    versioned = False

    def get_queryset(self) -> Any:
        """Engagements whose file the caller reads."""
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return self.queryset.granting(self.request.user, P.VIEW_FIRM_FILE)

    @takes(answers=PaperListShape, parameters={"kind": "Only papers of this kind."})
    def show(self, request: Request, pk: Any) -> Response:
        """Every paper there is, or those of one kind."""
        engagement, kind = self.get_object(), request.query_params.get("kind", "")
        if kind and kind not in PAPERS:
            raise Invalid("There is no paper of this kind.", code="kind_unknown", field="kind")
        found = (
            papers.standings(engagement, kind).values()
            if kind
            else papers.all_standings(engagement)
        )
        return self.answer({"papers": list(found)})

    @takes(answers=WholePaperShape)
    def one(self, request: Request, pk: Any, paper_kind: str, paper: UUID) -> Response:
        """One paper, with what a signature covers."""
        return self.answer(papers.standing(self.get_object(), paper_kind, paper))

    @takes(OpenedBody, answers=PaperShape, permission=str(P.VIEW_FIRM_FILE))
    def opened(self, request: Request, pk: Any) -> Response:
        """Note that the caller has looked at a paper as it is now."""
        engagement, given = self.get_object(), self.body()
        sign_offs.open_paper(engagement, given["kind"], given["paper"], by=request.user)
        return self.answer(papers.standing(engagement, given["kind"], given["paper"]))

    @takes(SignBody, answers=PaperShape, permission="by the level")
    def sign(self, request: Request, pk: Any) -> Response:
        """Sign a paper at one level (SO-01 to SO-04)."""
        engagement, given = self.get_object(), self.body()
        sign_offs.sign(
            engagement, given["kind"], given["paper"], given["level"], seen=given["seen"],
            by=request.user,
        )  # fmt: skip
        return self.answer(papers.standing(engagement, given["kind"], given["paper"]))

    @takes(SignManyBody, answers=PaperListShape, permission="by the level")
    def sign_many(self, request: Request, pk: Any) -> Response:
        """Sign several papers, all or none."""
        engagement, given = self.get_object(), self.body()
        sign_offs.sign_many(
            engagement, given["kind"], given["papers"], given["level"], by=request.user
        )
        found = papers.standings(engagement, given["kind"], given["papers"])
        return self.answer({"papers": [found[key] for key in given["papers"]]})


class SignOffSerializer(Shown):
    """One person's signature on one paper, over the content it had."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)

    class Meta:
        model = SignOff
        fields = (
            "id", "version", "engagement", "paper_kind", "paper_id", "paper_name", "level",
            "signer", "role", "signed_at", "content", "content_hash", "taken_back_at",
            "taken_back_reason",
        )  # fmt: skip


class SignOffFilters(Filters):
    """Which signatures to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    paper_kind = CharFilter()
    level = CharFilter()


class TakeBackBody(Body):
    """Why one's own signature is taken back."""

    reason = serializers.CharField(max_length=2000)


class SignatureDifferenceShape(serializers.Serializer[Any]):
    """One place of a paper that is not as it was signed."""

    path = serializers.CharField()
    before = serializers.JSONField()
    after = serializers.JSONField()


class SignatureDifferencesShape(serializers.Serializer[Any]):
    """Every place of a paper that is not as it was signed."""

    places = SignatureDifferenceShape(many=True, read_only=True)


class SignOffViewSet(VisibleViewSet):
    """Signatures of the files the caller reads, also those gone stale or taken back."""

    queryset = SignOff.objects.select_related("engagement")
    serializer_class = SignOffSerializer
    filterset_class = SignOffFilters
    orderings = {"signed_at": "signed_at"}

    @takes(TakeBackBody, moves=True, permission=str(P.VIEW_FIRM_FILE))
    @action(detail=True, methods=["post"])
    def take_back(self, request: Request, pk: Any) -> Response:
        """Take one's own signature back, before the next level signs (SO-05)."""
        row, version = self.get_object(), self.version(required=False)
        reason = self.body()["reason"]
        return self.reply(sign_offs.take_back(row, reason=reason, by=request.user, version=version))

    @takes(answers=SignatureDifferencesShape)
    @action(detail=True, methods=["get"])
    def difference(self, request: Request, pk: Any) -> Response:
        """What of the paper has changed since this signature."""
        return self.answer({"places": papers.difference(self.get_object(), request.user)})
