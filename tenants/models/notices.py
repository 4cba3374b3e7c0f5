"""What a person should know: their inbox, and the one mail a day that tells of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tenants.choices import DigestStatus
from tenants.models.engagements import Engagement
from tenants.models.people import Organization, User
from tenants.visibility import new_key
from tenants.walls import KEEP, NO_PERSON, RowWall, SameEngagement, any_of, is_the

OWN = f"({is_the('person_id', 'person')} AND {is_the('organization_id', 'organization')})"


class Notice(models.Model):
    """One thing one person should know, once: unique by person, kind, subject and period.

    `period` is what makes a repeated obligation its own, such as a due date and a rung of the
    reminder ladder (RQ-05, TSK-9); for an event it is the trail's moment. No content is stored:
    the line is written when it is shown, from what the person may see then.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    person = models.ForeignKey(User, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=60)
    subject = models.UUIDField()
    period = models.CharField(max_length=60)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    read_at = models.DateTimeField(null=True)
    digest = models.ForeignKey(
        "Digest", models.SET_NULL, null=True, related_name="notices", db_constraint=False
    )

    class Meta:
        ordering = ("-created_at",)
        default_permissions = ()
        constraints = (
            RowWall(
                sees=f"{OWN} OR ({NO_PERSON} AND {any_of('engagement_id', 'engagements')})",
                rights=KEEP,
            ),
            SameEngagement(link="digest_id", to="tenants_digest", by="organization_id"),
            models.UniqueConstraint(
                fields=["person", "kind", "subject", "period"], name="notice_once_per_period"
            ),
        )
        indexes = (
            models.Index(
                fields=["person", "organization"],
                name="notice_not_yet_mailed",
                condition=Q(digest__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} to {self.person_id}"


class Digest(models.Model):
    """One mail to one person on one day: claimed and recorded before it is sent (TSK-10)."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    person = models.ForeignKey(User, models.CASCADE, related_name="digests")
    day = models.DateField()
    status = models.CharField(max_length=8, choices=DigestStatus, default=DigestStatus.SENDING)
    notice_count = models.PositiveIntegerField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-day",)
        default_permissions = ()
        constraints = (
            RowWall(sees=OWN, rights=KEEP),
            models.UniqueConstraint(
                fields=["person", "organization", "day"], name="digest_once_a_day"
            ),
        )

    def __str__(self) -> str:
        return f"Digest of {self.day} to {self.person_id}"
