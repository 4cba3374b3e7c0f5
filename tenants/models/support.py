"""Operators of the platform, and the only way in which they see anything of a tenant (ACC-18)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from tenants.choices import OrganizationKind
from tenants.guards import OPERATOR_GUARD
from tenants.models.people import Organization, User
from tenants.visibility import new_key
from tenants.walls import KEEP, NO_PERSON, READ, Refuses, RowWall, any_of, is_the

LONGEST_HOURS = 4


class Operator(models.Model):
    """A person who looks after the platform and belongs to no organization.

    Written by the owner of the tables alone (`manage.py add_operator`): the application cannot
    make one.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    person = models.OneToOneField(User, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("added_at",)
        default_permissions = ()
        constraints = (RowWall(sees=is_the("person_id", "person"), rights=READ), OPERATOR_GUARD)

    def __str__(self) -> str:
        return str(self.person)


class SupportAccess(models.Model):
    """One operator's wish to look at one engagement from one side, and what became of it.

    An administrator of that side agrees: the second person, and the tenant's consent. It ends by
    itself, four hours after that at the latest. `organization` is empty where no such engagement
    exists, which the operator is not told. `engagement_id` is plain: a wish may name anything.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    operator = models.ForeignKey(User, models.PROTECT, related_name="+")
    engagement_id = models.UUIDField()
    side = models.CharField(max_length=6, choices=OrganizationKind)
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=300)
    hours = models.PositiveSmallIntegerField()
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    agreed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    agreed_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-asked_at",)
        default_permissions = ()
        constraints = (
            RowWall(
                sees=f"({is_the('organization_id', 'organization')} AND NOT "
                f"({is_the('operator_id', 'person')})) OR ({NO_PERSON} AND "
                f"{any_of('engagement_id', 'engagements')})",
                also_reads=is_the("operator_id", "person"),
                rights=KEEP,
            ),
            models.CheckConstraint(name="support_access_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="support_access_takes_two", condition=~Q(agreed_by=F("operator"))
            ),
            models.CheckConstraint(
                name="support_access_hours", condition=Q(hours__gte=1, hours__lte=LONGEST_HOURS)
            ),
            models.CheckConstraint(
                name="support_access_agreed_as_a_whole",
                condition=Q(agreed_by=None, agreed_at=None, until=None)
                | Q(
                    agreed_by__isnull=False,
                    agreed_at__isnull=False,
                    organization__isnull=False,
                    until__gt=F("agreed_at"),
                ),
            ),
            Refuses(
                name="support_access_ends_in_four_hours_acc_18",
                when="NEW.until > NEW.agreed_at + interval '4 hours'",
                message="ACC-18: support access ends after four hours at the latest.",
            ),
            Refuses(
                name="support_access_is_never_widened_acc_18",
                on="UPDATE",
                when="(NEW.operator_id, NEW.engagement_id, NEW.side, NEW.reason, NEW.hours) IS "
                "DISTINCT FROM (OLD.operator_id, OLD.engagement_id, OLD.side, OLD.reason, "
                "OLD.hours) OR (OLD.until IS NOT NULL AND NEW.until IS DISTINCT FROM OLD.until) "
                "OR OLD.ended_at IS NOT NULL",
                message="Support access is agreed to and ended; nothing else of it changes.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.operator} to look for {self.hours} h"

    @property
    def anchor(self) -> Organization | None:
        """Permissions on it are asked of the organization whose side it looks from."""
        return self.organization
