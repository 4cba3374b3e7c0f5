"""The report before this one, and who may receive this one."""

from __future__ import annotations

from django_filters import UUIDFilter
from rest_framework import serializers
from rest_framework.response import Response

from audits.actions import prior_reports, report_audiences
from audits.actions.prior_reports import Stated
from audits.choices.choosing import Audience, Reader
from audits.models.prior_reports import PriorReport
from audits.models.report_audiences import ReportAudience
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Body, Shown, VisibleField
from tenants.api.filters import Filters
from tenants.api.requests import Request
from tenants.choices import ExamType, ReportType
from tenants.models import Engagement
from tenants.permissions import P

DATES = ("as_of", "period_start", "period_end")


class PriorReportSerializer(Shown):
    """What is stated of the report before this one."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    prior = serializers.UUIDField(source="prior_id", read_only=True, allow_null=True)

    class Meta:
        model = PriorReport
        fields = (
            "id", "version", "engagement", "none_before", "prior", "firm_name", "report_type",
            "exam_type", *DATES, "stated_by", "stated_at",
        )  # fmt: skip


class PriorReportBody(Body):
    """The last report on the same system: none, an engagement in sight, or its dates."""

    engagement = VisibleField(Engagement.objects.all())
    none_before = serializers.BooleanField(required=False)
    prior = VisibleField(
        Engagement.objects.select_related("firm"), required=False, allow_null=True,
        help_text="An engagement of this client in sight; its type and dates are taken.",
    )  # fmt: skip
    firm_name = serializers.CharField(required=False, max_length=120, allow_blank=True)
    report_type = serializers.ChoiceField(ReportType.choices, required=False)
    exam_type = serializers.ChoiceField(ExamType.choices, required=False)
    as_of = serializers.DateField(required=False, allow_null=True)
    period_start = serializers.DateField(required=False, allow_null=True)
    period_end = serializers.DateField(required=False, allow_null=True)


class OfAnEngagement(Filters):
    """Which to list."""

    engagement = UUIDFilter(field_name="engagement_id")


class PriorReportViewSet(VisibleViewSet):
    """Reports before those of the files the caller reads."""

    queryset = PriorReport.objects.select_related("engagement")
    serializer_class = PriorReportSerializer
    filterset_class = OfAnEngagement
    orderings = {"stated_at": "stated_at"}

    @takes(PriorReportBody, permission=str(P.SET_SCOPE))
    def create(self, request: Request) -> Response:
        """State it, anew where it was stated before."""
        given = dict(self.body())
        engagement, prior = given.pop("engagement"), given.pop("prior", None)
        none_before = given.pop("none_before", False)
        stated = None if none_before or prior else Stated(
            given.pop("report_type", ""), given.pop("exam_type", ""), **given
        )  # fmt: skip
        row = prior_reports.state(engagement, stated, prior=prior, by=request.user)
        return self.created(row)


class ReportAudienceSerializer(Shown):
    """Whom the report is for."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    readers = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = ReportAudience
        fields = (
            "id", "version", "engagement", "audience", "readers", "recipients", "stated_by",
            "stated_at",
        )  # fmt: skip


class ReportAudienceBody(Body):
    """Whom the report is for: anybody reads a SOC 3 alone (RT-15)."""

    engagement = VisibleField(Engagement.objects.all())
    audience = serializers.ChoiceField(Audience.choices)
    readers = serializers.ListField(
        child=serializers.ChoiceField(Reader.choices), required=False, max_length=len(Reader)
    )
    recipients = serializers.CharField(
        required=False, allow_blank=True, max_length=report_audiences.LONGEST
    )


class ReportAudienceViewSet(VisibleViewSet):
    """Audiences of the reports of engagements the caller works on."""

    queryset = ReportAudience.objects.select_related("engagement")
    serializer_class = ReportAudienceSerializer
    filterset_class = OfAnEngagement
    orderings = {"stated_at": "stated_at"}

    @takes(ReportAudienceBody, permission=str(P.SET_SCOPE))
    def create(self, request: Request) -> Response:
        """State it, anew where it was stated before."""
        given = dict(self.body())
        engagement = given.pop("engagement")
        return self.created(report_audiences.state(engagement, **given, by=request.user))
