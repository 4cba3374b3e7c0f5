"""The controls of an engagement: dated snapshots of the client's library, and what they answer."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from audits.choices import Assertion, ControlFrequency, ControlNature, ControlSide, ControlType
from audits.models.library import Control
from audits.models.scope import ScopeItem
from tenants.locking import ClosesWithTheFile
from tenants.models import Engagement, Organization, User
from tenants.visibility import Record
from tenants.walls import RowWall, SameEngagement


class EngagementControl(Record):
    """A control as it was told on the day it was taken: later edits of the library stay outside.

    Taking it again replaces the words and keeps the record, so requests and tests stay linked.
    """

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="controls")
    client = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    control = models.ForeignKey(Control, models.PROTECT, related_name="+", db_constraint=False)
    ref = models.CharField(max_length=20)
    title = models.CharField(max_length=160)
    narrative = models.TextField()
    narrative_number = models.PositiveIntegerField()
    owner_role = models.CharField(max_length=120)
    frequency = models.CharField(max_length=16, choices=ControlFrequency)
    nature = models.CharField(max_length=20, choices=ControlNature)
    type = models.CharField(max_length=12, choices=ControlType)
    systems = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    evidence = ArrayField(models.CharField(max_length=300), default=list, blank=True)
    owner_name = models.CharField(max_length=120, blank=True)
    deputy_name = models.CharField(max_length=120, blank=True)
    performer_role = models.CharField(max_length=120, blank=True)
    reviewer_role = models.CharField(max_length=120, blank=True)
    side = models.CharField(max_length=12, choices=ControlSide, default=ControlSide.CLIENT)
    ipe = ArrayField(models.CharField(max_length=300), default=list, blank=True)
    population_source = models.TextField(blank=True)
    assertions = ArrayField(
        models.CharField(max_length=16, choices=Assertion), default=list, blank=True
    )
    scope_items = models.ManyToManyField(
        ScopeItem, through="ControlMapping", related_name="controls"
    )
    taken_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    taken_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("ref",)
        default_permissions = ()
        constraints = (
            RowWall.shared(),
            ClosesWithTheFile(),
            SameEngagement(
                link="engagement_id", to="tenants_engagement", by="client_id",
                name="engagementcontrol_client_link",
            ),
            SameEngagement(link="control_id", to="audits_control", by="client_id"),
            models.UniqueConstraint(
                fields=["engagement", "control"], name="control_once_per_engagement"
            ),
            models.UniqueConstraint(
                fields=["engagement", "ref"], name="control_ref_once_per_engagement"
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"


class ControlMapping(Record):
    """A control of the engagement answers to one of its scope items, with one line why (NR-14)."""

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    control = models.ForeignKey(
        EngagementControl, models.CASCADE, related_name="mappings", db_constraint=False
    )
    scope_item = models.ForeignKey(
        ScopeItem, models.CASCADE, related_name="mappings", db_constraint=False
    )
    rationale = models.CharField(max_length=300, blank=True)

    class Meta:
        default_permissions = ()
        constraints = (
            RowWall.shared(),
            ClosesWithTheFile(),
            SameEngagement(link="control_id", to="audits_engagementcontrol", on_delete="CASCADE"),
            SameEngagement(link="scope_item_id", to="audits_scopeitem", on_delete="CASCADE"),
            models.UniqueConstraint(fields=["control", "scope_item"], name="mapping_once"),
        )

    def __str__(self) -> str:
        return f"{self.control_id} for {self.scope_item_id}"
