"""What is still open: everything that holds an engagement in its phase, each one click away."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from tenants.findings import BLOCK, Stand
from tenants.models import Engagement
from tenants.permissions import P
from tenants.portal.base import Request, engagement_page, holds, signed_in
from tenants.queries.findings import open_findings
from tenants.visibility import RecordQuerySet


@dataclass(frozen=True, slots=True)
class Line:
    """One finding with the address of its cure; `decidable`: a partner may set it aside."""

    stand: Stand
    url: str
    decidable: bool


@signed_in
def index(request: Request, engagement: UUID) -> HttpResponse:
    """The list the gate reads, for the firm's people."""
    row = of_the_firm(request).find(request.user, engagement)
    may_decide = holds(request, P.DECIDE_ENGAGEMENT, row)
    lines = [
        Line(
            stand, reverse(stand.finding.route[0], args=stand.finding.route[1]),
            may_decide and stand.finding.level != BLOCK and not stand.settled,
        )
        for stand in open_findings(row)
    ]  # fmt: skip
    context = {
        "holding": [line for line in lines if line.stand.holds],
        "others": [line for line in lines if not line.stand.holds],
        "phase": row.get_held_from_display() or row.get_status_display(),
    }
    return engagement_page(request, row, "tenants/engagements/open.html", context)


def of_the_firm(request: Request) -> RecordQuerySet:
    """Engagements whose file the person reads, with both organizations."""
    rows = Engagement.objects.granting(request.user, P.VIEW_FIRM_FILE)
    found: RecordQuerySet = rows.select_related("firm", "client")
    return found
