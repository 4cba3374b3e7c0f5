"""The client's controls: listed, told, retired, imported from a list."""

from __future__ import annotations

from dataclasses import replace
from typing import IO, Any

from django_filters import BooleanFilter, CharFilter, ChoiceFilter
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import BaseParser
from rest_framework.response import Response

from audits.actions import library, library_controls
from audits.api.narratives import NarrativeOperations
from audits.api.objectives import EDITS, OfAClient
from audits.choices import ControlFrequency, ControlNature, ControlType
from audits.models import Control
from audits.queries.library import links_in_order, with_narratives
from audits.rules.controls import EVIDENCE_LIMIT, LIMITS, SYSTEM_LIMIT, ControlFields
from audits.rules.delimited import MOST_BYTES
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Body, Shown
from tenants.api.parsing import StrictJsonParser
from tenants.api.requests import Request

LISTS = ("systems", "criteria", "objectives", "evidence")


class CsvParser(BaseParser):
    """Reads a CSV body as bytes, one more than is taken at most."""

    media_type = "text/csv"

    def parse(self, stream: IO[bytes], media_type: Any = None, parser_context: Any = None) -> Any:
        """The body as it came, in bytes."""
        return stream.read(MOST_BYTES + 1)


class CriterionLinkShape(serializers.Serializer[Any]):
    """A criterion the control answers to, with one line why."""

    criterion = serializers.CharField(source="criterion_id")
    rationale = serializers.CharField()


class ObjectiveLinkShape(serializers.Serializer[Any]):
    """An objective the control serves, with one line why."""

    objective = serializers.CharField(source="objective.ref")
    rationale = serializers.CharField()


class ControlSerializer(Shown):
    """A control with its newest narrative and what it answers to."""

    client = serializers.UUIDField(source="client_id", read_only=True)
    narrative = serializers.CharField(read_only=True)
    narrative_number = serializers.IntegerField(read_only=True)
    systems = serializers.SlugRelatedField[Any](slug_field="name", many=True, read_only=True)
    criteria = CriterionLinkShape(source="criterion_links", many=True, read_only=True)
    objectives = ObjectiveLinkShape(source="objective_links", many=True, read_only=True)

    class Meta:
        model = Control
        fields = (
            "id", "version", "client", "ref", "title", "narrative", "narrative_number",
            "owner_role", "frequency", "nature", "type", "systems", "criteria", "objectives",
            "evidence", "retired_on", "created_at",
        )  # fmt: skip


def _texts(limit: int) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.CharField(max_length=limit), required=False, max_length=100
    )


class ToldBody(Body):
    """What a control tells. Fields left out stay as they are."""

    title = serializers.CharField(max_length=LIMITS["title"])
    narrative = serializers.CharField(max_length=LIMITS["narrative"])
    owner_role = serializers.CharField(max_length=LIMITS["owner_role"])
    frequency = serializers.ChoiceField(ControlFrequency.choices)
    nature = serializers.ChoiceField(ControlNature.choices)
    type = serializers.ChoiceField(ControlType.choices)
    systems = _texts(SYSTEM_LIMIT)
    criteria = _texts(6)
    objectives = _texts(20)
    evidence = _texts(EVIDENCE_LIMIT)


class ControlBody(ToldBody):
    """A new control, with its id."""

    ref = serializers.CharField(max_length=LIMITS["ref"])


class RetireBody(Body):
    """The first day the control ran no more."""

    on = serializers.DateField()


class WhyBody(Body):
    """One line why the control answers to a criterion or objective (NR-14)."""

    to = serializers.CharField(max_length=20, help_text="The criterion or objective, by id.")
    rationale = serializers.CharField(max_length=300, allow_blank=True)


class ProblemOfARow(serializers.Serializer[Any]):
    """What is wrong, or doubtful, at one place of a list."""

    row = serializers.IntegerField()
    column = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()
    is_error = serializers.BooleanField()


class ChangeShape(serializers.Serializer[Any]):
    """What becomes of one control of a list."""

    ref = serializers.CharField(source="told.ref")
    title = serializers.CharField(source="told.title")
    outcome = serializers.ChoiceField(["create", "update", "unchanged"])
    changed = serializers.ListField(child=serializers.CharField())


class ImportShape(serializers.Serializer[Any]):
    """What an import did, or with `dry_run` would do."""

    dry_run = serializers.BooleanField()
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    changes = ChangeShape(many=True)
    problems = ProblemOfARow(many=True)
    notices = serializers.ListField(child=serializers.CharField())


class ControlFilters(OfAClient):
    """Which controls to list."""

    ref = CharFilter()
    frequency = ChoiceFilter(choices=ControlFrequency.choices)
    nature = ChoiceFilter(choices=ControlNature.choices)
    type = ChoiceFilter(choices=ControlType.choices)
    criterion = CharFilter(field_name="criterion_links__criterion_id")
    objective = CharFilter(field_name="objective_links__objective__ref")
    retired = BooleanFilter(field_name="retired_on", lookup_expr="isnull", exclude=True)


class ControlViewSet(NarrativeOperations, VisibleViewSet):
    """Controls of the caller's own library, or of the clients whose engagements they work on."""

    queryset = with_narratives(Control.objects.select_related("client")).prefetch_related(
        "systems", *links_in_order()
    )
    serializer_class = ControlSerializer
    filterset_class = ControlFilters
    orderings = {"ref": "ref", "title": "title", "created_at": "created_at"}
    search_fields = ("ref", "title", "owner_role")
    parser_classes = (StrictJsonParser,)

    @takes(ControlBody, permission=EDITS)
    def create(self, request: Request) -> Response:
        """Add a control to one's own library."""
        told = ControlFields(**_tuples(self.body()))
        return self.created(
            library_controls.add_control(request.organization, told, by=request.user)
        )

    @takes(ToldBody, permission=EDITS)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Tell a control otherwise; another narrative becomes its next version."""
        control = self.get_object()
        told = replace(library_controls.told_of(control), **_tuples(self.body()))
        changed = library_controls.edit_control(
            control, told, by=request.user, version=self.version()
        )
        return self.reply(changed)

    @takes(RetireBody, moves=True, permission=EDITS)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: Any) -> Response:
        """The control runs no more from a day on."""
        version = self.version(required=False)
        return self.reply(
            library_controls.retire(
                self.get_object(), **self.body(), by=request.user, version=version
            )
        )

    @takes(moves=True, permission=EDITS)
    @action(detail=True, methods=["post"])
    def bring_back(self, request: Request, pk: Any) -> Response:
        """A retired control runs again."""
        version = self.version(required=False)
        return self.reply(
            library_controls.bring_back(self.get_object(), by=request.user, version=version)
        )

    @takes(WhyBody, moves=True, permission=EDITS)
    @action(detail=True, methods=["post"])
    def say_why(self, request: Request, pk: Any) -> Response:
        """Say in one line why the control answers to a criterion or objective."""
        control, given = self.get_object(), self.body()
        library_controls.say_why(control, given["to"], given["rationale"], by=request.user)
        return self.reply(control)

    @takes(
        None, answers=ImportShape, permission=EDITS, cost=10,
        parameters={"dry_run": "`true` says what would happen and writes nothing."},
    )  # fmt: skip
    @action(detail=False, methods=["post"], url_path="import", parser_classes=[CsvParser])
    def import_list(self, request: Request) -> Response:
        """Bring a control list (CSV) into one's own library: all of it or nothing."""
        client, dry = request.organization, request.query_params.get("dry_run") == "true"
        content: Any = request.data or b""  # bytes, by CsvParser, which no empty body reaches
        found = library.read(client, content, request.user)
        if not dry:
            library.refuse_errors(found)
        bring = library.preview_controls if dry else library.import_controls
        done = bring(client, found.controls, request.user)
        return self.answer(
            {
                "dry_run": dry, "created": done.created, "updated": done.updated,
                "unchanged": done.unchanged, "changes": done.changes, "notices": found.notices,
                "problems": [problem for row in found.rows for problem in row.problems],
            }
        )  # fmt: skip


def _tuples(given: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if name in LISTS else value for name, value in given.items()}
