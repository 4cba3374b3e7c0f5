"""Walls inside a firm: whose people never work for whom, and which roles were held (AC-05)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tenants.choices import Role
from tenants.guards import SIDE_GUARD
from tenants.models.engagements import Engagement
from tenants.models.people import Organization, User
from tenants.visibility import FirmRecord, new_key
from tenants.walls import APPEND, KEEP, AppendOnly, Refuses, RowWall, SameEngagement


class EthicsWall(models.Model):
    """A wall of a firm between clients or engagements that must not share a person.

    It stands until it is lifted, with the reason; it is never changed otherwise.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="ethics_walls")
    name = models.CharField(max_length=120)
    reason = models.CharField(max_length=300)
    version = models.PositiveIntegerField(default=1, editable=False)
    raised_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    raised_at = models.DateTimeField(db_default=Now(), editable=False)
    lifted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lift_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("lifted_at", "name")
        default_permissions = ()
        constraints = (
            RowWall.organization(rights=KEEP),
            models.UniqueConstraint(
                fields=["organization", "name"],
                condition=Q(lifted_at=None),
                name="ethics_wall_name_once",
            ),
            models.CheckConstraint(name="ethics_wall_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="ethics_wall_lifted_with_a_reason",
                condition=Q(lifted_at=None, lifted_by=None, lift_reason="")
                | (Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lift_reason="")),
            ),
            Refuses(
                name="ethics_wall_lifted_once",
                on="UPDATE",
                when="OLD.lifted_at IS NOT NULL OR (NEW.organization_id, NEW.name, NEW.reason, "
                "NEW.raised_by_id, NEW.raised_at) IS DISTINCT FROM (OLD.organization_id, OLD.name, "
                "OLD.reason, OLD.raised_by_id, OLD.raised_at)",
                message="A wall is raised and lifted; nothing else of it changes. Raise another.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def anchor(self) -> Organization:
        """Permissions on a wall are asked of the firm."""
        return self.organization


class WalledSide(models.Model):
    """One client, or one engagement, on one side of a wall; sides are counted from 1.

    An engagement's own row goes before that of its client.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    wall = models.ForeignKey(EthicsWall, models.PROTECT, related_name="sides", db_constraint=False)
    side = models.PositiveSmallIntegerField()
    client = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+"
    )
    engagement = models.ForeignKey(
        Engagement, models.PROTECT, null=True, blank=True, related_name="+"
    )
    added_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("side", "added_at")
        default_permissions = ()
        constraints = (
            RowWall.organization(rights=APPEND),
            SameEngagement(link="wall_id", to="tenants_ethicswall", by="organization_id"),
            AppendOnly(),
            SIDE_GUARD,
            models.CheckConstraint(
                name="walled_side_is_a_client_or_an_engagement",
                condition=Q(client=None, engagement__isnull=False)
                | Q(client__isnull=False, engagement=None),
            ),
            models.UniqueConstraint(
                fields=["organization", "wall", "client"], name="walled_client_once"
            ),
            models.UniqueConstraint(
                fields=["organization", "wall", "engagement"], name="walled_engagement_once"
            ),
        )

    def __str__(self) -> str:
        return str(self.client or self.engagement)


class TeamRole(FirmRecord):
    """A role somebody of the firm has held on an engagement, kept after they leave it (SO-03)."""

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="team_roles")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=Role)
    since = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("since",)
        default_permissions = ()
        constraints = (
            RowWall.firm_only(rights=APPEND),
            AppendOnly(),
            models.UniqueConstraint(fields=["engagement", "person", "role"], name="team_role_once"),
        )

    def __str__(self) -> str:
        return f"{self.person} as {self.get_role_display()}"
