"""Evidence requests: draft, send, answer, review and settle them."""

from __future__ import annotations

import inspect
from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet
from rest_framework.decorators import action
from rest_framework.response import Response

from evidence.actions import due_dates, evidence_requests, request_edits, request_talk
from evidence.actions.request_bulk import on_each
from evidence.api import request_bodies as bodies
from evidence.api import request_shapes as shapes
from evidence.api.request_talk import AnswerSerializer
from evidence.models import AnswerDraft, EvidenceRequest
from evidence.queries.request_rows import as_rows, complete, soonest
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import ReasonBody
from tenants.api.requests import Request
from tenants.choices import OrganizationKind
from tenants.errors import Invalid, NotVisible
from tenants.permissions import P
from tenants.refusals import ABSENT


class EvidenceRequestViewSet(VisibleViewSet):
    """Evidence requests of the engagements the caller may view.

    The firm and the client read different fields: those marked “Firm only” are absent from what
    the client's people get. Dates are the client's.
    """

    queryset = EvidenceRequest.objects.order_by("due_on", "id")
    serializer_class = shapes.FirmRequestDetail
    filterset_class = bodies.RequestFilters
    orderings = {"due_on": "due_on", "ref": "ref", "title": "title", "status": "status",
                 "created_at": "created_at", "submitted_at": "submitted_at"}  # fmt: skip
    search_fields = ("ref", "title")
    lifecycle = evidence_requests.LIFECYCLE
    moves = evidence_requests.VERBS
    move_bodies = {"give_back": bodies.GiveBackBody, "accept": bodies.AcceptBody}

    @property
    def firm(self) -> bool:
        """Whether the caller acts for a firm; the schema shows what a firm reads."""
        if getattr(self, "swagger_fake_view", False):
            return True
        return bool(self.request.organization.kind == OrganizationKind.FIRM)

    def get_serializer_class(self) -> Any:
        """One shape for each side (AC-02)."""
        if self.action == "list":
            return shapes.FirmListedRequest if self.firm else shapes.ListedRequest
        return shapes.FirmRequestDetail if self.firm else shapes.RequestDetail

    def get_queryset(self) -> QuerySet[Any]:
        """A list reads columns, anything else whole records."""
        rows = super().get_queryset()
        if self.action == "list":
            return as_rows(rows)
        return shapes.detailed(rows, firm=self.firm)

    def fetched(self, rows: QuerySet[Any], most: int) -> list[Any]:
        """Most lists are by due date, and long: these are read by index."""
        if self.request.query_params.get("ordering", "due_on") == "due_on":
            return soonest(rows, most, self.request.user)
        return super().fetched(rows, most)

    def represent(self, records: list[Any]) -> list[dict[str, Any]]:
        """Lists are written by hand: they are the hottest there are."""
        if self.action != "list":
            return super().represent(records)
        known = self.get_serializer_class().Meta.fields
        wanted: Collection[str] = self.get_serializer_context()["fields"] or known
        found = []
        for row, standing in complete(records, wanted):
            if "moves" in wanted:
                row["moves"] = self.moves_of(standing)
            found.append({name: row[name] for name in wanted})
        return found

    @takes(bodies.DraftBody, permission=str(P.DRAFT_REQUEST))
    def create(self, request: Request) -> Response:
        """Draft a request; the client does not see it until it is sent."""
        fields = dict(self.body())
        engagement = fields.pop("engagement")
        return self.created(request_edits.draft(engagement, fields, by=request.user))

    @takes(bodies.RequestBody, permission=str(P.DRAFT_REQUEST))
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Change what a request says; one that was sent takes a senior."""
        changed = request_edits.edit(
            self.get_object(), self.body(), by=request.user, version=self.version()
        )
        return self.reply(changed)

    @takes(permission=str(P.DRAFT_REQUEST))
    def destroy(self, request: Request, pk: Any) -> Response:
        """Throw a draft away that was never sent."""
        request_edits.discard(self.get_object_at_version(lock=False), by=request.user)
        return self.gone()

    @takes(bodies.DueDateBody, moves=True, permission=str(P.CHANGE_DUE_DATE))
    @action(detail=True, methods=["post"])
    def change_due_date(self, request: Request, pk: Any) -> Response:
        """Set another due date, or grant the one the client asked for."""
        version = self.version(required=False)
        changed = due_dates.change_due_date(
            self.get_object(), by=request.user, version=version, **self.body()
        )
        return self.reply(changed)

    @takes(bodies.ProposeDueDateBody, moves=True, permission=str(P.PROPOSE_DUE_DATE))
    @action(detail=True, methods=["post"])
    def propose_due_date(self, request: Request, pk: Any) -> Response:
        """Ask, as the client, for more time; a senior decides."""
        version = self.version(required=False)
        changed = due_dates.propose_due_date(
            self.get_object(), by=request.user, version=version, **self.body()
        )
        return self.reply(changed)

    @takes(ReasonBody, moves=True, permission=str(P.CHANGE_DUE_DATE))
    @action(detail=True, methods=["post"])
    def decline_due_date(self, request: Request, pk: Any) -> Response:
        """Keep the due date although the client asked for another."""
        version = self.version(required=False)
        changed = due_dates.decline_due_date(
            self.get_object(), by=request.user, version=version, **self.body()
        )
        return self.reply(changed)

    @takes(bodies.LookAfterBody, moves=True, permission=str(P.DRAFT_REQUEST))
    @action(detail=True, methods=["post"])
    def look_after(self, request: Request, pk: Any) -> Response:
        """Say who of the firm looks after it; the client never learns it."""
        row = self.get_object()
        return self.reply(request_edits.look_after(row, by=request.user, **self.body()))

    @takes(answers=AnswerSerializer)
    @action(detail=True, methods=["get"], url_path="answer")
    def own_answer(self, request: Request, pk: Any) -> Response:
        """The client's own answer as it is being written; for the firm there is none (AC-03)."""
        row = self.get_object()
        found = AnswerDraft.objects.visible_to(request.user).filter(evidence_request=row).first()
        if found is None:
            raise NotVisible(ABSENT)
        return self.answer(found)

    @takes(bodies.AnswerBody, answers=AnswerSerializer, key=False,
           permission=str(P.UPLOAD_EVIDENCE))  # fmt: skip
    @own_answer.mapping.post
    def write_answer(self, request: Request, pk: Any) -> Response:
        """Write the client's answer; doing it twice changes nothing."""
        return self.answer(request_talk.answer(self.get_object(), self.body(), by=request.user))

    @takes(bodies.BulkBody, answers=bodies.BatchAnswer, key=False, cost=10)
    @action(detail=False, methods=["post"])
    def bulk(self, request: Request) -> Response:
        """Make one move on many requests: all of them, or none."""
        given = dict(self.body())
        rows, name = self._batch(given.pop("ids")), given.pop("move")
        _check_arguments(name, given)
        moved = evidence_requests.move_all(name, rows, by=request.user, **given)
        return self.answer({"results": moved})

    @takes(bodies.BulkEditBody, answers=bodies.BatchAnswer, key=False, cost=10,
           permission=str(P.DRAFT_REQUEST))  # fmt: skip
    @action(detail=False, methods=["post"])
    def bulk_edit(self, request: Request) -> Response:
        """Make one change to many requests: all of them, or none."""
        fields = dict(self.body())
        rows = self._batch(fields.pop("ids"))
        if not fields:
            raise Invalid(
                "Send at least one of: owner, due_on, priority.", code="nothing_to_change"
            )
        edited = on_each(rows, lambda row: request_edits.edit(row, fields, by=request.user))
        return self.answer({"results": edited})

    def _batch(self, ids: list[Any]) -> list[EvidenceRequest]:
        """The requests named. One out of sight, and the batch does not exist (ACC-11)."""
        if len(set(ids)) < len(ids):
            raise Invalid("The list names one id twice.", code="twice", field="ids")
        rows = EvidenceRequest.objects.visible_to(self.request.user).select_related("engagement")
        found = rows.in_bulk(ids)
        if len(found) < len(ids):
            raise NotVisible(ABSENT)
        return [found[each] for each in ids]


def _check_arguments(name: str, given: dict[str, Any]) -> None:
    """Refuse what the move does not take, and miss what it needs. Raises Invalid."""
    takes_these = inspect.signature(evidence_requests.VERBS[name]).parameters
    if wrong := [each for each in given if each not in takes_these]:
        raise Invalid(
            f"{wrong[0]}: “{name}” does not take it.", code="unknown_field", field=wrong[0]
        )
    needed = [key for key, each in takes_these.items() if each.default is each.empty]
    if missing := [key for key in ("reason", "note") if key in needed and key not in given]:
        raise Invalid(f"{missing[0]}: “{name}” needs it.", code="required", field=missing[0])
