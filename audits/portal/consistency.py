"""What disagrees (CM-04): one page for the client, another for the firm."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from audits.portal.library import page, place_of
from audits.queries import consistency
from audits.rules.consistency import Inconsistency
from tenants.errors import NotVisible
from tenants.permissions import P
from tenants.portal.base import Request, engagement_page, holds, may, signed_in
from tenants.portal.engagements import found

WALKED = ("walked_otherwise", "walked_before")


@signed_in
def own(request: Request) -> HttpResponse:
    """What disagrees in one's own library."""
    place = place_of(request)
    edits = may(request, P.EDIT_LIBRARY)
    lines = consistency.of_library(place.client, request.user)
    rows = [{"line": line, "url": _library_place(line, edits)} for line in lines]
    return page(request, place, "audits/consistency/own.html", {"rows": rows})


@signed_in
def of_an_engagement(request: Request, engagement: UUID) -> HttpResponse:
    """What disagrees between copies, library and walkthroughs; for the firm alone."""
    row = found(request, engagement)
    if not holds(request, P.VIEW_FIRM_FILE, row):
        raise NotVisible("There is no such page, or it is not shown to you.")
    lines = consistency.of_engagement(row, request.user)
    rows = [{"line": line, "url": _engagement_place(line, row.pk)} for line in lines]
    template = "audits/consistency/of_an_engagement.html"
    return engagement_page(request, row, template, {"rows": rows})


def _library_place(line: Inconsistency, edits: bool) -> str:
    if line.key is None:
        return reverse("audits:library")
    return reverse("audits:library_edit" if edits else "audits:library_control", args=[line.key])


def _engagement_place(line: Inconsistency, engagement: UUID) -> str:
    name = "audits:walked_control" if line.kind in WALKED else "audits:control"
    return reverse(name, args=[engagement, line.key])
