"""One's own inbox: what one should know, newest first."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from tenants import notices
from tenants.actions import inbox as actions
from tenants.errors import NotVisible
from tenants.portal.base import Request, back, signed_in
from tenants.portal.paging import numbered
from tenants.queries import inbox

ALL = "all"


@signed_in
def index(request: Request) -> HttpResponse:
    """The person's unread notices in the organization they act in, or all of them."""
    everything = request.GET.get("view") == ALL
    rows = inbox.own(request.user) if everything else inbox.unread(request.user)
    page = numbered(request, rows, "notices")
    context = {
        "page": page,
        "lines": notices.lines_for(page.rows, request.user),
        "everything": everything,
        "views": [
            {"label": "Unread", "url": "?", "active": not everything, "count": None},
            {"label": "All", "url": f"?view={ALL}", "active": everything, "count": None},
        ],
    }
    return render(request, "tenants/inbox.html", context)


@require_POST
@signed_in
def read(request: Request, notice: UUID) -> HttpResponse:
    """Go where a notice leads, and count it as read; `stay` only counts it."""
    row = inbox.own(request.user).filter(pk=notice).first()
    if row is None:
        raise NotVisible("There is no such notice.")
    lines = notices.lines_for([row], request.user)
    actions.mark_read(request.user, [row.pk])
    if lines and "stay" not in request.POST:
        return redirect(lines[0].path)
    return back(request, "tenants:inbox")


@require_POST
@signed_in
def read_all(request: Request) -> HttpResponse:
    """Count everything as read."""
    actions.mark_all_read(request.user)
    return back(request, "tenants:inbox", says="Everything is marked as read.")
