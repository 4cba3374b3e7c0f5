"""Who may receive the report (RT-15)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from audits.choices.choosing import OF_A_SOC1, Audience, Reader
from tenants.choices import ReportType
from tenants.locking import ClosesWithTheFile
from tenants.models import Engagement, User
from tenants.visibility import Record
from tenants.walls import ALL, DatabaseRule, RowWall


class OfThisReportType(DatabaseRule):
    """The row's report type is its engagement's, so that a check can speak of both."""

    def __init__(self, *, name: str = "%(class)s_report_type_rt_15") -> None:
        super().__init__(name=name)

    def statements(self, table: str) -> str:
        return (
            "CREATE UNIQUE INDEX IF NOT EXISTS tenants_engagement_report_type_key "
            "ON tenants_engagement (id, report_type); "
            f"ALTER TABLE {table} ADD CONSTRAINT {self.name} "
            "FOREIGN KEY (engagement_id, report_type) "
            "REFERENCES tenants_engagement (id, report_type)"
        )

    def removal(self, table: str) -> str:
        return f"ALTER TABLE {table} DROP CONSTRAINT {self.name}"


class ReportAudience(Record):
    """Whom the report is for, as agreed with the terms; both sides read it."""

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    report_type = models.CharField(max_length=4, choices=ReportType)
    audience = models.CharField(max_length=10, choices=Audience)
    readers = ArrayField(models.CharField(max_length=16, choices=Reader), default=list, blank=True)
    recipients = models.TextField(blank=True)
    stated_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    stated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        default_permissions = ()
        constraints = (
            RowWall.shared(rights=ALL),
            ClosesWithTheFile(),
            OfThisReportType(),
            models.UniqueConstraint(fields=["engagement"], name="report_audience_once"),
            models.CheckConstraint(
                name="report_audience_public_for_soc3_alone_rt_15",
                condition=Q(audience=Audience.RESTRICTED)
                | Q(audience=Audience.PUBLIC, report_type=ReportType.SOC3, readers=[]),
            ),
            models.CheckConstraint(
                name="report_audience_of_a_soc1_rt_15",
                condition=~Q(report_type=ReportType.SOC1)
                | Q(readers__contained_by=[str(each) for each in OF_A_SOC1]),
            ),
            models.CheckConstraint(
                name="report_audience_restricted_to_somebody",
                condition=Q(audience=Audience.PUBLIC)
                | Q(readers__len__gt=0, readers__contained_by=Reader.values),
            ),
        )

    def __str__(self) -> str:
        return "Audience of the report"
