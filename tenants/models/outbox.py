"""What follows a change: work to do, schedules, and answers already given to a program."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tenants.models.people import Organization, User
from tenants.visibility import new_key
from tenants.walls import ALL, NO_PERSON, SYSTEM_ACTS, Refuses, RowWall, any_of, is_the

_OF_THE_ENGAGEMENT = any_of("engagement_id", "engagements")
_OWN = f"({is_the('organization_id', 'organization')} AND {is_the('person_id', 'person')})"
KEPT_ANSWER_DAYS = 1
"""For how long a retry gets its answer again; then the row is litter (API-4)."""


class OutboxEntry(models.Model):
    """One piece of work that follows a change, written in the change's transaction (TSK-1).

    It is done for one engagement, for one person in one organization, or for an organization.
    People put work into the queue and see of it what they are to do themselves; tasks see their
    engagement's, the system all of it. Work that is not done is never deleted. Work is leased:
    `fence` rises with each claim and only its present holder may finish (TSK-4). After five
    attempts it is parked (TSK-6). `dedupe` makes work unique where it must be.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    engagement_id = models.UUIDField(null=True)
    organization_id = models.UUIDField(null=True)
    person_id = models.UUIDField(null=True)
    task = models.CharField(max_length=80)
    subject = models.UUIDField(null=True)
    dedupe = models.CharField(max_length=160, null=True)
    due_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("due_at", "id")
        default_permissions = ()
        constraints = (
            RowWall(
                sees=f"{SYSTEM_ACTS} OR {_OWN} OR ({NO_PERSON} AND ({_OF_THE_ENGAGEMENT} "
                f"OR (person_id IS NULL AND {is_the('organization_id', 'organization')})))",
                takes=f"{SYSTEM_ACTS} OR {is_the('organization_id', 'organization')} OR "
                f"{_OF_THE_ENGAGEMENT}",
                rights=ALL,
            ),
            Refuses(
                name="outboxentry_is_done_before_it_goes_tsk_1",
                on="DELETE",
                when="OLD.done_at IS NULL",
                message="Work that is not done stays in the outbox.",
            ),
            models.UniqueConstraint(fields=["dedupe"], name="outbox_dedupe_once"),
        )
        indexes = (
            models.Index(
                fields=["due_at"],
                name="outbox_waiting",
                condition=Q(done_at__isnull=True, parked_at__isnull=True),
            ),
            models.Index(
                fields=["done_at"], name="outbox_done", condition=Q(done_at__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return f"{self.task} {self.subject}"


class Schedule(models.Model):
    """Work that comes back every day for one engagement, at an hour of a time zone (TSK-8)."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    engagement_id = models.UUIDField()
    task = models.CharField(max_length=80)
    time_zone = models.CharField(max_length=64)
    hour = models.PositiveSmallIntegerField()
    next_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("next_at",)
        default_permissions = ()
        constraints = (
            RowWall(sees=f"({SYSTEM_ACTS} OR {_OF_THE_ENGAGEMENT})", rights=ALL),
            models.UniqueConstraint(fields=["engagement_id", "task"], name="schedule_once"),
            models.CheckConstraint(name="schedule_hour_of_a_day", condition=Q(hour__lt=24)),
        )

    def __str__(self) -> str:
        return f"{self.task} at {self.hour}:00 {self.time_zone}"


class IdempotentAnswer(models.Model):
    """The answer given to a program's POST, kept so that a retry gets it again (API-4).

    Its person alone reads it; the system may remove it once its time is over.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    route = models.CharField(max_length=200)
    key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.BinaryField()
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("created_at",)
        default_permissions = ()
        constraints = (
            RowWall(
                sees=f"{_OWN} OR ({SYSTEM_ACTS} AND "
                f"created_at < now() - interval '{KEPT_ANSWER_DAYS} day')",
                takes=_OWN,
                rights="SELECT, INSERT, DELETE",
            ),
            models.UniqueConstraint(
                fields=["organization", "person", "route", "key"], name="idempotency_key_once"
            ),
        )
        indexes = (models.Index(fields=["created_at"], name="answer_by_age"),)

    def __str__(self) -> str:
        return f"{self.route} {self.key}"
