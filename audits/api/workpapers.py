"""Workpapers, review notes and decisions on rules: the firm's own."""

from __future__ import annotations

from typing import Any

from django_filters import BooleanFilter, CharFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from audits.actions import decisions, review_notes, workpapers
from audits.choices.file import WorkpaperKind
from audits.models.sign_offs import ReviewNote
from audits.models.workpapers import RuleDecision, Workpaper
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Body, Shown, VisibleField
from tenants.api.filters import Filters
from tenants.api.requests import Request
from tenants.models import Engagement
from tenants.permissions import P


class WorkpaperSerializer(Shown):
    """One record of the firm's work, with the fields of its kind."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    fields_of_kind = serializers.DictField(source="fields", read_only=True)

    class Meta:
        model = Workpaper
        fields = (
            "id", "version", "engagement", "kind", "ref", "title", "text", "fields_of_kind",
            "made_by", "made_at",
        )  # fmt: skip


class WorkpaperBody(Body):
    """What a workpaper says."""

    title = serializers.CharField(max_length=160, required=False, allow_blank=True)
    text = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    fields_of_kind = serializers.DictField(
        required=False, help_text="The fields of its kind, by name."
    )


class NewWorkpaperBody(WorkpaperBody):
    """A new workpaper."""

    engagement = VisibleField(Engagement.objects.all())
    kind = serializers.ChoiceField(WorkpaperKind.choices)


class WorkpaperFilters(Filters):
    """Which workpapers to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    kind = CharFilter()


class WorkpaperViewSet(VisibleViewSet):
    """Workpapers of the files the caller reads."""

    queryset = Workpaper.objects.select_related("engagement")
    serializer_class = WorkpaperSerializer
    filterset_class = WorkpaperFilters
    orderings = {"ref": "ref", "made_at": "made_at"}
    search_fields = ("ref", "title")

    @takes(NewWorkpaperBody)
    def create(self, request: Request) -> Response:
        """Write a workpaper; it gets the next reference of its part of the file."""
        given = dict(self.body())
        paper = workpapers.write(
            given["engagement"], given["kind"], title=given.get("title", ""),
            text=given.get("text", ""), fields=given.get("fields_of_kind"), by=request.user,
        )  # fmt: skip
        return self.created(paper)

    @takes(WorkpaperBody)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Write it anew; fields left out stay, signatures on it go stale."""
        given = self.body()
        changed = workpapers.change(
            self.get_object(), title=given.get("title"), text=given.get("text"),
            fields=given.get("fields_of_kind"), by=request.user, version=self.version(),
        )  # fmt: skip
        return self.reply(changed)

    @takes()
    def destroy(self, request: Request, pk: Any) -> Response:
        """Remove a draft that nobody has signed."""
        workpapers.remove(self.get_object(), by=request.user, version=self.version())
        return self.gone()


class ReviewNoteSerializer(Shown):
    """What a reviewer asks about a paper."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)

    class Meta:
        model = ReviewNote
        fields = (
            "id", "version", "engagement", "paper_kind", "paper_id", "paper_name", "author",
            "text", "written_at", "answer", "answered_by", "answered_at", "cleared_by",
            "cleared_at",
        )  # fmt: skip


class NoteTextBody(Body):
    """What is asked or answered."""

    text = serializers.CharField(max_length=review_notes.LONGEST)


class NewNoteBody(NoteTextBody):
    """A note on a paper."""

    engagement = VisibleField(Engagement.objects.all())
    kind = serializers.CharField(max_length=24)
    paper = serializers.UUIDField()


class ReviewNoteFilters(Filters):
    """Which notes to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    paper_kind = CharFilter()
    is_open = BooleanFilter(field_name="cleared_at", lookup_expr="isnull")


class ReviewNoteViewSet(VisibleViewSet):
    """Review notes of the files the caller reads."""

    queryset = ReviewNote.objects.select_related("engagement")
    serializer_class = ReviewNoteSerializer
    filterset_class = ReviewNoteFilters
    orderings = {"written_at": "written_at"}
    search_fields = ("paper_name",)

    @takes(NewNoteBody, permission=str(P.WRITE_REVIEW_NOTE))
    def create(self, request: Request) -> Response:
        """Ask something about a paper; the engagement waits until it is cleared."""
        given = self.body()
        note = review_notes.write(
            given["engagement"], given["kind"], given["paper"], text=given["text"], by=request.user
        )
        return self.created(note)

    @takes(NoteTextBody, moves=True, permission=str(P.ANSWER_REVIEW_NOTE))
    @action(detail=True, methods=["post"], url_path="answer", url_name="answer")
    def answer_note(self, request: Request, pk: Any) -> Response:
        """Answer it."""
        note, version = self.get_object(), self.version(required=False)
        text = self.body()["text"]
        return self.reply(review_notes.answer(note, text=text, by=request.user, version=version))

    @takes(moves=True, permission=str(P.WRITE_REVIEW_NOTE))
    @action(detail=True, methods=["post"])
    def clear(self, request: Request, pk: Any) -> Response:
        """Take it as settled: its author, or the manager."""
        note, version = self.get_object(), self.version(required=False)
        return self.reply(review_notes.clear(note, by=request.user, version=version))


class RuleDecisionSerializer(Shown):
    """A partner's word on a rule that may be set aside."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)

    class Meta:
        model = RuleDecision
        fields = (
            "id", "version", "engagement", "rule", "subject", "text", "facts", "facts_hash",
            "reason", "decided_by", "decided_at",
        )  # fmt: skip


class DecisionBody(Body):
    """Which finding of the present phase is settled, and why."""

    engagement = VisibleField(Engagement.objects.all())
    rule = serializers.CharField(max_length=8)
    subject = serializers.CharField(max_length=80, required=False, allow_blank=True)
    reason = serializers.CharField(max_length=4000)


class RuleDecisionFilters(Filters):
    """Which decisions to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    rule = CharFilter()


class RuleDecisionViewSet(VisibleViewSet):
    """Decisions on rules, of the files the caller reads."""

    queryset = RuleDecision.objects.select_related("engagement")
    serializer_class = RuleDecisionSerializer
    filterset_class = RuleDecisionFilters
    orderings = {"decided_at": "decided_at"}

    @takes(DecisionBody, permission=str(P.DECIDE_ENGAGEMENT))
    def create(self, request: Request) -> Response:
        """Settle a finding on the facts as they are now; other facts need another decision."""
        given = self.body()
        decision = decisions.decide(
            given["engagement"], given["rule"], given.get("subject", ""), reason=given["reason"],
            by=request.user,
        )  # fmt: skip
        return self.created(decision)
