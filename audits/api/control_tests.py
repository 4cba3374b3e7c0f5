"""Tests of controls: planned, moved on, concluded."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django_filters import CharFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from audits.actions import control_tests, test_plans
from audits.actions.test_plans import Covers
from audits.api.test_results import TestResults
from audits.choices.testing import ProcedureNature, TestConclusion, TestKind
from audits.models import EngagementControl
from audits.models.control_tests import ControlTest, TestAttribute, TestProcedure
from audits.rules.testing import MOST_ATTRIBUTES, MOST_STEPS, Attribute, Step
from tenants.api.base import takes
from tenants.api.bodies import Body, MovesField, Shown, VisibleField
from tenants.api.filters import Filters
from tenants.api.requests import Request
from tenants.permissions import P

PERFORMS, PLANS = str(P.PERFORM_TEST), str(P.PLAN_TEST)
LONG = control_tests.LONGEST
COVERS = tuple(field.name for field in fields(Covers))


class StepShape(Shown):
    """What the auditor does, in one of four ways."""

    class Meta:
        model = TestProcedure
        fields = ("position", "nature", "instruction")


class AttributeShape(Shown):
    """What is asked of every item, by its letter."""

    class Meta:
        model = TestAttribute
        fields = ("id", "position", "letter", "text")


class ControlTestSerializer(Shown):
    """One test of one control: its plan, and what it came to."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    control = serializers.UUIDField(source="control_id", read_only=True)
    ref = serializers.CharField(source="control.ref", read_only=True)
    others_work = serializers.DictField(read_only=True)
    steps = StepShape(source="procedures", many=True, read_only=True)
    attributes = AttributeShape(many=True, read_only=True)
    concluded_by = serializers.CharField(
        source="concluded_by.name", read_only=True, allow_null=True, default=None
    )
    planned_by = serializers.CharField(source="planned_by.name", read_only=True)
    moves = MovesField()

    class Meta:
        model = ControlTest
        fields = (
            "id", "version", "engagement", "control", "ref", "kind", "number", "status",
            "covers_from", "covers_to", "planned_size", "report_wording", "notes", "others_work",
            "steps", "attributes", "conclusion", "conclusion_reason", "concluded_by",
            "concluded_at", "planned_by", "planned_at", "moves",
        )  # fmt: skip


class CoversBody(Body):
    """What a test says of itself; fields left out stay as they are."""

    covers_from = serializers.DateField(required=False, allow_null=True)
    covers_to = serializers.DateField(required=False, allow_null=True)
    planned_size = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    report_wording = serializers.CharField(required=False, allow_blank=True, max_length=LONG)
    notes = serializers.CharField(required=False, allow_blank=True, max_length=LONG)
    others_work = serializers.DictField(
        child=serializers.CharField(allow_blank=True, max_length=LONG), required=False,
        help_text="who, competence, objectivity and reperformed, or nothing (TP-09).",
    )  # fmt: skip


class NewTestBody(CoversBody):
    """One more test of a control; of operation over the whole period unless days are given."""

    control = VisibleField(EngagementControl.objects.select_related("engagement"))
    kind = serializers.ChoiceField(TestKind.choices)


class StepBody(Body):
    """One step."""

    nature = serializers.ChoiceField(ProcedureNature.choices)
    instruction = serializers.CharField(max_length=LONG)


class AttributeBody(Body):
    """One attribute; with a letter it keeps what was found under it."""

    letter = serializers.CharField(required=False, allow_blank=True, max_length=2)
    text = serializers.CharField(max_length=LONG)


class StepsBody(Body):
    """All steps and attributes of a test, in their order, in place of those it has."""

    steps = serializers.ListField(child=StepBody(), max_length=MOST_STEPS)
    attributes = serializers.ListField(child=AttributeBody(), max_length=MOST_ATTRIBUTES)


class TemplateBody(Body):
    """The test whose steps, attributes and report wording are copied."""

    template = VisibleField(ControlTest.objects.select_related("engagement"))


class ConclusionBody(Body):
    """What the test came to, and what that rests on."""

    conclusion = serializers.ChoiceField(TestConclusion.choices)
    conclusion_reason = serializers.CharField(max_length=LONG)


class ControlTestFilters(Filters):
    """Which tests to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    control = UUIDFilter(field_name="control_id")
    kind = CharFilter()
    status = CharFilter()


class ControlTestViewSet(TestResults):
    """Tests of the engagements on whose team the caller is."""

    queryset = ControlTest.objects.select_related(
        "engagement", "control__engagement", "concluded_by", "planned_by"
    ).prefetch_related("procedures", "attributes")
    serializer_class = ControlTestSerializer
    filterset_class = ControlTestFilters
    orderings = {"ref": "control__ref", "planned_at": "planned_at"}
    lifecycle = control_tests.LIFECYCLE
    moves = {
        "approve": control_tests.approve, "begin": control_tests.begin,
        "conclude": control_tests.conclude, "skip": control_tests.skip,
        "reopen": control_tests.reopen,
    }  # fmt: skip
    move_bodies = {"conclude": ConclusionBody}

    @takes(NewTestBody, permission=PERFORMS)
    def create(self, request: Request) -> Response:
        """Plan one more test of a control."""
        given = dict(self.body())
        control, kind = given.pop("control"), given.pop("kind")
        return self.created(test_plans.plan(control, kind, Covers(**given), by=request.user))

    @takes(CoversBody, permission=PERFORMS)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Say otherwise what it covers and how it is told."""
        row = self.get_object()
        told = {name: getattr(row, name) for name in COVERS} | self.body()
        changed = test_plans.change(row, Covers(**told), by=request.user, version=self.version())
        return self.reply(changed)

    @takes(permission=PLANS)
    def destroy(self, request: Request, pk: Any) -> Response:
        """Take it back out of the plan, before anything was done."""
        test_plans.drop(self.get_object(), by=request.user, version=self.version())
        return self.gone()

    @takes(StepsBody, moves=True, permission=PERFORMS)
    @action(detail=True, methods=["post"])
    def steps(self, request: Request, pk: Any) -> Response:
        """Write its steps and attributes, in place of those it has."""
        row, given, version = self.get_object(), self.body(), self.version(required=False)
        test_plans.write_steps(
            row, [Step(**each) for each in given["steps"]],
            [Attribute(**each) for each in given["attributes"]], by=request.user, version=version,
        )  # fmt: skip
        return self.reply(self.get_object())

    @takes(TemplateBody, moves=True, permission=PERFORMS)
    @action(detail=True, methods=["post"])
    def copy_steps(self, request: Request, pk: Any) -> Response:
        """Take another test's steps as a template; results never come along (TP-08)."""
        row, given, version = self.get_object(), self.body(), self.version(required=False)
        test_plans.copy_steps(row, given["template"], by=request.user, version=version)
        return self.reply(self.get_object())
