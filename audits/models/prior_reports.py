"""The report before this one, by whichever firm (RT-14)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from tenants.choices import ExamType, ReportType
from tenants.locking import ClosesWithTheFile
from tenants.models import Engagement, Organization, User
from tenants.visibility import FirmRecord
from tenants.walls import KEEP, RowWall, SameEngagement


class PriorReport(FirmRecord):
    """What is stated of the last report on the same system, or that there was none.

    Dates are stated, so that another firm's report counts as one's own; `prior` leads to the
    engagement where it was one of this client that the person who stated it sees.
    """

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    client = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    none_before = models.BooleanField(default=False)
    prior = models.ForeignKey(
        Engagement, models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )
    firm_name = models.CharField(max_length=120, blank=True)
    report_type = models.CharField(max_length=4, choices=ReportType, blank=True)
    exam_type = models.CharField(max_length=2, choices=ExamType, blank=True)
    period_start = models.DateField(null=True, blank=True)
    period_end = models.DateField(null=True, blank=True)
    as_of = models.DateField(null=True, blank=True)
    stated_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    stated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        default_permissions = ()
        constraints = (
            RowWall.firm_only(rights=KEEP),
            ClosesWithTheFile(),
            SameEngagement(
                link="engagement_id", to="tenants_engagement", by="client_id",
                name="priorreport_client_link",
            ),
            SameEngagement(link="prior_id", to="tenants_engagement", by="client_id"),
            models.UniqueConstraint(fields=["engagement"], name="prior_report_once"),
            models.CheckConstraint(
                name="prior_report_is_another_s",
                condition=Q(prior=None) | ~Q(prior=F("engagement")),
            ),
            models.CheckConstraint(
                name="prior_report_stated_or_none",
                condition=Q(
                    none_before=True, prior=None, firm_name="", report_type="", exam_type="",
                    period_start=None, period_end=None, as_of=None,
                )
                | Q(
                    none_before=False, report_type__in=ReportType.values,
                    exam_type=ExamType.TYPE_1, as_of__isnull=False, period_start=None,
                    period_end=None,
                )
                | Q(
                    none_before=False, report_type__in=ReportType.values,
                    exam_type=ExamType.TYPE_2, as_of=None, period_start__isnull=False,
                    period_end__isnull=False, period_end__gt=F("period_start"),
                ),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        if self.none_before:
            return "No report before"
        return f"{self.get_report_type_display()} {self.get_exam_type_display()} before this one"
