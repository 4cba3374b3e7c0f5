"""What a request shows: one shape for each side, so that none of the firm's fields can slip."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers

from audits.models import EngagementControl, ScopeItem
from evidence.choices import Part
from evidence.models import EvidenceRequest, Handling, RequestPerson
from evidence.queries.request_rows import COLUMNS, is_overdue
from tenants.api.bodies import MovesField, Shown
from tenants.permissions import P
from tenants.visibility import reach

FIRM_ONLY = ("assignee", "reviewer", "list_status", "list_comment", "created_by")
"""Never in what a client's person reads (AC-02): absent, not empty."""
_LISTED = (
    "id", "version", "engagement", *COLUMNS[2:], "overdue", "owner", "controls", "scope_items",
    "moves",
)  # fmt: skip
_SHARED = (
    *_LISTED, "description", "acceptance_hint", "period_from", "period_to", "as_of",
    "contributors", "watchers", "proposed_due_reason", "opened_at", "submitted_by",
    "return_text", "na_reason", "decision",
)  # fmt: skip


class Person(serializers.Serializer[Any]):
    """A person by id and name."""

    id = serializers.UUIDField(read_only=True, source="pk")
    name = serializers.CharField(read_only=True)


class ControlRef(serializers.Serializer[Any]):
    """A control of the engagement."""

    id = serializers.UUIDField(read_only=True, source="pk")
    ref = serializers.CharField(read_only=True)


class ScopeItemRef(serializers.Serializer[Any]):
    """A criterion or objective of the engagement."""

    id = serializers.UUIDField(read_only=True, source="pk")
    identifier = serializers.CharField(read_only=True)


class _Request(Shown):
    """Fields that lists and single records share."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    owner = Person(read_only=True, allow_null=True)
    overdue = serializers.SerializerMethodField(
        help_text="Past the due date, by the client's calendar, while the client is to act."
    )
    controls = ControlRef(many=True, read_only=True)
    scope_items = ScopeItemRef(many=True, read_only=True)
    moves = MovesField()

    def get_overdue(self, row: EvidenceRequest) -> bool:
        """Computed, never stored."""
        return is_overdue(row.status, row.due_on, row.engagement.client.time_zone)


class ListedRequest(_Request):
    """A request in a list, as the client sees it."""

    class Meta:
        model = EvidenceRequest
        fields = _LISTED


class FirmListedRequest(ListedRequest):
    """A request in a list, as the firm sees it; the client's shape lacks what is marked so."""

    assignee = Person(read_only=True, allow_null=True, help_text="Firm only.")
    reviewer = Person(read_only=True, allow_null=True, help_text="Firm only.")

    class Meta:
        model = EvidenceRequest
        fields = (*_LISTED, "assignee", "reviewer")


class RequestDetail(_Request):
    """One thing the firm asks for, as the client sees it."""

    contributors = serializers.SerializerMethodField()
    watchers = serializers.SerializerMethodField()
    submitted_by = Person(read_only=True, allow_null=True)

    class Meta:
        model = EvidenceRequest
        fields = _SHARED

    def get_contributors(self, row: EvidenceRequest) -> list[dict[str, str]]:
        """Who answers it beside the owner."""
        return _people(row, Part.CONTRIBUTOR)

    def get_watchers(self, row: EvidenceRequest) -> list[dict[str, str]]:
        """Who reads along."""
        return _people(row, Part.WATCHER)


class FirmRequestDetail(RequestDetail):
    """One thing the firm asks for, as the firm sees it; the client's shape lacks what is marked
    “Firm only”."""

    assignee = serializers.SerializerMethodField(help_text="Firm only: who looks after it.")
    reviewer = serializers.SerializerMethodField(help_text="Firm only: who took it up.")
    list_status = serializers.SerializerMethodField(
        help_text="Firm only: what an imported list said of the status."
    )
    list_comment = serializers.SerializerMethodField(
        help_text="Firm only: the auditor's comment in an imported list."
    )
    created_by = Person(read_only=True, help_text="Firm only.")

    class Meta:
        model = EvidenceRequest
        fields = (*_SHARED, *FIRM_ONLY)

    def get_assignee(self, row: EvidenceRequest) -> dict[str, str] | None:
        """Who of the firm looks after it."""
        handling = _handling(row)
        return _named(handling.assignee) if handling else None

    def get_reviewer(self, row: EvidenceRequest) -> dict[str, str] | None:
        """Who of the firm reviews what came."""
        handling = _handling(row)
        return _named(handling.reviewer) if handling else None

    def get_list_status(self, row: EvidenceRequest) -> str:
        """Empty for whoever may not read the firm's file."""
        return row.list_status if self._reads_the_firms(row) else ""

    def get_list_comment(self, row: EvidenceRequest) -> str:
        """Empty for whoever may not read the firm's file."""
        return row.list_comment if self._reads_the_firms(row) else ""

    def _reads_the_firms(self, row: EvidenceRequest) -> bool:
        held = reach(self.context["request"].user)
        return P.VIEW_FIRM_FILE in held.get(row.engagement_id, frozenset())


def detailed(rows: QuerySet[Any], *, firm: bool) -> QuerySet[Any]:
    """Requests with all that a single record shows: 4 queries, 5 for the firm."""
    rows = rows.select_related("engagement__client", "owner", "submitted_by", "created_by")
    rows = rows.prefetch_related(
        Prefetch("controls", EngagementControl.objects.only("ref").order_by("ref")),
        Prefetch("scope_items", ScopeItem.objects.only("identifier").order_by("position")),
        Prefetch(
            "requestpersons",
            RequestPerson.objects.select_related("person").order_by("person__name"),
        ),
    )
    if not firm:
        return rows
    return rows.prefetch_related(
        Prefetch("handlings", Handling.objects.select_related("assignee", "reviewer"))
    )


def _people(row: Any, part: str) -> list[dict[str, str]]:
    found = (_named(each.person) for each in row.requestpersons.all() if each.part == part)
    return [each for each in found if each]


def _handling(row: Any) -> Handling | None:
    return next(iter(row.handlings.all()), None)


def _named(person: Any) -> dict[str, str] | None:
    return {"id": str(person.pk), "name": person.name} if person else None
