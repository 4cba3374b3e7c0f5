"""What the request list can be narrowed by: values that occur, and what requests are for."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, Value

from audits.models import EngagementControl, ScopeItem
from evidence.models.evidence_requests import EvidenceRequestQuerySet
from evidence.queries.browsing import NOBODY
from tenants.models import Engagement


@dataclass(frozen=True, slots=True)
class Facets:
    """What occurs among the requests: areas, owners as (id, name)."""

    areas: list[str]
    owners: list[tuple[str, str]]


def facets(rows: EvidenceRequestQuerySet) -> Facets:
    """Areas and owners that occur (1 query)."""
    found = set(rows.order_by().values_list("area", "owner_id", "owner__name").distinct())
    owners = {str(key): name for _, key, name in found if key}
    nobody = [(NOBODY, "Nobody yet")] if any(key is None for _, key, _ in found) else []
    return Facets(
        sorted({area for area, _, _ in found if area}, key=str.lower),
        nobody + sorted(owners.items(), key=lambda pair: pair[1].lower()),
    )


def purposes(engagement: Engagement) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Controls, then scope items, as (key for `Asked.purpose`, "CM-01 Title") (1 query)."""
    items = ScopeItem.objects.filter(engagement=engagement, relevant=True).order_by()
    controls = EngagementControl.objects.filter(engagement=engagement).order_by()
    both = items.annotate(sort=Value("s"), place=F("position")).values_list(
        "sort", "place", "identifier", "title", "id"
    )
    both = both.union(
        controls.annotate(sort=Value("c"), place=Value(0)).values_list(
            "sort", "place", "ref", "title", "id"
        ),
        all=True,
    )
    found: dict[str, list[tuple[str, str]]] = {"c": [], "s": []}
    for sort, _, name, title, key in sorted(both, key=lambda each: each[:3]):
        found[sort].append((f"{sort}:{key}", f"{name} {title}"))
    return found["c"], found["s"]
