"""What the pages about imported lists share: the engagement and the list they are about."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from evidence.models import RequestImport
from evidence.queries import imports as queries
from tenants.errors import NotVisible, Refused
from tenants.models import Engagement
from tenants.permissions import P
from tenants.portal.base import Request, holds
from tenants.portal.engagements import found


@dataclass(frozen=True, slots=True)
class ImportScene:
    """The engagement and the list a page is about; may_draft: whether to offer what changes."""

    engagement: Engagement
    row: RequestImport
    may_draft: bool

    @property
    def url(self) -> str:
        """The list's own page."""
        return self._url("import")

    @property
    def columns_url(self) -> str:
        """The page of its columns."""
        return self._url("import_columns")

    @property
    def discard_url(self) -> str:
        """Where it is put aside."""
        return self._url("import_discard")

    @property
    def new_url(self) -> str:
        """Where another list is handed in."""
        return reverse("evidence:import_new", args=[self.engagement.pk])

    def _url(self, name: str) -> str:
        return reverse(f"evidence:{name}", args=[self.engagement.pk, self.row.pk])


def firm_engagement(request: Request, key: UUID) -> Engagement:
    """The engagement, for the firm's people. Raises NotVisible for everybody else."""
    anchor = found(request, key)
    if not holds(request, P.VIEW_FIRM_FILE, anchor):
        raise NotVisible("There is no such page, or it is not shown to you.")
    return anchor


def import_scene(request: Request, engagement: UUID, key: UUID) -> ImportScene:
    """What an address names. Raises NotVisible for what is foreign, absent or elsewhere."""
    anchor = firm_engagement(request, engagement)
    row = queries.handed_in(request.user, anchor).find(request.user, key)
    row.engagement = anchor
    return ImportScene(anchor, row, holds(request, P.DRAFT_REQUEST, anchor))


def require_open(about: ImportScene) -> None:
    """Raise Refused for a list that is imported or put aside."""
    if not queries.is_open(about.row):
        raise Refused(
            f"This list is {about.row.get_status_display().lower()}; hand it in again.",
            code="import_over",
        )
