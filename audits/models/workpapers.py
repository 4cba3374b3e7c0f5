"""What the firm writes for its own file, and what a partner decides on a rule."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from audits.choices.file import WorkpaperKind
from tenants.locking import ClosesWithTheFile
from tenants.models import Engagement, User
from tenants.visibility import FirmRecord
from tenants.walls import ALL, APPEND, AppendOnly, Refuses, RowWall


class Workpaper(FirmRecord):
    """One record of the firm's work, with its kind's fields. `ref` is its place in the file."""

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="workpapers")
    kind = models.CharField(max_length=24, choices=WorkpaperKind)
    ref = models.CharField(max_length=20)
    title = models.CharField(max_length=160)
    text = models.TextField(blank=True)
    fields = models.JSONField(default=dict)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("ref",)
        default_permissions = ()
        constraints = (
            RowWall.firm_only(rights=ALL),
            ClosesWithTheFile(unless="NEW.kind = 'addendum'"),
            models.UniqueConstraint(fields=["engagement", "ref"], name="workpaper_ref_once"),
            models.CheckConstraint(
                name="workpaper_kind_known", condition=Q(kind__in=WorkpaperKind.values)
            ),
            Refuses(
                name="workpaper_signed_is_kept_so_05",
                on="DELETE",
                when="EXISTS (SELECT 1 FROM audits_signoff s WHERE s.engagement_id = "
                "OLD.engagement_id AND s.paper_id = OLD.id)",
                message="SO-05: a paper that was signed stays in the file.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"


class RuleDecision(FirmRecord):
    """A partner's word on a rule that one may set aside, on the facts it stood on then."""

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="rule_decisions")
    rule = models.CharField(max_length=8)
    subject = models.CharField(max_length=80, blank=True)
    text = models.TextField()
    facts = models.JSONField()
    facts_hash = models.CharField(max_length=64)
    reason = models.TextField()
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("decided_at", "id")
        default_permissions = ()
        constraints = (
            RowWall.firm_only(rights=APPEND),
            ClosesWithTheFile(),
            AppendOnly(),
            models.CheckConstraint(name="rule_decision_has_a_reason", condition=~Q(reason="")),
        )

    def __str__(self) -> str:
        return f"{self.rule} decided"
