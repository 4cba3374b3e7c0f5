"""Where the description of the system answers each of its criteria (RT-18)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from audits.models.catalog import DescriptionCriterion
from audits.models.statements import IS_TYPE_1
from tenants.locking import ClosesWithTheFile
from tenants.models import Engagement, User
from tenants.visibility import Record
from tenants.walls import Refuses, RowWall


class DescriptionPoint(Record):
    """One criterion of the description: where the description answers it, or why it need not.

    A Type 1 tells of no changes (RT-07); a SOC 1 is described by its own criteria, a SOC 2 by DC
    section 200 (RT-18).
    """

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    criterion = models.ForeignKey(DescriptionCriterion, models.PROTECT, related_name="+")
    where = models.TextField(blank=True)
    none_reason = models.TextField(blank=True)
    said_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    said_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("criterion__position",)
        default_permissions = ()
        constraints = (
            RowWall.shared(),
            ClosesWithTheFile(from_release=True),
            models.UniqueConstraint(
                fields=["engagement", "criterion"], name="description_point_once"
            ),
            models.CheckConstraint(
                name="description_point_says_where_or_why_not",
                condition=Q(where="") ^ Q(none_reason=""),
            ),
            Refuses(
                name="descriptionpoint_of_a_type_1_rt_07",
                when=f"NEW.criterion_id IN ('DC9', 'S1-D9') AND {IS_TYPE_1}",
                message="RT-07: a Type 1 tells of no changes (DC9, S1-D9).",
            ),
            Refuses(
                name="descriptionpoint_of_another_report_rt_18",
                when="(SELECT held.report_type FROM audits_descriptioncriterion held "
                "WHERE held.identifier = NEW.criterion_id) <> (SELECT held.report_type "
                "FROM tenants_engagement held WHERE held.id = NEW.engagement_id)",
                message="RT-18: a SOC 1 and a SOC 2 are described by criteria of their own.",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.criterion_id} in the description"
