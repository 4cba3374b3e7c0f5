"""Populations that wait: to be accepted, and to be drawn from."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse

from audits.choices.populations import PopulationStatus as S
from audits.models.populations import Population
from tenants.models import User
from tenants.permissions import P
from tenants.queries.waiting import SHOWN, WaitingGroup, WaitingItem


def populations_to_accept(user: User) -> list[WaitingGroup]:
    """Populations that were read and nobody has accepted (1 query)."""
    rows = Population.objects.granting(user, P.ACCEPT_POPULATION).filter(status=S.READY)
    return _group(rows, "Populations to accept", "To accept", "Accept")


def samples_to_draw(user: User) -> list[WaitingGroup]:
    """Accepted populations with rows from which nothing was drawn (1 query)."""
    rows = Population.objects.granting(user, P.PLAN_TEST).filter(
        status=S.ACCEPTED, row_count__gt=0, samples__isnull=True
    )
    return _group(rows, "Samples to draw", "To draw", "Draw from")


def _group(rows: QuerySet[Population], title: str, label: str, verb: str) -> list[WaitingGroup]:
    found = list(rows.select_related("engagement", "test__control").order_by("ready_at"))
    if not found:
        return []
    items = [
        WaitingItem(
            f"{verb} {row.test.control.ref}, {str(row).lower()}",
            reverse("audits:population", args=[row.engagement_id, row.pk]),
            engagement=row.engagement.title,
        )
        for row in found[:SHOWN]
    ]
    return [WaitingGroup(title, label, items, len(found), url=items[0].url, icon="database")]
