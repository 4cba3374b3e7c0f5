"""Independence of the firm's people: what is stated, by whom, and what is asked of the caller."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters import ChoiceFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from tenants.actions import independence as actions
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Body, Shown, VisibleField
from tenants.api.filters import Filters
from tenants.api.requests import Request
from tenants.api.shapes import OrganizationName, PersonName
from tenants.choices import IndependenceWord
from tenants.models import Assignment, Engagement, Independence
from tenants.permissions import P
from tenants.queries import independence as queries
from tenants.rules.independence import STATEMENTS, VERSION

W = IndependenceWord


def to_confirm(user: Any, organization: Any) -> QuerySet[Any]:
    """The engagements to which the firm has assigned the caller, confirmed or not."""
    rows: QuerySet[Any] = Engagement.objects.granting(user, P.CONFIRM_INDEPENDENCE)
    return rows.select_related("firm", "client")


class IndependenceSerializer(Shown):
    """One word on one person's independence; the last of a person counts, until `good_until`."""

    person = PersonName(read_only=True)
    said_by = PersonName(read_only=True)

    class Meta:
        model = Independence
        fields = (
            "id", "engagement", "person", "word", "statement", "good_until", "note", "said_by",
            "said_at",
        )  # fmt: skip


class IndependenceFilters(Filters):
    """Which words to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    person = UUIDFilter(field_name="person_id")
    word = ChoiceFilter(choices=W.choices)


class WordBody(Body):
    """One's own word: `confirmed`, or `refused` with the reason, which takes one off at once."""

    engagement = VisibleField(to_confirm)
    word = serializers.ChoiceField([(str(W.CONFIRMED), "Confirmed"), (str(W.REFUSED), "Refused")])
    note = serializers.CharField(required=False, max_length=300)


class AskBody(Body):
    """The assignment of the colleague who is asked."""

    assignment = VisibleField(Assignment.objects.select_related(
        "engagement__firm", "engagement__client", "organization", "person"))  # fmt: skip


class StatementShape(serializers.Serializer[Any]):
    """What a person states now."""

    version = serializers.CharField(read_only=True)
    sentences = serializers.ListField(child=serializers.CharField(), read_only=True)


class EngagementName(serializers.Serializer[Any]):
    """An engagement the caller is assigned to, perhaps without seeing it yet."""

    id = serializers.UUIDField(read_only=True)
    title = serializers.CharField(read_only=True)
    client = OrganizationName(read_only=True)


class DueShape(serializers.Serializer[Any]):
    """An engagement that waits for the caller's word, and why; `until` is the last day covered."""

    engagement = EngagementName(read_only=True)
    until = serializers.DateField(source="standing.until", read_only=True, allow_null=True)
    why = serializers.CharField(source="standing.why", read_only=True)


class DueListShape(serializers.Serializer[Any]):
    """What waits for the caller's word, the most pressing first."""

    due = DueShape(many=True, read_only=True)


class IndependenceViewSet(VisibleViewSet):
    """Words on independence in the engagements of the caller's firm; clients see none."""

    queryset = Independence.objects.select_related("person", "said_by")
    serializer_class = IndependenceSerializer
    filterset_class = IndependenceFilters
    orderings = {"said_at": "said_at", "name": "person__name"}
    versioned = False

    @takes(WordBody, status=201, leaves=True)
    def create(self, request: Request) -> Response:
        """Give one's own word on an engagement one is assigned to (204: refused, out of sight)."""
        given = self.body()
        if given["word"] == W.CONFIRMED:
            return self.created(actions.confirm(given["engagement"], by=request.user))
        note = given.get("note", "")
        return self.created(actions.refuse(given["engagement"], note=note, by=request.user))

    @takes(AskBody, status=201)
    @action(detail=False, methods=["post"])
    def ask(self, request: Request) -> Response:
        """Ask a colleague on the team for their word, or for a new one."""
        return self.created(actions.ask(self.body()["assignment"], by=request.user))

    @takes(answers=DueListShape)
    @action(detail=False, methods=["get"])
    def due(self, request: Request) -> Response:
        """The engagements that wait for the caller's word, the most pressing first."""
        return self.answer({"due": queries.due(request.user)})

    @takes(answers=StatementShape)
    @action(detail=False, methods=["get"])
    def statement(self, request: Request) -> Response:
        """The text that is stated by confirming."""
        return self.answer({"version": VERSION, "sentences": STATEMENTS[VERSION]})
