"""Which report was advised for an engagement, and what was chosen (soc.md, section 5)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tenants.locking import ClosesWithTheFile
from tenants.models import Engagement, User
from tenants.visibility import FirmRecord
from tenants.walls import KEEP, RowWall


class ReportAdvice(FirmRecord):
    """The answers to the questionnaire, what they point to, and what was chosen then.

    `differs`: the terms chosen are not what the answers point to. A partner may override that with
    a reason; it holds for the terms in `chosen` alone.
    """

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    answers = models.JSONField()
    recommended = models.JSONField()
    chosen = models.JSONField()
    differs = models.BooleanField()
    override_reason = models.TextField(blank=True)
    overridden_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    overridden_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    answered_at = models.DateTimeField()

    class Meta:
        ordering = ("answered_at",)
        default_permissions = ()
        constraints = (
            RowWall.firm_only(rights=KEEP),
            ClosesWithTheFile(),
            models.UniqueConstraint(fields=["engagement"], name="report_advice_once"),
            models.CheckConstraint(
                name="report_advice_overridden_with_reason",
                condition=Q(override_reason="", overridden_by=None, overridden_at=None)
                | Q(differs=True, overridden_by__isnull=False, overridden_at__isnull=False)
                & ~Q(override_reason=""),
            ),
        )

    def __str__(self) -> str:
        return "Advice on the report"
