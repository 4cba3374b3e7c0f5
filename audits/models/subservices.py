"""How an engagement treats each subservice organization, and who is independent of it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from audits.choices.system import SubserviceMethod
from tenants.locking import ClosesWithTheFile
from tenants.models import Engagement, Organization, User
from tenants.visibility import FirmRecord, Record
from tenants.walls import APPEND, AppendOnly, RowWall, SameEngagement

SUBSERVICES = "audits_engagementsubservice"


class EngagementSubservice(Record):
    """A subservice organization that the client states, carved out or included.

    `entry_id` names it in the client's own list. Its own report covers `report_from` to
    `report_to`, a letter of its management the days until `bridge_to`; empty where there is none.
    """

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    client = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    entry_id = models.UUIDField()
    ref = models.CharField(max_length=20)
    title = models.CharField(max_length=160)
    method = models.CharField(max_length=12, choices=SubserviceMethod)
    report_from = models.DateField(null=True, blank=True)
    report_to = models.DateField(null=True, blank=True)
    bridge_to = models.DateField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("ref",)
        default_permissions = ()
        constraints = (
            RowWall.shared(),
            ClosesWithTheFile(from_release=True),
            SameEngagement(
                link="engagement_id", to="tenants_engagement", by="client_id",
                name="engagementsubservice_client_link",
            ),
            models.UniqueConstraint(
                fields=["engagement", "entry_id"], name="subservice_once_per_engagement"
            ),
            models.CheckConstraint(
                name="subservice_report_dates_follow",
                condition=Q(method__in=SubserviceMethod.values)
                & (
                    Q(report_from=None, report_to=None, bridge_to=None)
                    | Q(report_from__isnull=False, report_to__isnull=False)
                    & Q(report_to__gte=F("report_from"))
                    & (Q(bridge_to=None) | Q(bridge_to__gt=F("report_to")))
                ),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"


class SubserviceIndependence(FirmRecord):
    """A person of the firm states that they are independent of an included organization (AC-04)."""

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    subservice = models.ForeignKey(
        EngagementSubservice, models.PROTECT, related_name="independence", db_constraint=False
    )
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    said_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("said_at",)
        default_permissions = ()
        verbose_name_plural = "subservice independence"
        constraints = (
            RowWall.firm_only(rights=APPEND),
            AppendOnly(),
            ClosesWithTheFile(from_release=True),
            SameEngagement(link="subservice_id", to=SUBSERVICES),
            models.UniqueConstraint(
                fields=["engagement", "subservice", "person"], name="independent_of_it_said_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person} is independent of {self.subservice}"
