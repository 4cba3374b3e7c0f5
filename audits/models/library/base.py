"""What every row of a client's library shares."""

from __future__ import annotations

from typing import Any, ClassVar, Self
from uuid import UUID

from django.db import models
from django.db.models import Q

from tenants import acting
from tenants.choices import EngagementStatus
from tenants.errors import NotVisible
from tenants.models import Engagement, Organization, User
from tenants.permissions import P
from tenants.visibility import engagements_granting, new_key

PARTED = (EngagementStatus.LOCKED, EngagementStatus.DISPOSED, EngagementStatus.CLOSED)
"""A firm reads the library while it works with the client; later only its own file (AC-07)."""


class LibraryQuerySet(models.QuerySet[Any]):
    """Rows of the libraries a caller may read: their own organization's, or their clients'."""

    def visible_to(self, user: User) -> Self:
        """The client's people see their own library; the firm's, those of their engagements."""
        acting.require_is_acting(user)
        clients = Engagement.objects.filter(
            pk__in=engagements_granting(user, P.VIEW_FIRM_FILE)
        ).exclude(status__in=PARTED)
        return self.filter(
            Q(client_id=acting.current().organization_id)
            | Q(client_id__in=clients.values("client_id"))
        )

    def find(self, user: User, pk: UUID | str) -> Any:
        """One visible row. Raises NotVisible for foreign and absent alike."""
        try:
            return self.visible_to(user).get(pk=pk)
        except (self.model.DoesNotExist, ValueError, TypeError) as absent:
            raise NotVisible("There is no such record, or it is not shown to you.") from absent


class LibraryRecord(models.Model):
    """A row of a client's library; permissions for it are asked of the client."""

    view_permission: ClassVar[P] = P.VIEW_ORGANIZATION

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    client = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[Any] = LibraryQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def anchor(self) -> Organization:
        """The client whose library this is."""
        return self.client


class OwnLibraryQuerySet(LibraryQuerySet):
    """Rows that the client keeps to itself."""

    def visible_to(self, user: User) -> Self:
        """The client's people see them, in their own organization; no firm does."""
        acting.require_is_acting(user)
        return self.filter(client_id=acting.current().organization_id)


class OwnLibraryRecord(LibraryRecord):
    """A row of a client's library that no firm reads: drafts and monitoring (AC-03, CM-07)."""

    objects: ClassVar[Any] = OwnLibraryQuerySet.as_manager()

    class Meta:
        abstract = True
