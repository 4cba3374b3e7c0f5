"""A walkthrough: one item followed end to end through a control (soc.md, TP-02)."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from audits.models.controls import EngagementControl
from tenants.locking import ClosesWithTheFile
from tenants.models import Engagement, User
from tenants.visibility import FirmRecord
from tenants.walls import KEEP, RowWall, SameEngagement


class Walkthrough(FirmRecord):
    """What the firm saw of one item of a control: who was there, when, what each step showed.

    `narrative_number` is the version the control was told by when it was walked. Whether the
    control is suitably designed is the conclusion of its test of design, not of a walkthrough.
    """

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    control = models.ForeignKey(
        EngagementControl, models.PROTECT, related_name="walkthroughs", db_constraint=False
    )
    item = models.CharField(max_length=160)
    walked_on = models.DateField()
    walked_with = models.TextField()
    seen = models.TextField()
    differs = models.BooleanField(default=False)
    """Whether what was seen runs otherwise than it is told."""
    narrative_number = models.PositiveIntegerField()
    done_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    done_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("walked_on", "done_at")
        default_permissions = ()
        constraints = (
            RowWall.firm_only(rights=KEEP),
            SameEngagement(link="control_id", to="audits_engagementcontrol"),
            ClosesWithTheFile(from_release=True),
            models.CheckConstraint(
                name="walkthrough_says_what_was_seen",
                condition=~models.Q(item="") & ~models.Q(walked_with="") & ~models.Q(seen=""),
            ),
        )

    def __str__(self) -> str:
        return f"Walkthrough of {self.item}"
