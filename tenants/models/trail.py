"""What was done: written in the transaction of the effect, never changed (AUD-1 to AUD-3)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F
from django.db.models.functions import Now

from tenants.choices import TrailZone
from tenants.permissions import P
from tenants.visibility import RecordQuerySet, new_key
from tenants.walls import APPEND, AppendOnly, RowWall, any_of, is_the, names_the_person


class TrailEntry(models.Model):
    """One effect: who did what to which record, when, from where, by which request.

    Ids are plain: the trail outlives what it names. `zone` says which side may read it; `named`,
    when set, narrows that to the people of a restricted record.
    """

    parent = "engagement_id"
    view_permission = P.VIEW_TRAIL

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    at = models.DateTimeField(db_default=Now(), editable=False)
    engagement_id = models.UUIDField(null=True)
    organization_id = models.UUIDField(null=True)
    zone = models.CharField(max_length=6, choices=TrailZone, default=TrailZone.SHARED)
    named = ArrayField(models.UUIDField(), null=True)
    person_id = models.UUIDField(null=True)
    person_name = models.CharField(max_length=120)
    acting_for_id = models.UUIDField(null=True)
    verb = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField(null=True)
    subject_label = models.CharField(max_length=200)
    subject_version = models.PositiveIntegerField(default=0)
    before = models.CharField(max_length=40, blank=True)
    after = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)
    detail = models.JSONField(default=dict)
    request_id = models.CharField(max_length=40, blank=True)
    address = models.GenericIPAddressField(null=True)

    objects = RecordQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-id")
        default_permissions = ()
        constraints = (
            RowWall(
                sees=f"(({any_of('engagement_id', 'engagements')} AND zone = 'shared') "
                f"OR ({any_of('engagement_id', 'firm_side')} AND zone = 'firm') "
                f"OR ({any_of('engagement_id', 'client_side')} AND zone = 'client') "
                f"OR (engagement_id IS NULL AND {is_the('organization_id', 'organization')})) "
                f"AND (named IS NULL OR {names_the_person('named')})",
                rights=APPEND,
            ),
            AppendOnly(),
        )
        indexes = (
            models.Index(F("engagement_id"), F("at").desc(), name="trail_of_an_engagement"),
            models.Index(F("subject_id"), F("at").desc(), name="trail_of_a_record"),
        )

    def __str__(self) -> str:
        return f"{self.person_name} {self.verb} {self.subject_label}"
