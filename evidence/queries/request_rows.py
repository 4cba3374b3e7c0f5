"""Requests as a program's list shows them: few columns, and as many queries for 20 as for 200.

A row is a dict of column values; what lies in other tables is read for the whole page at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import DateField, F, Func, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import RawSQL
from django.utils import timezone

from evidence.choices import WITH_CLIENT
from evidence.models import Handling, RequestControl, RequestScopeItem
from tenants.models import Engagement, User
from tenants.permissions import P
from tenants.visibility import engagements_granting

Row = dict[str, Any]

COLUMNS = (
    "id", "version", "ref", "title", "area", "kind", "priority", "status", "sensitivity",
    "covers_all_scope", "owner_email", "requested_on", "due_on", "proposed_due_on",
    "submitted_at", "return_count", "return_reason", "created_at",
)  # fmt: skip
"""Shown as they are."""
KEYS = ("engagement_id", "owner_id", "owner_name")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a listed request stands: enough to tell which moves it offers."""

    status: str
    kind: str
    owner_id: UUID | None
    engagement_id: UUID
    engagement: Engagement

    @property
    def anchor(self) -> Engagement:
        """The engagement on which permissions are asked."""
        return self.engagement


def as_rows(rows: QuerySet[Any]) -> QuerySet[Any, Row]:
    """The requests as rows of COLUMNS and KEYS; a count of them reads no other table."""
    owners = User.objects.filter(pk=OuterRef("owner_id")).values("name")
    found: QuerySet[Any, Row] = rows.annotate(owner_name=Subquery(owners)).values(*COLUMNS, *KEYS)
    return found


_FIRST_OF_EACH = """SELECT page.*, (SELECT name FROM tenants_user u WHERE u.id = page.owner_id)
  AS owner_name FROM (
    SELECT request.* FROM unnest(%s::uuid[]) AS each (id) CROSS JOIN LATERAL ({inner}) AS request
    ORDER BY request._key0 ASC NULLS LAST, request._key1 LIMIT %s) AS page
  ORDER BY page._key0 ASC NULLS LAST, page._key1"""


def soonest(rows: QuerySet[Any, Row], most: int, user: User) -> list[Row]:
    """The first `most` of `as_rows` that `pages.ordered` has put by due date: 1 query.

    Takes the first of each engagement by its index, then the first of those: the one form that
    is fast for small and large engagements alike. Where `user` sees but some requests of an
    engagement, their few are found and sorted.
    """
    engagements = engagements_granting(user, P.VIEW_ALL_REQUESTS)
    if set(engagements) != set(engagements_granting(user, P.VIEW_ENGAGEMENT)):
        return list(rows[:most])
    inner = rows.values(*COLUMNS, "engagement_id", "owner_id", "_key0", "_key1")
    inner = inner.filter(engagement_id=RawSQL("each.id", ()))[:most]
    try:
        sql, values = inner.query.sql_with_params()
    except EmptyResultSet:  # of no engagement, or narrowed to nothing
        return []
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_OF_EACH.format(inner=sql), [engagements, *values, most])
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def overdue() -> Q:
    """Past the due date by the client's own calendar, while the client is to act."""
    zone = F("engagement__client__time_zone")
    today = Func(zone, template="(now() AT TIME ZONE %(expressions)s)::date",
                 output_field=DateField())  # fmt: skip
    return Q(status__in=WITH_CLIENT, due_on__lt=today)


def is_overdue(status: str, due_on: date | None, time_zone: str) -> bool:
    """Whether a request in hand is overdue; `time_zone` is the client's."""
    if due_on is None or status not in WITH_CLIENT:
        return False
    return due_on < _today(time_zone)


def _today(time_zone: str) -> date:
    return timezone.localdate(timezone=ZoneInfo(time_zone))


def complete(rows: Sequence[Row], wanted: Collection[str]) -> list[tuple[Row, Standing]]:
    """Each row with `engagement`, `owner`, `overdue`, and those of `wanted` that take a query:
    `controls`, `scope_items` (together 1 query), `assignee`, `reviewer` (1).

    1 query more for the engagements of the page.
    """
    ids = [row["id"] for row in rows]
    keys = {row["engagement_id"] for row in rows}
    engagements = Engagement.objects.select_related("client").in_bulk(keys)
    days = {key: _today(each.client.time_zone) for key, each in engagements.items()}
    links = _links(ids) if {"controls", "scope_items"} & set(wanted) else {}
    handled = _handled(ids) if {"assignee", "reviewer"} & set(wanted) else {}
    found = []
    for row in rows:
        pk, key, name = row["id"], row["owner_id"], row["owner_name"]
        engagement = engagements[row["engagement_id"]]
        row["engagement"] = engagement.pk
        row["owner"] = {"id": key, "name": name} if key else None
        late = row["due_on"] is not None and row["due_on"] < days[engagement.pk]
        row["overdue"] = late and row["status"] in WITH_CLIENT
        row["controls"], row["scope_items"] = links.get((pk, "c"), []), links.get((pk, "s"), [])
        row["assignee"], row["reviewer"] = handled.get(pk, (None, None))
        found.append((row, Standing(row["status"], row["kind"], key, engagement.pk, engagement)))
    return found


def _any_of(ids: list[UUID]) -> RawSQL:
    """The ids as one value: a list of 200 would be 200, each of them to be quoted."""
    return RawSQL("SELECT unnest(%s::uuid[])", (ids,))


def _links(ids: list[UUID]) -> dict[tuple[UUID, str], list[Row]]:
    """(request, "c" or "s") → the controls or scope items it serves, in their own order."""
    controls = RequestControl.objects.filter(evidence_request__in=_any_of(ids)).annotate(
        sort=Value("c"), name=F("control__ref"), place=Value(0)
    )
    items = RequestScopeItem.objects.filter(evidence_request__in=_any_of(ids)).annotate(
        sort=Value("s"), name=F("scope_item__identifier"), place=F("scope_item__position")
    )
    columns = ("sort", "place", "name", "evidence_request_id")
    both = controls.values_list(*columns, "control_id").union(
        items.values_list(*columns, "scope_item_id"), all=True
    )
    found: dict[tuple[UUID, str], list[Row]] = defaultdict(list)
    for sort, _, name, request, key in sorted(both, key=lambda each: each[:3]):
        named = {"id": key, "ref": name} if sort == "c" else {"id": key, "identifier": name}
        found[request, sort].append(named)
    return found


def _handled(ids: list[UUID]) -> dict[UUID, tuple[Row | None, Row | None]]:
    """Request → (assignee, reviewer); the table holds nothing for a client (AC-02)."""
    rows = Handling.objects.filter(evidence_request__in=_any_of(ids)).values_list(
        "evidence_request_id", "assignee_id", "assignee__name", "reviewer_id", "reviewer__name"
    )
    return {
        request: (
            {"id": assignee, "name": assignee_name} if assignee else None,
            {"id": reviewer, "name": reviewer_name} if reviewer else None,
        )
        for request, assignee, assignee_name, reviewer, reviewer_name in rows
    }
