"""The trail as people read it: newest first, by cursor, filtered by who, what and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from tenants.models import Engagement, Organization, TrailEntry, User
from tenants.permissions import P
from tenants.visibility import RecordQuerySet


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the trail, newest first, and the entries from which to go on; None at an end."""

    entries: list[TrailEntry]
    newer_from: UUID | None
    older_from: UUID | None


@dataclass(frozen=True, slots=True)
class Facets:
    """What the trail of one engagement can be filtered by; people as (id, name)."""

    people: list[tuple[str, str]]
    verbs: list[str]
    subjects: list[str]


def of_engagement(user: User, engagement: Engagement) -> RecordQuerySet:
    """What was done on the engagement, as far as `user` may read it, newest first."""
    return TrailEntry.objects.visible_to(user).filter(engagement_id=engagement.pk)


def of_organization(user: User, organization: Organization) -> RecordQuerySet:
    """What belongs to no engagement: people, sign-ins, settings, grants; for administrators of
    the organization they act in, newest first. None for anybody else."""
    if not user.has_perm(P.MANAGE_ORGANIZATION, organization):
        return TrailEntry.objects.none()
    return TrailEntry.objects.filter(engagement_id=None, organization_id=organization.pk)


def of_book(user: User, book: Engagement | Organization) -> RecordQuerySet:
    """What was done in a book, as far as `user` may read it, newest first."""
    if isinstance(book, Engagement):
        return of_engagement(user, book)
    return of_organization(user, book)


def permission_to_read(book: Engagement | Organization) -> P:
    """What is asked on the book of whoever reads or exports it."""
    return P.VIEW_TRAIL if isinstance(book, Engagement) else P.MANAGE_ORGANIZATION


def narrowed(
    rows: RecordQuerySet, *, person: str = "", verb: str = "", subject: str = "",
    since: str = "", until: str = "", refusals: str = "",
) -> RecordQuerySet:  # fmt: skip
    """Rows by one person, of one verb, on one kind of record, of some days; empty means any.

    since, until: first and last day as ISO text, in the present time zone. `refusals`: those alone.
    """
    asked = {
        "person_id": person, "verb": "refused" if refusals else verb, "subject_type": subject,
        "at__date__gte": since, "at__date__lte": until,
    }  # fmt: skip
    return rows.filter(**{name: value for name, value in asked.items() if value})


def stretch(
    rows: RecordQuerySet, size: int, *, before: str | UUID = "", after: str | UUID = ""
) -> Stretch:
    """`size` entries older than the entry `before`, or newer than `after`, or the newest.

    An id that is not among `rows` counts as not given. At most 2 queries.
    """
    anchor = _anchor(rows, before or after)
    forward = anchor is not None and not before
    if anchor is not None:
        rows = rows.filter(_beyond(anchor, newer=forward))
    found = list(rows.order_by("at", "id")[: size + 1] if forward else rows[: size + 1])
    more, found = len(found) > size, found[:size]
    if forward:
        found.reverse()
    newer = anchor is not None and (more if forward else True)
    older = more if not forward else True
    return Stretch(
        found,
        found[0].pk if found and newer else None,
        found[-1].pk if found and older else None,
    )


def facets(rows: RecordQuerySet) -> Facets:
    """Who and what occurs among `rows` (3 queries)."""
    plain = rows.order_by()
    people = plain.exclude(person_id=None).values_list("person_id", "person_name").distinct()
    named = {str(key): name for key, name in people}
    return Facets(
        sorted(named.items(), key=lambda pair: pair[1]),
        sorted(plain.values_list("verb", flat=True).distinct()),
        sorted(plain.values_list("subject_type", flat=True).distinct()),
    )


def people_of(entries: list[TrailEntry]) -> dict[UUID, User]:
    """The people who did what `entries` tell, by id (1 query, none without entries)."""
    ids = {entry.person_id for entry in entries if entry.person_id}
    return User.objects.in_bulk(ids) if ids else {}


def _anchor(rows: RecordQuerySet, key: Any) -> TrailEntry | None:
    try:
        return rows.filter(pk=UUID(str(key))).first() if key else None
    except ValueError:
        return None


def _beyond(anchor: TrailEntry, *, newer: bool) -> Q:
    """Strictly newer or older than the anchor, in the order of moment and id."""
    if newer:
        return Q(at__gt=anchor.at) | Q(at=anchor.at, id__gt=anchor.pk)
    return Q(at__lt=anchor.at) | Q(at=anchor.at, id__lt=anchor.pk)
