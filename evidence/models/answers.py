"""The talk about a request, and each side's own papers on it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from evidence.models.evidence_requests import OF_A_SEEN_REQUEST, OfARequest, belongs_to_a_request
from tenants.choices import TrailZone
from tenants.locking import ClosesWithTheFile
from tenants.models import Organization, User
from tenants.permissions import P
from tenants.walls import APPEND, KEEP, RowWall


class Message(OfARequest):
    """What one side wrote to the other about a request; never changed."""

    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    text = models.TextField()
    written_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("written_at", "id")
        default_permissions = ()
        constraints = (
            RowWall.shared(only=OF_A_SEEN_REQUEST, rights=APPEND),
            ClosesWithTheFile(),
            belongs_to_a_request(),
            models.CheckConstraint(name="message_says_something", condition=~Q(text="")),
        )

    def __str__(self) -> str:
        return f"Message of {self.author_id}"


class FirmNote(OfARequest):
    """What the firm's people note among themselves; the client never learns of it (AC-02)."""

    view_permission = P.VIEW_FIRM_FILE
    trail_zone = TrailZone.FIRM

    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    text = models.TextField()
    written_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("written_at", "id")
        default_permissions = ()
        constraints = (
            RowWall.firm_only(only=OF_A_SEEN_REQUEST, rights=APPEND),
            ClosesWithTheFile(),
            belongs_to_a_request(),
            models.CheckConstraint(name="note_says_something", condition=~Q(text="")),
        )

    def __str__(self) -> str:
        return f"Note of {self.author_id}"


class Handling(OfARequest):
    """Who of the firm looks after a request, and who reviews what came: firm-only."""

    view_permission = P.VIEW_FIRM_FILE
    trail_zone = TrailZone.FIRM

    assignee = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    reviewer = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        default_permissions = ()
        constraints = (
            RowWall.firm_only(only=OF_A_SEEN_REQUEST),
            ClosesWithTheFile(),
            belongs_to_a_request(),
            models.UniqueConstraint(fields=["evidence_request"], name="handling_once"),
        )

    def __str__(self) -> str:
        return f"Handling of {self.evidence_request_id}"


class AnswerDraft(OfARequest):
    """The client's answer while it is being written; the firm never sees it (AC-03)."""

    view_permission = P.VIEW_CLIENT_FILE
    trail_zone = TrailZone.CLIENT

    text = models.TextField(blank=True)
    source_query = models.TextField(blank=True)
    run_on = models.DateField(null=True, blank=True)
    row_count = models.PositiveIntegerField(null=True, blank=True)
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    written_at = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()
        constraints = (
            RowWall.client_only(only=OF_A_SEEN_REQUEST),
            ClosesWithTheFile(),
            belongs_to_a_request(),
            models.UniqueConstraint(fields=["evidence_request"], name="answer_draft_once"),
        )

    def __str__(self) -> str:
        return f"Draft answer to {self.evidence_request_id}"


class Submission(OfARequest):
    """One handing-over: the answer as it stood, and who handed it over. Numbered from 1."""

    number = models.PositiveSmallIntegerField()
    text = models.TextField(blank=True)
    source_query = models.TextField(blank=True)
    run_on = models.DateField(null=True, blank=True)
    row_count = models.PositiveIntegerField(null=True, blank=True)
    submitted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(db_default=Now(), editable=False)
    recalled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("number",)
        default_permissions = ()
        constraints = (
            RowWall.shared(only=OF_A_SEEN_REQUEST, rights=KEEP),
            ClosesWithTheFile(),
            belongs_to_a_request(),
            models.UniqueConstraint(
                fields=["evidence_request", "number"], name="submission_number_once"
            ),
        )

    def __str__(self) -> str:
        return f"Submission {self.number}"
