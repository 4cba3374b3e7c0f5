"""How rows reach a caller: `visible_to`, and one look-up of what the caller may do where.

Foreign and absent are one answer (ACC-4): what is not visible is not found.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self
from uuid import UUID

from django.db import models
from django.db.models.functions import Now
from uuid6 import uuid7

from tenants import acting
from tenants.choices import TrailZone
from tenants.errors import NotVisible
from tenants.permissions import P
from tenants.statements import planned

if TYPE_CHECKING:
    from tenants.models import User

Reach = Mapping[UUID, frozenset[str]]
"""Engagement id → the permissions the caller holds on it."""

_REACH = """select a.content_object_id, array_agg(p.codename::text)
from tenants_engagementaccess a join auth_permission p on p.id = a.permission_id
where a.user_id = %s and a.organization_id = %s
  and a.since <= statement_timestamp() and a.until > statement_timestamp()
group by 1"""
"""`live_access`, written out: nearly every call asks it."""


def new_key() -> UUID:
    """A key for a new row: UUIDv7, which tells the time of creation and no more."""
    return UUID(int=uuid7().int)


def live_access(user: User) -> models.QuerySet[Any]:
    """The access rows that count now for `user`, acting in the present organization."""
    from tenants.models import EngagementAccess

    return EngagementAccess.objects.filter(
        user=user,
        organization_id=acting.organization_id(),
        since__lte=Now(),
        until__gt=Now(),
    )


def reach(user: User) -> Reach:
    """What `user` may do on which engagement: read once while the same person acts (1 query).

    A token narrows it to its scopes (API-2, ACC-14).
    """
    acting.require_is_acting(user)
    known = acting.known()
    if "reach" not in known:
        scopes = frozenset(getattr(user, "token_scopes", ()))
        with planned() as cursor:
            cursor.execute(_REACH, [user.pk, acting.organization_id()])
            known["reach"] = {
                engagement: frozenset(held) & scopes if scopes else frozenset(held)
                for engagement, held in cursor
            }
    found: Reach = known["reach"]
    return found


def engagements_granting(user: User, permission: P) -> list[UUID]:
    """Ids of the engagements on which `user` holds `permission`."""
    return [engagement for engagement, held in reach(user).items() if permission in held]


class RecordQuerySet(models.QuerySet[Any]):
    """Rows of an engagement, reached by what the caller may do there."""

    def visible_to(self, user: User) -> Self:
        """The rows `user` may know of."""
        return self.granting(user, self.model.view_permission)

    def granting(self, user: User, permission: P) -> Self:
        """The visible rows on whose engagement `user` also holds `permission`."""
        return self.filter(**{f"{self.model.parent}__in": engagements_granting(user, permission)})

    def find(self, user: User, pk: UUID | str) -> Any:
        """One visible row. Raises NotVisible for foreign and absent alike."""
        try:
            return self.visible_to(user).get(pk=pk)
        except (self.model.DoesNotExist, ValueError, TypeError) as absent:
            raise NotVisible("There is no such record, or it is not shown to you.") from absent


class Record(models.Model):
    """A row of an engagement. `parent` is the key that leads to it, its value the engagement's id.

    `version` rises by one with each change; surfaces carry it as the ETag (API-5).
    """

    parent: ClassVar[str] = "engagement_id"
    view_permission: ClassVar[P] = P.VIEW_ENGAGEMENT
    trail_zone: ClassVar[str] = TrailZone.SHARED
    """Who reads of it in the trail, where an act says nothing else."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[Any] = RecordQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def anchor(self) -> Any:
        """The engagement on which permissions for this record are asked."""
        return self.engagement  # type: ignore[attr-defined]


class FirmRecord(Record):
    """A row of the firm's own file: the client sees neither it nor what is told of it (AC-02)."""

    view_permission: ClassVar[P] = P.VIEW_FIRM_FILE
    trail_zone: ClassVar[str] = TrailZone.FIRM

    class Meta:
        abstract = True


class ClientRecord(Record):
    """A row that the client keeps to itself until it hands it over (AC-03)."""

    view_permission: ClassVar[P] = P.VIEW_CLIENT_FILE
    trail_zone: ClassVar[str] = TrailZone.CLIENT

    class Meta:
        abstract = True
