"""Pages that lead from a conclusion down to the bytes it rests on, and back up."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse

from audits.models import EngagementControl, ScopeItem
from audits.queries import walk
from tenants.portal.base import Request, engagement_page, signed_in
from tenants.portal.findings import of_the_firm


@signed_in
def item(request: Request, engagement: UUID, scope_item: UUID) -> HttpResponse:
    """An item between the opinion above it and its controls, tests and files below."""
    row = of_the_firm(request).find(request.user, engagement)
    rows = ScopeItem.objects.select_related("engagement").filter(engagement=row)
    held = rows.find(request.user, scope_item)
    context = {
        "item": held,
        "conclusion": held.conclusions.visible_to(request.user).first(),
        "controls": walk.down(held, request.user),
        "opinion": walk.opinion(row, [held.pk], request.user),
    }
    return engagement_page(request, row, "audits/walk/item.html", context)


@signed_in
def control(request: Request, engagement: UUID, control: UUID) -> HttpResponse:
    """A control between the items it answers to and what was seen of it."""
    row = of_the_firm(request).find(request.user, engagement)
    rows = EngagementControl.objects.filter(engagement=row)
    held = rows.find(request.user, control)
    items = walk.up([held.pk], request.user)
    (below,) = walk.of_controls(row, [held], request.user)
    opinion = walk.opinion(row, [each.item.pk for each in items], request.user)
    context = {"line": below, "items": items, "opinion": opinion}
    return engagement_page(request, row, "audits/walk/control.html", context)
