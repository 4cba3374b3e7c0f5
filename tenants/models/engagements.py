"""The engagement, and who is assigned to it."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Now

from tenants.choices import (
    OF_READINESS_ALONE,
    READINESS_STATUSES,
    Basis,
    Category,
    EngagementKind,
    EngagementStatus,
    ExamType,
    ReportType,
    Role,
)
from tenants.guards import ASSIGNMENT_GUARD
from tenants.models.people import Organization, User
from tenants.permissions import engagement_permissions
from tenants.visibility import Record
from tenants.walls import KEEP, Refuses, RowWall, any_of, is_the

OVERSEEN = any_of("engagement_id", "overseen")
NOT_ONES_OWN = f"NOT ({is_the('person_id', 'person')})"
OF_THE_ENGAGEMENT = any_of("engagement_id", "engagements")
THEIR_OWN = f"({is_the('person_id', 'person')} AND {is_the('organization_id', 'organization')})"


class Engagement(Record):
    """One examination of one client by one firm, or one readiness assessment.

    A Type 1 is as of a date, a Type 2 covers a period (RT-06): one is set, the other empty.
    `basis` follows from the report type and is what its scope items must be (RT-02, RT-03).
    Dates are local dates of the client.
    """

    parent = "id"

    firm = models.ForeignKey(Organization, models.PROTECT, related_name="engagements_held")
    client = models.ForeignKey(Organization, models.PROTECT, related_name="engagements")
    title = models.CharField(max_length=120)
    kind = models.CharField(
        max_length=12, choices=EngagementKind, default=EngagementKind.EXAMINATION
    )
    report_type = models.CharField(max_length=4, choices=ReportType)
    exam_type = models.CharField(max_length=2, choices=ExamType)
    basis = models.GeneratedField(
        expression=Case(
            When(report_type=ReportType.SOC1, then=Value(str(Basis.OBJECTIVE))),
            default=Value(str(Basis.CRITERION)),
        ),
        output_field=models.CharField(max_length=9, choices=Basis),
        db_persist=True,
    )
    categories = ArrayField(
        models.CharField(max_length=20, choices=Category), default=list, blank=True
    )
    as_of = models.DateField(null=True, blank=True)
    period_start = models.DateField(null=True, blank=True)
    period_end = models.DateField(null=True, blank=True)
    fieldwork_ends_on = models.DateField(null=True, blank=True)
    status = models.CharField(
        max_length=11, choices=EngagementStatus, default=EngagementStatus.DRAFT
    )
    held_from = models.CharField(max_length=11, choices=EngagementStatus, blank=True)
    held_until = models.DateField(null=True, blank=True)
    types_frozen_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When acceptance ended for the first time; stepping back never thaws the types (RT-01)."""
    report_date = models.DateField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    locked_at = models.DateTimeField(null=True, blank=True, editable=False)
    scope_change_id = models.UUIDField(null=True, blank=True, editable=False)
    """The decided change of scope that the present terms rest on (RT-17)."""
    founded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("-created_at",)
        default_permissions = ()
        permissions = engagement_permissions()
        constraints = (
            RowWall.shared(
                "id",
                also_reads=f"{any_of('id', 'assigned')} OR {any_of('id', 'overseen')}",
                rights=KEEP,
            ),
            models.CheckConstraint(
                name="engagement_report_type_known_rt_01",
                condition=Q(report_type__in=ReportType.values, exam_type__in=ExamType.values),
            ),
            models.CheckConstraint(
                name="engagement_categories_fit_report_type_rt_04",
                condition=Q(report_type=ReportType.SOC1, categories=[])
                | Q(
                    report_type__in=(ReportType.SOC2, ReportType.SOC3),
                    categories__len__gt=0,
                    categories__contained_by=Category.values,
                ),
            ),
            models.CheckConstraint(
                name="engagement_soc3_covers_a_period_rt_05",
                condition=~Q(report_type=ReportType.SOC3, exam_type=ExamType.TYPE_1),
            ),
            models.CheckConstraint(
                name="engagement_dates_fit_exam_type_rt_06",
                condition=Q(
                    exam_type=ExamType.TYPE_1,
                    as_of__isnull=False,
                    period_start__isnull=True,
                    period_end__isnull=True,
                )
                | Q(
                    exam_type=ExamType.TYPE_2,
                    as_of__isnull=True,
                    period_start__isnull=False,
                    period_end__isnull=False,
                    period_end__gt=F("period_start"),
                ),
            ),
            models.CheckConstraint(
                name="engagement_status_fits_kind",
                condition=Q(kind=EngagementKind.READINESS, status__in=READINESS_STATUSES)
                | Q(kind=EngagementKind.EXAMINATION) & ~Q(status__in=OF_READINESS_ALONE),
            ),
            Refuses(
                name="engagement_type_frozen_rt_01",
                on="UPDATE",
                when="(OLD.types_frozen_at IS NOT NULL OR OLD.status NOT IN ('draft', "
                "'acceptance')) AND (NEW.report_type, "
                "NEW.exam_type) IS DISTINCT FROM (OLD.report_type, OLD.exam_type)",
                message="RT-01: report type and exam type are frozen once acceptance has ended.",
            ),
            Refuses(
                name="engagement_scope_changed_rt_17",
                on="UPDATE",
                when="OLD.types_frozen_at IS NOT NULL AND (NEW.categories, NEW.as_of, "
                "NEW.period_start, NEW.period_end) IS DISTINCT FROM (OLD.categories, OLD.as_of, "
                "OLD.period_start, OLD.period_end) AND (NEW.scope_change_id IS NULL OR "
                "NEW.scope_change_id IS NOT DISTINCT FROM OLD.scope_change_id)",
                message="RT-17: after acceptance categories and dates change only by a change of "
                "scope that the partner approved.",
            ),
            Refuses(
                name="engagement_locked_lk_03",
                on="UPDATE",
                when="OLD.status = 'disposed' OR (OLD.status = 'locked' AND NEW.status <> "
                "'disposed')",
                message="LK-03: the file is locked; nothing of it changes. Write an addendum.",
            ),
            Refuses(
                name="engagement_sides_frozen",
                on="UPDATE",
                when="(NEW.firm_id, NEW.client_id) IS DISTINCT FROM (OLD.firm_id, OLD.client_id)",
                message="An engagement stays between the firm and the client it was opened for.",
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def anchor(self) -> Engagement:
        """Permissions on an engagement are asked of itself."""
        return self

    @property
    def engagement_id(self) -> Any:
        """An engagement is its own anchor."""
        return self.pk

    @property
    def report_name(self) -> str:
        """Such as “SOC 2 Type 2”."""
        return f"{self.get_report_type_display()} {self.get_exam_type_display()}"


class Assignment(Record):
    """A person who works on an engagement, for one of its two sides, in one engagement role.

    `starts_on` and `ends_on` are dates in the organization's zone; the last day counts. One of the
    firm gives access only while its person's independence is confirmed (AC-04).
    """

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="assignments")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    person = models.ForeignKey(User, models.PROTECT, related_name="assignments")
    role = models.CharField(max_length=20, choices=Role)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    assigned_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("person__name",)
        constraints = (
            RowWall.shared(
                only=NOT_ONES_OWN, also_reads=f"{OF_THE_ENGAGEMENT} OR {THEIR_OWN} OR {OVERSEEN}"
            ),
            ASSIGNMENT_GUARD,
            models.UniqueConstraint(
                fields=["engagement", "person"], name="assignment_once_per_engagement"
            ),
            models.CheckConstraint(
                name="assignment_ends_after_it_starts",
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
            ),
            models.CheckConstraint(name="assignment_role_known", condition=Q(role__in=Role.values)),
        )

    def __str__(self) -> str:
        return f"{self.person} as {self.get_role_display()}"
