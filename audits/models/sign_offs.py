"""Signatures on the papers of a file, who has opened which, and the notes of reviewers."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from audits.choices.file import SignLevel
from tenants.choices import Role
from tenants.locking import ClosesWithTheFile
from tenants.models import Engagement, User
from tenants.visibility import FirmRecord
from tenants.walls import ALL, KEEP, Refuses, RowWall

SIGNED_AFTER_THE_LOCK = "NEW.paper_kind = 'addendum'"


class SignOff(FirmRecord):
    """One person's signature on one paper, over the content it had (SO-01).

    A later signature of the same level takes its place; none is ever removed. One's own can be
    taken back with a reason before the next level has signed (SO-05).
    """

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="sign_offs")
    paper_kind = models.CharField(max_length=24)
    paper_id = models.UUIDField()
    paper_name = models.CharField(max_length=200)
    level = models.CharField(max_length=16, choices=SignLevel)
    signer = models.ForeignKey(User, models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=Role)
    signed_at = models.DateTimeField(db_default=Now(), editable=False)
    content = models.JSONField()
    annex = models.JSONField(null=True, blank=True)
    content_hash = models.CharField(max_length=64)
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_reason = models.TextField(blank=True)

    class Meta:
        ordering = ("signed_at", "id")
        default_permissions = ()
        constraints = (
            RowWall.firm_only(rights=KEEP),
            ClosesWithTheFile(unless=SIGNED_AFTER_THE_LOCK),
            models.CheckConstraint(
                name="sign_off_taken_back_with_reason",
                condition=Q(taken_back_at=None, taken_back_reason="")
                | Q(taken_back_at__isnull=False) & ~Q(taken_back_reason=""),
            ),
            Refuses(
                name="sign_off_only_taken_back_so_05",
                on="UPDATE",
                when="OLD.taken_back_at IS NOT NULL OR NEW.taken_back_at IS NULL OR "
                "to_jsonb(NEW) - 'taken_back_at' - 'taken_back_reason' - 'version' IS DISTINCT "
                "FROM to_jsonb(OLD) - 'taken_back_at' - 'taken_back_reason' - 'version'",
                message="SO-05: a signature is never changed; one's own is taken back with a "
                "reason, once.",
            ),
            Refuses(
                name="sign_off_kept_so_05",
                on="DELETE",
                when="true",
                message="SO-05: a signature stays in the file; it goes stale, or is taken back.",
            ),
            Refuses(
                name="sign_off_one_level_each_so_02",
                on="INSERT",
                when="EXISTS (SELECT 1 FROM audits_signoff s WHERE s.engagement_id = "
                "NEW.engagement_id AND s.paper_kind = NEW.paper_kind AND s.paper_id = NEW.paper_id "
                "AND s.signer_id = NEW.signer_id AND s.level <> NEW.level "
                "AND s.taken_back_at IS NULL)",
                message="SO-02: one person signs one level of a paper. Ask somebody else.",
            ),
        )
        indexes = (
            models.Index(
                fields=["engagement", "paper_kind", "paper_id"], name="sign_offs_of_a_paper"
            ),
        )

    def __str__(self) -> str:
        return f"{self.paper_name}, {self.get_level_display().lower()}"


class PaperOpened(FirmRecord):
    """Somebody has looked at a paper as it was: what many signatures at once ask for (SO-04)."""

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    paper_kind = models.CharField(max_length=24)
    paper_id = models.UUIDField()
    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    content_hash = models.CharField(max_length=64)
    opened_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()
        constraints = (
            RowWall.firm_only(rights=KEEP),
            models.UniqueConstraint(
                fields=["engagement", "paper_kind", "paper_id", "person"], name="paper_opened_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.paper_kind} opened by {self.person_id}"


class ReviewNote(FirmRecord):
    """What a reviewer asks about a paper; open until its author or a manager clears it (SO-07)."""

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="review_notes")
    paper_kind = models.CharField(max_length=24)
    paper_id = models.UUIDField()
    paper_name = models.CharField(max_length=200)
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    text = models.TextField()
    written_at = models.DateTimeField(db_default=Now(), editable=False)
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    cleared_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    cleared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("written_at", "id")
        default_permissions = ()
        constraints = (
            RowWall.firm_only(rights=ALL),
            ClosesWithTheFile(),
            models.CheckConstraint(name="review_note_says_something", condition=~Q(text="")),
            models.CheckConstraint(
                name="review_note_answered_by_somebody",
                condition=Q(answer="", answered_by=None) | ~Q(answer="") & ~Q(answered_by=None),
            ),
            Refuses(
                name="review_note_dropped_in_wrap_up_so_07",
                on="DELETE",
                when="NOT EXISTS (SELECT 1 FROM tenants_engagement e WHERE e.id = "
                "OLD.engagement_id AND e.status IN ('wrap_up', 'withdrawn'))",
                message="SO-07: review notes are kept or dropped at wrap-up, all of them alike.",
            ),
        )

    def __str__(self) -> str:
        return f"Note on {self.paper_name}"
