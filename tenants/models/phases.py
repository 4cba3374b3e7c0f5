"""What the firm remembers of an engagement's way: when a phase was opened again, and why."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tenants.choices import EngagementStatus
from tenants.locking import ClosesWithTheFile
from tenants.models.engagements import Engagement
from tenants.models.people import User
from tenants.visibility import FirmRecord
from tenants.walls import APPEND, AppendOnly, RowWall


class PhaseReturn(FirmRecord):
    """The engagement went back one phase: what was signed in it must be signed again (SO-05)."""

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="phase_returns")
    from_status = models.CharField(max_length=11, choices=EngagementStatus)
    to_status = models.CharField(max_length=11, choices=EngagementStatus)
    reason = models.TextField()
    returned_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    returned_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("returned_at",)
        default_permissions = ()
        constraints = (
            RowWall.firm_only(rights=APPEND),
            ClosesWithTheFile(),
            AppendOnly(),
            models.CheckConstraint(name="phase_return_has_a_reason", condition=~Q(reason="")),
        )

    def __str__(self) -> str:
        return f"Back to {self.get_to_status_display().lower()}"
