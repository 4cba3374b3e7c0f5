"""An engagement's requests as lists speak of them: for export, and to plan an import against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from evidence.choices import OVER, Part
from evidence.models import EvidenceRequest, RequestControl, RequestPerson, RequestScopeItem
from evidence.rules.request_list_plan import RequestFacts
from tenants.models import Engagement, User

Named = dict[UUID, list[str]]

PLAIN = (
    "ref", "title", "description", "area", "acceptance_hint", "kind", "requested_on", "due_on",
    "priority", "status", "sensitivity", "period_from", "period_to", "as_of",
)  # fmt: skip
"""Columns that a list has as the request has them."""

CLOSED = "it is {}; reopen it first, or leave the row as it is there"


def facts_of(engagement: Engagement, user: User) -> list[RequestFacts]:
    """The engagement's requests that `user` sees, in the order in which they were written.

    Four queries, however many there are. `key` is the request's id; criteria are the identifiers
    of its scope items, people their addresses, those who are not here yet included.
    """
    return facts_of_rows(EvidenceRequest.objects.visible_to(user).filter(engagement=engagement))


def facts_of_rows(requests: Any) -> list[RequestFacts]:
    """The facts of a queryset of visible requests, in the order in which they were written."""
    rows = list(requests.select_related("owner").order_by("id"))
    ids = [row.pk for row in rows]
    controls = _named(RequestControl, ids, "control__ref")
    criteria = _named(RequestScopeItem, ids, "scope_item__identifier", "scope_item__position")
    people = _named(RequestPerson, ids, "person__email", part=Part.CONTRIBUTOR)
    return [_facts(row, controls, criteria, people) for row in rows]


def _named(through: Any, ids: Iterable[UUID], name: str, order: str = "", **narrow: Any) -> Named:
    """Request id → names of what it is linked to, in order (1 query)."""
    found: Named = defaultdict(list)
    rows = through.objects.filter(evidence_request__in=ids, **narrow).order_by(order or name)
    for request_id, value in rows.values_list("evidence_request_id", name):
        found[request_id].append(value)
    return found


def _facts(row: EvidenceRequest, controls: Named, criteria: Named, people: Named) -> RequestFacts:
    asked = [part.strip() for part in row.owner_email.split(";") if part.strip()]
    owner = row.owner.email if row.owner else next(iter(asked), "")
    contributors = dict.fromkeys([*people.get(row.pk, ()), *asked])
    return RequestFacts(
        key=str(row.pk),
        criteria=tuple(criteria.get(row.pk, ())),
        whole_scope=row.covers_all_scope,
        controls=tuple(controls.get(row.pk, ())),
        owner_email=owner,
        contributors=tuple(email for email in contributors if email != owner),
        closed_because=CLOSED.format(row.get_status_display().lower())
        if row.status in OVER
        else "",
        **{name: getattr(row, name) for name in PLAIN},
    )
