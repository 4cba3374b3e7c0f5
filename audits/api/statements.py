"""What the client states of its system in an engagement."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch
from django_filters import BooleanFilter, ChoiceFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from audits.actions import statements
from audits.actions.statements import REASON_LIMIT
from audits.choices.system import EntryKind
from audits.models.statements import ScopeEntry, ScopeStatement
from audits.queries.statements import against_the_library, against_the_one_before
from audits.rules.statements import Difference
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Body, Shown, VisibleField
from tenants.api.filters import Filters
from tenants.api.requests import Request
from tenants.models import Engagement
from tenants.permissions import P, require

STATES = str(P.WRITE_DOCUMENT)


class ScopeEntrySerializer(Shown):
    """One entry as it was stated. entry_id names it in the client's own list."""

    facts = serializers.DictField(read_only=True, help_text="What its kind says.")

    class Meta:
        model = ScopeEntry
        fields = (
            "id", "entry_id", "ref", "title", "text", "category", "aspects", "facts", "related",
        )  # fmt: skip


class ScopeStatementSerializer(Shown):
    """All that the client states of one kind, as it was on a day; a draft is its own."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    made_by = serializers.CharField(source="made_by.name", read_only=True)
    entries = ScopeEntrySerializer(many=True, read_only=True)

    class Meta:
        model = ScopeStatement
        fields = (
            "id", "version", "engagement", "kind", "number", "none_said", "none_reason", "entries",
            "made_by", "made_at", "handed_over_at",
        )  # fmt: skip


class NamedEntryShape(serializers.Serializer[Any]):
    """An entry that one telling has and the other has not."""

    ref = serializers.CharField()
    title = serializers.CharField()


class ChangedEntryShape(NamedEntryShape):
    """An entry that both tell, and the fields told otherwise."""

    fields_changed = serializers.ListField(child=serializers.CharField())


class StatementDifferenceShape(serializers.Serializer[Any]):
    """What a later telling adds, leaves out and tells otherwise."""

    added = NamedEntryShape(many=True)
    removed = NamedEntryShape(many=True)
    changed = ChangedEntryShape(many=True)


class StatementsShape(serializers.Serializer[Any]):
    """Several statements."""

    statements = ScopeStatementSerializer(many=True)


class StateBody(Body):
    """Which kind to state, and why there is none where the list has none."""

    engagement = VisibleField(Engagement.objects.all())
    kind = serializers.ChoiceField(EntryKind.choices)
    none_reason = serializers.CharField(
        max_length=REASON_LIMIT, required=False, allow_blank=True, default=""
    )


class StatementsOfBody(Body):
    """The engagement whose kinds are meant."""

    engagement = VisibleField(Engagement.objects.all())


class ScopeStatementFilters(Filters):
    """Which statements to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    kind = ChoiceFilter(choices=EntryKind.choices)
    draft = BooleanFilter(field_name="handed_over_at", lookup_expr="isnull")


class ScopeStatementViewSet(VisibleViewSet):
    """Statements of the engagements the caller sees; the client's drafts for its own people."""

    queryset = ScopeStatement.objects.select_related("engagement__client", "made_by")
    queryset = queryset.prefetch_related(
        Prefetch("entries", ScopeEntry.objects.order_by("ref"))
    )  # fmt: skip
    serializer_class = ScopeStatementSerializer
    filterset_class = ScopeStatementFilters
    orderings = {"made_at": "made_at", "kind": "kind"}

    @takes(StateBody, permission=STATES)
    def create(self, request: Request) -> Response:
        """State a kind, as the client's own list tells it now."""
        given = self.body()
        return self.created(
            statements.take(
                given["engagement"], given["kind"], none_reason=given["none_reason"],
                by=request.user,
            )
        )  # fmt: skip

    @takes(StatementsOfBody, answers=StatementsShape, permission=STATES)
    @action(detail=False, methods=["post"])
    def take_all(self, request: Request) -> Response:
        """State every kind of which the client's list tells something else by now."""
        made = statements.take_all(self.body()["engagement"], by=request.user)
        return self._several(made)

    @takes(StatementsOfBody, answers=StatementsShape, permission=STATES)
    @action(detail=False, methods=["post"])
    def hand_over_all(self, request: Request) -> Response:
        """Give every draft to the firm, all or none."""
        given = statements.hand_over_all(self.body()["engagement"], by=request.user)
        return self._several(given)

    @takes(moves=True, permission=STATES)
    @action(detail=True, methods=["post"])
    def hand_over(self, request: Request, pk: Any) -> Response:
        """Give a draft to the firm; from then on it stays as it is."""
        version = self.version(required=False)
        return self.reply(statements.hand_over(self.get_object(), by=request.user, version=version))

    @takes(permission=STATES)
    def destroy(self, request: Request, pk: Any) -> Response:
        """Throw a draft away."""
        statements.drop(self.get_object(), by=request.user, version=self.version())
        return self.gone()

    @takes(answers=StatementDifferenceShape)
    @action(detail=True, methods=["get"])
    def difference(self, request: Request, pk: Any) -> Response:
        """What it tells otherwise than the one handed over before it."""
        return self.answer(_shape(against_the_one_before(self.get_object())))

    @takes(answers=StatementDifferenceShape, permission=str(P.VIEW_CLIENT_FILE))
    @action(detail=True, methods=["get"])
    def behind(self, request: Request, pk: Any) -> Response:
        """What the client's own list tells otherwise by now; for the client's people."""
        row = self.get_object()
        require(request.user, P.VIEW_CLIENT_FILE, row.engagement)
        return self.answer(_shape(against_the_library(row)))

    def _several(self, rows: list[ScopeStatement]) -> Response:
        found = self.get_queryset().filter(pk__in=[row.pk for row in rows]).order_by("kind")
        return self.answer({"statements": found})


def _shape(found: Difference | None) -> dict[str, list[dict[str, Any]]]:
    if found is None:
        return {"added": [], "removed": [], "changed": []}
    return {
        "added": [{"ref": ref, "title": title} for ref, title in found.added],
        "removed": [{"ref": ref, "title": title} for ref, title in found.removed],
        "changed": [
            {"ref": each.ref, "title": each.title, "fields_changed": list(each.fields)}
            for each in found.changed
        ],
    }
