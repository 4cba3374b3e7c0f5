"""What the firm thinks of each control, and its checks of the client's reports (IPE)."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django_filters import UUIDFilter
from rest_framework import serializers
from rest_framework.response import Response

from audits.actions import control_plans, ipe_checks
from audits.actions.control_plans import Thought
from audits.actions.ipe_checks import LIMITS, Checked
from audits.choices.testing import Risk, RiskFactor
from audits.models import EngagementControl
from audits.models.control_tests import ControlPlan, IpeCheck
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Body, Shown, VisibleField, VisibleListField
from tenants.api.filters import Filters
from tenants.api.requests import Request
from tenants.permissions import P
from tenants.queries.directory import colleagues

PERFORMS, PLANS = str(P.PERFORM_TEST), str(P.PLAN_TEST)
THOUGHT = tuple(field.name for field in fields(Thought))
CHECKED = tuple(field.name for field in fields(Checked))


class ControlPlanSerializer(Shown):
    """What the firm thinks of a control: key or not, its risk and why, who works on it."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    control = serializers.UUIDField(source="control_id", read_only=True)
    ref = serializers.CharField(source="control.ref", read_only=True)

    class Meta:
        model = ControlPlan
        fields = (
            "id", "version", "engagement", "control", "ref", "key", "risk", "factors",
            "assigned_to", "dependents_of",
        )  # fmt: skip


class ThoughtBody(Body):
    """What is thought of a control; fields left out stay, or are standard."""

    key = serializers.BooleanField(required=False)
    risk = serializers.ChoiceField(Risk.choices, required=False)
    factors = serializers.ListField(
        child=serializers.ChoiceField(RiskFactor.choices), required=False, max_length=10
    )
    assigned_to = VisibleField(colleagues, required=False, allow_null=True)
    dependents_of = VisibleListField(
        EngagementControl.objects.all(), required=False, allow_empty=True,
        help_text="Controls of the engagement on which this one rests.",
    )  # fmt: skip


class PlannedBody(ThoughtBody):
    """What is thought of a control of the engagement."""

    control = VisibleField(EngagementControl.objects.select_related("engagement"))


class ControlPlanFilters(Filters):
    """Which plans to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    control = UUIDFilter(field_name="control_id")


class ControlPlanViewSet(VisibleViewSet):
    """Plans of the engagements on whose team the caller is; a control without one is a key control
    of standard risk."""

    queryset = ControlPlan.objects.select_related("engagement", "control__engagement")
    serializer_class = ControlPlanSerializer
    filterset_class = ControlPlanFilters
    orderings = {"ref": "control__ref"}

    @takes(PlannedBody, permission=PLANS)
    def create(self, request: Request) -> Response:
        """Write down what is thought of a control, in place of what stood there."""
        given = dict(self.body())
        control = given.pop("control")
        return self.created(control_plans.plan(control, _thought(given), by=request.user))

    @takes(ThoughtBody, permission=PLANS)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Think otherwise of it."""
        row = self.get_object()
        given = {name: getattr(row, name) for name in THOUGHT} | dict(self.body())
        version = self.version()
        return self.reply(
            control_plans.plan(row.control, _thought(given), by=request.user, version=version)
        )


def _thought(given: dict[str, Any]) -> Thought:
    rests_on = [getattr(each, "pk", each) for each in given.pop("dependents_of", ())]
    return Thought(**given, dependents_of=rests_on)


class IpeCheckSerializer(Shown):
    """What shows that a report the client made is complete and accurate."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    control = serializers.UUIDField(source="control_id", read_only=True)
    ref = serializers.CharField(source="control.ref", read_only=True)
    done_by = serializers.CharField(source="done_by.name", read_only=True)

    class Meta:
        model = IpeCheck
        fields = (
            "id", "version", "engagement", "control", "ref", "report", "source", "query", "run_by",
            "run_at", "row_count", "completeness", "accuracy", "done_by", "done_at",
        )  # fmt: skip


class CheckedReportBody(Body):
    """A report, how it was run, and what shows that it can be relied on."""

    report = serializers.CharField(max_length=LIMITS["report"])
    source = serializers.CharField(max_length=LIMITS["source"])  # type: ignore[assignment]
    query = serializers.CharField(max_length=LIMITS["query"], required=False, allow_blank=True)
    run_by = serializers.CharField(max_length=LIMITS["run_by"])
    run_at = serializers.DateTimeField()
    row_count = serializers.IntegerField(min_value=0, max_value=2_000_000_000)
    completeness = serializers.CharField(max_length=LIMITS["completeness"])
    accuracy = serializers.CharField(max_length=LIMITS["accuracy"])


class NewIpeCheckBody(CheckedReportBody):
    """The check of a report on which a control of the engagement rests."""

    control = VisibleField(EngagementControl.objects.select_related("engagement"))


class IpeCheckFilters(Filters):
    """Which checks to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    control = UUIDFilter(field_name="control_id")


class IpeCheckViewSet(VisibleViewSet):
    """Checks of reports, of the engagements on whose team the caller is."""

    queryset = IpeCheck.objects.select_related("engagement", "control__engagement", "done_by")
    serializer_class = IpeCheckSerializer
    filterset_class = IpeCheckFilters
    orderings = {"ref": "control__ref", "done_at": "done_at"}

    @takes(NewIpeCheckBody, permission=PERFORMS)
    def create(self, request: Request) -> Response:
        """Write down the check of a report."""
        given = dict(self.body())
        control = given.pop("control")
        return self.created(ipe_checks.write(control, Checked(**given), by=request.user))

    @takes(CheckedReportBody, permission=PERFORMS)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Write it anew, as done by the caller."""
        row = self.get_object()
        told = {name: getattr(row, name) for name in CHECKED} | self.body()
        return self.reply(
            ipe_checks.correct(row, Checked(**told), by=request.user, version=self.version())
        )
