"""Changes of what is examined after acceptance, and what the client asks for (RT-17)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from audits.choices.scope_changes import ScopeChangeKind, ScopeChangeReason, ScopeChangeStatus
from tenants.locking import ClosesWithTheFile
from tenants.models import Engagement, User
from tenants.visibility import FirmRecord, Record
from tenants.walls import APPEND, KEEP, AppendOnly, Refuses, RowWall


class ScopeChange(FirmRecord):
    """Who asked for a change, why, with what effect, and what the partner decided.

    `before` and `after` are values of the terms for categories and period, words for the others.
    """

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=ScopeChangeKind)
    status = models.CharField(
        max_length=8, choices=ScopeChangeStatus, default=ScopeChangeStatus.PROPOSED
    )
    asked_by = models.CharField(max_length=160)
    reason_code = models.CharField(max_length=20, choices=ScopeChangeReason)
    reason = models.TextField()
    effect = models.TextField()
    before = models.JSONField()
    after = models.JSONField()
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(db_default=Now(), editable=False)
    decision = models.TextField(blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-proposed_at",)
        default_permissions = ()
        constraints = (
            RowWall.firm_only(rights=KEEP),
            ClosesWithTheFile(from_release=True),
            models.CheckConstraint(
                name="scope_change_has_an_honest_reason_rt_17",
                condition=Q(reason_code__in=ScopeChangeReason.values)
                & ~Q(reason_code=ScopeChangeReason.AVOID_MODIFICATION)
                & ~Q(reason="")
                & ~Q(effect="")
                & ~Q(asked_by=""),
            ),
            models.CheckConstraint(
                name="scope_change_decided_by_somebody",
                condition=Q(
                    status=ScopeChangeStatus.PROPOSED, decided_by=None, decided_at=None, decision=""
                )
                | Q(
                    status__in=(ScopeChangeStatus.APPROVED, ScopeChangeStatus.APPLIED),
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                )
                | Q(
                    status=ScopeChangeStatus.REFUSED,
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                )
                & ~Q(decision=""),
            ),
            Refuses(
                name="scope_change_stays_as_decided_rt_17",
                on="UPDATE",
                when="(NEW.engagement_id, NEW.kind, NEW.asked_by, NEW.reason_code, NEW.reason, "
                "NEW.effect, NEW.before, NEW.after, NEW.proposed_by_id) IS DISTINCT FROM "
                "(OLD.engagement_id, OLD.kind, OLD.asked_by, OLD.reason_code, OLD.reason, "
                "OLD.effect, OLD.before, OLD.after, OLD.proposed_by_id) OR OLD.status IN "
                "('refused', 'applied') OR (OLD.status = 'approved' AND NEW.status <> 'applied')",
                message="RT-17: a change of scope stays as it was proposed and decided; propose "
                "another one.",
            ),
        )

    def __str__(self) -> str:
        return f"Change of scope: {self.get_kind_display().lower()}"


class ScopeProposal(Record):
    """What the client asks the firm to change; both sides read it."""

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    text = models.TextField()
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("-proposed_at",)
        default_permissions = ()
        constraints = (
            RowWall.shared(rights=APPEND),
            ClosesWithTheFile(from_release=True),
            AppendOnly(),
            models.CheckConstraint(name="scope_proposal_says_something", condition=~Q(text="")),
        )

    def __str__(self) -> str:
        return "Proposal to change the scope"
