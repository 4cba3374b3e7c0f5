"""Permissions opened to one person, and the access rows that follow from all of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from guardian.models import UserObjectPermissionBase

from tenants.guards import OPENING_GUARD
from tenants.models.engagements import NOT_ONES_OWN, OF_THE_ENGAGEMENT, Engagement
from tenants.models.people import Organization, User
from tenants.permissions import P
from tenants.visibility import Record, new_key
from tenants.walls import ALL, RowWall, any_of, is_the

STANDS = """(SELECT EXISTS (SELECT 1 FROM tenants_membership m
  JOIN tenants_user u ON u.id = m.person_id AND u.is_active
  WHERE m.person_id = current_setting('app.person')::uuid
    AND m.organization_id = current_setting('app.organization')::uuid AND m.status = 'active'
  UNION ALL SELECT 1 FROM tenants_supportaccess s
  WHERE s.operator_id = current_setting('app.person')::uuid AND s.ended_at IS NULL
    AND s.organization_id = current_setting('app.organization')::uuid AND s.until > now())
  AND (current_setting('app.presented') = '' OR EXISTS (SELECT 1 FROM tenants_apitoken t
    WHERE t.secret_hash = current_setting('app.presented') AND t.revoked_at IS NULL
      AND t.expires_at > now())))"""
"""SQL: the person acting is let in now: an active member, or support that is let look (ACC-18);
and by a live token if by one at all."""


class Opening(Record):
    """One permission opened to one person on one engagement, with the reason."""

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="openings")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    person = models.ForeignKey(User, models.PROTECT, related_name="openings")
    permission = models.CharField(max_length=40)
    reason = models.CharField(max_length=300)
    ends_on = models.DateField(null=True, blank=True)
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("created_at",)
        constraints = (
            RowWall.shared(only=NOT_ONES_OWN, also_reads=OF_THE_ENGAGEMENT),
            OPENING_GUARD,
            models.UniqueConstraint(
                fields=["engagement", "person", "permission"], name="opening_once"
            ),
            models.CheckConstraint(name="opening_has_a_reason", condition=~Q(reason="")),
        )

    def __str__(self) -> str:
        return f"{self.permission} to {self.person}"


class EngagementAccess(UserObjectPermissionBase):
    """One permission one person holds on one engagement, in one organization, for a time.

    guardian's direct-foreign-key table. Rows are derived: `actions/access.py` alone writes them,
    as the union of live assignments and openings.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    content_object = models.ForeignKey(Engagement, models.CASCADE, related_name="access")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False
        unique_together = ()  # type: ignore[assignment]  # ours is a constraint, below
        default_permissions = ()
        constraints = (
            RowWall(
                sees=f"{any_of('content_object_id', 'firm_side')} AND NOT "
                f"({is_the('user_id', 'person')})",
                also_reads=f"({is_the('user_id', 'person')} AND {STANDS}) OR "
                f"{any_of('content_object_id', 'engagements')} OR "
                f"{any_of('content_object_id', 'overseen')}",
                rights=ALL,
            ),
            models.UniqueConstraint(
                fields=["user", "content_object", "permission"], name="access_once"
            ),
        )
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "organization"], name="access_of_a_person")
        ]

    view_permission = P.VIEW_ENGAGEMENT
