"""Engagements: open them, set their terms, take them through the phases."""

from __future__ import annotations

from typing import Any

from django_filters import ChoiceFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from tenants.actions import engagements, report_dates
from tenants.api.base import VisibleViewSet, as_move, takes
from tenants.api.bodies import Body, MovesField, ReasonBody, Shown, VisibleField
from tenants.api.filters import Filters
from tenants.api.requests import Request
from tenants.api.shapes import OrganizationName
from tenants.choices import Category, EngagementKind, EngagementStatus, ExamType, ReportType, Role
from tenants.models import Engagement
from tenants.queries import directory
from tenants.queries.engagements import terms_of
from tenants.rules.engagements import Terms

TERMS = ("report_type", "exam_type", "categories", "as_of", "period_start", "period_end")


class EngagementSerializer(Shown):
    """One examination of one client by one firm."""

    firm = OrganizationName(read_only=True)
    client = OrganizationName(read_only=True)
    moves = MovesField()

    class Meta:
        model = Engagement
        fields = (
            "id", "version", "title", "kind", "firm", "client", "basis", *TERMS,
            "fieldwork_ends_on", "status", "held_from", "held_until", "report_date", "released_at",
            "withdrawn_at", "locked_at", "created_at", "moves",
        )  # fmt: skip


class TermsBody(Body):
    """What is examined, and when: a Type 1 is as of a date, a Type 2 covers a period."""

    title = serializers.CharField(max_length=120)
    report_type = serializers.ChoiceField(ReportType.choices)
    exam_type = serializers.ChoiceField(ExamType.choices)
    categories = serializers.ListField(
        child=serializers.ChoiceField(Category.choices), required=False, max_length=5,
        help_text="Trust services categories; none for a SOC 1.",
    )  # fmt: skip
    as_of = serializers.DateField(required=False, allow_null=True)
    period_start = serializers.DateField(required=False, allow_null=True)
    period_end = serializers.DateField(required=False, allow_null=True)
    fieldwork_ends_on = serializers.DateField(required=False, allow_null=True)


class NewEngagementBody(TermsBody):
    """A new engagement with one of the firm's clients."""

    client = VisibleField(directory.clients)
    kind = serializers.ChoiceField(EngagementKind.choices, default=EngagementKind.EXAMINATION)
    independent = serializers.BooleanField(
        help_text="You state your independence of the client (GET independence/statement/)."
    )
    role = serializers.ChoiceField(
        Role.choices, required=False, help_text="Yours on it; by default that of your membership."
    )
    client_admin_email = serializers.EmailField(
        required=False, help_text="The client's administrator, to be invited to it."
    )
    client_admin_name = serializers.CharField(required=False, max_length=120)


class HoldBody(ReasonBody):
    """A pause, and the day on which work is expected to go on."""

    until = serializers.DateField(help_text="After today.")


class WithdrawBody(ReasonBody):
    """The end of an engagement without a report."""

    told_client = serializers.CharField(
        max_length=2000, help_text="How and when the client was told; both sides can read it."
    )


class ReportDateBody(Body):
    """The date of the report."""

    report_date = serializers.DateField()


class EngagementFilters(Filters):
    """Which engagements to list."""

    status = ChoiceFilter(choices=EngagementStatus.choices)
    report_type = ChoiceFilter(choices=ReportType.choices)
    exam_type = ChoiceFilter(choices=ExamType.choices)
    kind = ChoiceFilter(choices=EngagementKind.choices)
    client = UUIDFilter(field_name="client_id")
    firm = UUIDFilter(field_name="firm_id")


class EngagementViewSet(VisibleViewSet):
    """Engagements the caller works on."""

    queryset = Engagement.objects.select_related("firm", "client")
    serializer_class = EngagementSerializer
    filterset_class = EngagementFilters
    orderings = {
        "created_at": "created_at",
        "title": "title",
        "status": "status",
        "period_end": "period_end",
        "fieldwork_ends_on": "fieldwork_ends_on",
        "client": "client__name",
    }
    search_fields = ("title", "client__name")
    lifecycle = engagements.LIFECYCLE
    moves = {
        name: as_move(engagements.move, name)
        for name, move in engagements.LIFECYCLE.moves.items()
        if not move.by_system
    }
    move_bodies = {"hold": HoldBody, "withdraw": WithdrawBody}

    @takes(NewEngagementBody)
    def create(self, request: Request) -> Response:
        """Open an engagement; the caller becomes the first of its team."""
        given = dict(self.body())
        terms = Terms(**{name: given.pop(name) for name in TERMS if name in given})
        opened = engagements.open_engagement(
            request.organization, given.pop("client"), terms=terms, by=request.user, **given
        )
        return self.created(opened)

    @takes(TermsBody)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Change the terms; fields left out stay."""
        engagement, given = self.get_object(), self.body()
        terms = terms_of(engagement)
        values = {name: given.get(name, getattr(terms, name)) for name in TERMS}
        changed = engagements.set_terms(
            engagement, terms=Terms(**values), by=request.user, version=self.version(),
            title=given.get("title", ""), fieldwork_ends_on=given.get("fieldwork_ends_on"),
        )  # fmt: skip
        return self.reply(changed)

    @takes(ReportDateBody)
    @action(detail=True, methods=["post"], url_path="report-date")
    def report_date(self, request: Request, pk: Any) -> Response:
        """Date the report, while it is in reporting."""
        engagement = self.get_object()
        version = self.version(required=False)
        dated = report_dates.set_report_date(
            engagement, self.body()["report_date"], by=request.user, version=version
        )
        return self.reply(dated)
