"""What hangs on the scope of an engagement: mappings, and what higher apps add."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Count

from audits.models import ControlMapping, ScopeItem
from tenants.findings import BLOCK, Finding
from tenants.models import Engagement

NAMED = 6
"""How many holes a refusal names."""


@dataclass(frozen=True, slots=True)
class RequestCounts:
    """How many evidence requests name each control and each scope item, by their ids."""

    by_control: Mapping[UUID, int] = field(default_factory=dict)
    by_scope_item: Mapping[UUID, int] = field(default_factory=dict)


REQUEST_COUNTS: list[Callable[[Engagement], RequestCounts]] = []
"""A higher app adds what counts its records on controls and scope items: a query or two each."""


def request_counts(engagement: Engagement) -> RequestCounts:
    """The counts of all higher apps together."""
    controls: Counter[UUID] = Counter()
    items: Counter[UUID] = Counter()
    for ask in REQUEST_COUNTS:
        found = ask(engagement)
        controls.update(found.by_control)
        items.update(found.by_scope_item)
    return RequestCounts(dict(controls), dict(items))


def uses_of_scope_items(engagement: Engagement) -> dict[str, int]:
    """How many mappings and requests name each scope item, by identifier; unused ones left out."""
    requests = request_counts(engagement).by_scope_item
    mapped = dict(
        ControlMapping.objects.filter(engagement=engagement)
        .values_list("scope_item")
        .annotate(count=Count("pk"))
    )
    return {
        identifier: count
        for pk, identifier in ScopeItem.objects.filter(engagement=engagement).values_list(
            "pk", "identifier"
        )
        if (count := mapped.get(pk, 0) + requests.get(pk, 0))
    }


def open_before_fieldwork(engagement: Engagement) -> list[Finding]:
    """What keeps planning open: nothing is examined, or an item has no control (2 queries)."""
    items = ScopeItem.objects.filter(engagement=engagement)
    if not items.exists():
        return [
            Finding(
                "RT-08", BLOCK, "Nothing is examined yet.",
                "Choose the client's control objectives first.",
                ("audits:scope", (engagement.pk,)),
            )
        ]  # fmt: skip
    holes = list(items.filter(relevant=True, mappings=None).values_list("identifier", flat=True))
    if not holes:
        return []
    names = ", ".join(holes[:NAMED]) + (" …" if len(holes) > NAMED else "")
    one = len(holes) == 1
    return [
        Finding(
            "RT-04", BLOCK,
            f"{len(holes)} {'item has' if one else 'items have'} no control yet ({names}).",
            f"Map a control to {'it' if one else 'each'}, or leave it out with a reason.",
            ("audits:coverage", (engagement.pk,)), facts={"holes": holes},
        )
    ]  # fmt: skip
