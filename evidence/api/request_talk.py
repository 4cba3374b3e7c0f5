"""What is said and was done about one request: messages, notes, submissions, its history."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.response import Response

from evidence.actions import request_talk
from evidence.api.request_shapes import Person
from evidence.models import AnswerDraft, EvidenceRequest, FirmNote, Message, Submission
from evidence.queries.request_history import of_request
from tenants.api.base import BaseViewSet, takes
from tenants.api.bodies import Body, Shown
from tenants.api.requests import Request
from tenants.errors import NotVisible
from tenants.models import TrailEntry
from tenants.permissions import P
from tenants.refusals import ABSENT
from tenants.visibility import reach


class TextBody(Body):
    """What is said."""

    text = serializers.CharField(max_length=10_000)


class BelowARequest(BaseViewSet):
    """Rows below one request: it is looked for first, then they (ACC-5)."""

    versioned = False

    def evidence_request(self) -> EvidenceRequest:
        """The request of the address. Raises NotVisible."""
        rows = EvidenceRequest.objects.select_related("engagement")
        found: EvidenceRequest = rows.find(self.request.user, self.kwargs["evidence_request"])
        return found

    def list(self, request: Request, evidence_request: Any) -> Response:
        """A page of them, oldest first."""
        return self.page(self.get_queryset())

    def get_queryset(self) -> QuerySet[Any]:
        """Those of the request."""
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        row = self.evidence_request()
        return super().get_queryset().filter(evidence_request=row)


class MessageSerializer(Shown):
    """What one side wrote to the other; never changed."""

    author = Person(read_only=True)
    organization = serializers.CharField(source="organization.name", read_only=True)

    class Meta:
        model = Message
        fields = ("id", "author", "organization", "text", "written_at")


class MessageViewSet(BelowARequest):
    """What both sides wrote to each other about a request."""

    queryset = Message.objects.select_related("author", "organization").order_by("written_at")
    serializer_class = MessageSerializer

    @takes(TextBody, permission=str(P.COMMENT))
    def create(self, request: Request, evidence_request: Any) -> Response:
        """Write to the other side; the client's first message starts an open request."""
        text = self.body()["text"]
        return self.reply(
            request_talk.comment(self.evidence_request(), text=text, by=request.user), 201
        )


class FirmNoteSerializer(Shown):
    """What the firm's people note among themselves."""

    author = Person(read_only=True)

    class Meta:
        model = FirmNote
        fields = ("id", "author", "text", "written_at")


class FirmNoteViewSet(BelowARequest):
    """Notes of the firm's people among themselves; for the client there is no such address."""

    queryset = FirmNote.objects.select_related("author").order_by("written_at")
    serializer_class = FirmNoteSerializer

    def evidence_request(self) -> EvidenceRequest:
        """The request, for whoever reads the firm's file. Raises NotVisible (AC-02)."""
        row = super().evidence_request()
        held = reach(self.request.user).get(row.engagement_id, frozenset())
        if P.VIEW_FIRM_FILE not in held:
            raise NotVisible(ABSENT)
        return row

    @takes(TextBody, permission=str(P.WRITE_FIRM_NOTE))
    def create(self, request: Request, evidence_request: Any) -> Response:
        """Note something; the client never learns of it."""
        row = self.evidence_request()
        return self.reply(request_talk.note(row, by=request.user, **self.body()), 201)


class SubmissionSerializer(Shown):
    """One handing-over: the answer as it stood."""

    submitted_by = Person(read_only=True)

    class Meta:
        model = Submission
        fields = (
            "id", "number", "text", "source_query", "run_on", "row_count", "submitted_by",
            "submitted_at", "recalled_at",
        )  # fmt: skip


class SubmissionViewSet(BelowARequest):
    """What the client handed over for a request, time after time."""

    queryset = Submission.objects.select_related("submitted_by").order_by("number")
    serializer_class = SubmissionSerializer


class HistorySerializer(Shown):
    """One thing done to the request."""

    class Meta:
        model = TrailEntry
        fields = (
            "id", "at", "zone", "person_id", "person_name", "verb", "before", "after", "note",
            "detail", "subject_version",
        )  # fmt: skip


class HistoryViewSet(BelowARequest):
    """What was done to a request: the shared entries and those of the caller's side."""

    queryset = TrailEntry.objects.order_by("at", "id")
    serializer_class = HistorySerializer

    def get_queryset(self) -> QuerySet[Any]:
        """The request's trail, for whoever sees the request (RQ-02)."""
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return of_request(self.request.user, self.evidence_request())


class AnswerSerializer(Shown):
    """The client's answer while it is being written."""

    written_by = Person(read_only=True)

    class Meta:
        model = AnswerDraft
        fields = ("text", "source_query", "run_on", "row_count", "written_by", "written_at")
