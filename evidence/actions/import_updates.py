"""Changing many drafts as a list says, in a number of statements that does not grow with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from evidence.actions.request_fields import LINKS
from evidence.choices import Part
from evidence.models import (
    EvidenceRequest,
    Handling,
    RequestControl,
    RequestPerson,
    RequestScopeItem,
)
from evidence.models.evidence_requests import OfARequest
from tenants import outbox, trail
from tenants.choices import TrailZone
from tenants.models import User

Change = tuple[EvidenceRequest, Mapping[str, Any]]
"""A locked draft whose columns are set already, and all the values it was given."""

BATCH = 200


def save_drafts(changes: Sequence[Change], *, by: User, engagement_id: UUID) -> None:
    """Save changed drafts and their links as `request_edits.edit` would, and record each.

    The caller asked the permission, locked the rows and set their columns. A value's name is a
    field of a request; links are ids.
    """
    rows = [row for row, _ in changes]
    _replace(RequestControl, "control_id", _wanted(changes, "controls"), {})
    _replace(RequestScopeItem, "scope_item_id", _wanted(changes, "scope_items"), {})
    people = _wanted(changes, "contributors")
    _stop_watching(people)
    _replace(RequestPerson, "person_id", people, {"part": Part.CONTRIBUTOR})
    _name(rows)
    for row in rows:
        row.version += 1
    columns = {name for _, values in changes for name in values} - set(LINKS)
    if "owner_email" in columns:
        columns.add("owner")
    EvidenceRequest.objects.bulk_update(rows, [*sorted(columns), "named", "version"], BATCH)
    _record(changes, by, engagement_id)


def _wanted(changes: Sequence[Change], name: str) -> dict[EvidenceRequest, set[UUID]]:
    return {row: set(values[name]) for row, values in changes if name in values}


def _replace(
    through: type[OfARequest],
    key: str,
    wanted: Mapping[EvidenceRequest, set[UUID]],
    more: Mapping[str, Any],
) -> None:
    """Let each request have exactly the wanted links of one kind: at most 3 statements."""
    if not wanted:
        return
    held: dict[UUID, dict[UUID, UUID]] = defaultdict(dict)
    links = through.objects.filter(evidence_request__in=list(wanted), **more)
    for pk, request_id, target in links.values_list("pk", "evidence_request_id", key):
        held[request_id][target] = pk
    surplus = [
        pk for row in wanted for target, pk in held[row.pk].items() if target not in wanted[row]
    ]
    through.objects.filter(pk__in=surplus).delete()
    through.objects.bulk_create(
        through(
            engagement_id=row.engagement_id, evidence_request=row, **{key: target}, **more
        )
        for row, targets in wanted.items()
        for target in sorted(targets - set(held[row.pk]))
    )  # fmt: skip


def _stop_watching(wanted: Mapping[EvidenceRequest, set[UUID]]) -> None:
    """A person has one part in a request: who becomes a contributor is no watcher any more."""
    if not wanted:
        return
    watching = RequestPerson.objects.filter(
        evidence_request__in=list(wanted), part=Part.WATCHER
    ).select_related("evidence_request")
    ended = [each.pk for each in watching if each.person_id in wanted[each.evidence_request]]
    if ended:
        RequestPerson.objects.filter(pk__in=ended).delete()


def _name(rows: Sequence[EvidenceRequest]) -> None:
    """Set `named` on the rows in hand, as `named.rename` does on one: 2 statements."""
    ids = [row.pk for row in rows]
    named: dict[UUID, set[UUID]] = defaultdict(set)
    people = RequestPerson.objects.filter(evidence_request__in=ids)
    for request_id, person in people.values_list("evidence_request_id", "person_id"):
        named[request_id].add(person)
    handling = Handling.objects.filter(evidence_request__in=ids)
    for request_id, *who in handling.values_list(
        "evidence_request_id", "assignee_id", "reviewer_id"
    ):
        named[request_id].update(_known(who))
    for row in rows:
        row.named = sorted(named[row.pk] | set(_known([row.owner_id, row.created_by_id])))


def _known(people: Iterable[UUID | None]) -> list[UUID]:
    return [person for person in people if person]


def _record(changes: Sequence[Change], by: User, engagement_id: UUID) -> None:
    """One trail entry for each draft, in one statement for each set of fields."""
    alike: dict[tuple[str, ...], list[EvidenceRequest]] = defaultdict(list)
    for row, values in changes:
        alike[tuple(sorted(values))].append(row)
    for names, rows in alike.items():
        trail.record_many(
            "edited", rows, by=by, engagement_id=engagement_id, zone=TrailZone.FIRM,
            detail={"fields": list(names)},
        )  # fmt: skip
        for row in rows:
            outbox.enqueue_followers(row, "edited", engagement_id)
