"""Which report a client needs: the questionnaire, engagements opened from it, the override."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django_filters import BooleanFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from audits.actions import report_advice
from audits.actions.report_advice import NewEngagement
from audits.models.report_advice import ReportAdvice
from audits.rules.report_advice import QUESTIONS, Answers, recommend
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Body, Shown, VisibleField
from tenants.api.engagements import TERMS, TermsBody
from tenants.api.filters import Filters
from tenants.api.requests import Request
from tenants.models import Engagement
from tenants.permissions import P, require
from tenants.queries import directory
from tenants.rules.engagements import Terms

NAMES = tuple(each.name for each in fields(Answers))
WORDS = {each.name: each.words for each in QUESTIONS}
MOST = 3


def _answer(name: str) -> serializers.BooleanField:
    return serializers.BooleanField(required=False, default=False, help_text=WORDS[name])


class AnswersBody(Body):
    """What somebody who knows the service says of it; what is left out is no."""

    moves_money = _answer("moves_money")
    auditors_rely = _answer("auditors_rely")
    asked_about_trust = _answer("asked_about_trust")
    for_the_public = _answer("for_the_public")
    first_report = _answer("first_report")
    needed_soon = _answer("needed_soon")
    controls_are_new = _answer("controls_are_new")
    proof_over_time = _answer("proof_over_time")
    promises_uptime = _answer("promises_uptime")
    promises_correct_output = _answer("promises_correct_output")
    promises_secrecy = _answer("promises_secrecy")
    holds_personal_data = _answer("holds_personal_data")
    promises_to_persons = _answer("promises_to_persons")


class AnswerForBody(AnswersBody):
    """Answers for an engagement that is open already."""

    engagement = VisibleField(Engagement.objects.all())


class OpenAdvisedBody(AnswersBody):
    """Answers, and the engagements to open from them, each a report of its own."""

    client = VisibleField(directory.clients)
    independent = serializers.BooleanField(
        help_text="You state your independence of the client (GET independence/statement/)."
    )
    chosen = serializers.ListField(child=TermsBody(), allow_empty=False, max_length=MOST)


class OverrideBody(Body):
    """Why other terms are kept than the answers point to."""

    reason = serializers.CharField(max_length=report_advice.LONGEST)


class RecommendationShape(serializers.Serializer[Any]):
    """One report that fits, and why."""

    report = serializers.CharField()
    exam = serializers.CharField()
    categories = serializers.ListField(child=serializers.CharField())
    why = serializers.ListField(child=serializers.CharField())


class RecommendationsShape(serializers.Serializer[Any]):
    """The reports that fit; none when no report does."""

    recommended = RecommendationShape(many=True, read_only=True)


class OpenedEngagementShape(serializers.Serializer[Any]):
    """An engagement that was opened."""

    id = serializers.UUIDField()
    title = serializers.CharField()


class OpenedEngagementsShape(serializers.Serializer[Any]):
    """The engagements that were opened, in the order they were chosen."""

    engagements = OpenedEngagementShape(many=True, read_only=True)


class ReportAdviceSerializer(Shown):
    """The answers of an engagement, what they point to, and what was chosen then."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    answers = serializers.DictField(child=serializers.BooleanField(), read_only=True)
    recommended = RecommendationShape(many=True, read_only=True)
    chosen = serializers.DictField(read_only=True)

    class Meta:
        model = ReportAdvice
        fields = (
            "id", "version", "engagement", "answers", "recommended", "chosen", "differs",
            "override_reason", "overridden_by", "overridden_at", "answered_by", "answered_at",
        )  # fmt: skip


class ReportAdviceFilters(Filters):
    """Which advice to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    differs = BooleanFilter()


class ReportAdviceViewSet(VisibleViewSet):
    """Advice on the report, of the files the caller reads."""

    queryset = ReportAdvice.objects.select_related("engagement")
    serializer_class = ReportAdviceSerializer
    filterset_class = ReportAdviceFilters
    orderings = {"answered_at": "answered_at"}

    @takes(AnswerForBody, permission=str(P.SET_SCOPE))
    def create(self, request: Request) -> Response:
        """Answer the questions for an engagement, anew where they were answered before."""
        given = dict(self.body())
        engagement = given.pop("engagement")
        return self.created(report_advice.answer(engagement, Answers(**given), by=request.user))

    @takes(AnswersBody, answers=RecommendationsShape, key=False, permission=str(P.OPEN_ENGAGEMENT))
    @action(detail=False, methods=["post"])
    def recommend(self, request: Request) -> Response:
        """Which reports fit; nothing is kept."""
        require(request.user, P.OPEN_ENGAGEMENT, request.organization)
        return self.answer({"recommended": recommend(Answers(**self.body()))})

    @takes(
        OpenAdvisedBody,
        answers=OpenedEngagementsShape,
        status=201,
        permission=str(P.OPEN_ENGAGEMENT),
    )
    @action(detail=False, methods=["post"], url_path="open", url_name="open")
    def open_advised(self, request: Request) -> Response:
        """Open an engagement for each report chosen, all or none; the answers stay with each."""
        given = self.body()
        opened = report_advice.open_advised(
            request.organization, given["client"], by=request.user,
            answers=Answers(**{name: given[name] for name in NAMES}),
            chosen=[_new(each) for each in given["chosen"]], independent=given["independent"],
        )  # fmt: skip
        return self.answer({"engagements": opened})

    @takes(OverrideBody, moves=True, permission=str(P.DECIDE_ENGAGEMENT))
    @action(detail=True, methods=["post"])
    def override(self, request: Request, pk: Any) -> Response:
        """Keep the terms as they are against the advice, with a reason."""
        row, version = self.get_object(), self.version(required=False)
        kept = report_advice.override(
            row, reason=self.body()["reason"], by=request.user, version=version
        )
        return self.reply(kept)


def _new(given: dict[str, Any]) -> NewEngagement:
    terms = Terms(**{name: given[name] for name in TERMS if name in given})
    return NewEngagement(given["title"], terms, given.get("fieldwork_ends_on"))
