"""From a file up to the sentences that rest on it; the firm's own."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse

from audits.queries import walk as above
from evidence.portal.base import found_link, scene
from evidence.queries import walk
from tenants.errors import NotVisible
from tenants.permissions import P
from tenants.portal.base import Request, engagement_page, holds, signed_in


@signed_in
def file(request: Request, engagement: UUID, evidence_request: UUID, link: UUID) -> HttpResponse:
    """A file, the controls it is evidence for, their items, and the opinion."""
    about = scene(request, engagement, evidence_request)
    if not holds(request, P.VIEW_FIRM_FILE, about.engagement):
        raise NotVisible("There is no such page, or it is not shown to you.")
    held = found_link(request, about, link)
    controls = walk.controls_of(held, request.user)
    items = above.up([row.pk for row in controls], request.user)
    context = {
        "row": about.row, "link": held, "version": held.file_version,
        "controls": above.of_controls(about.engagement, controls, request.user),
        "items": items,
        "opinion": above.opinion(
            about.engagement, [each.item.pk for each in items], request.user
        ),
    }  # fmt: skip
    return engagement_page(request, about.engagement, "evidence/walk/file.html", context)
