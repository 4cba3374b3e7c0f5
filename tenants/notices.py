"""Telling people: a line in their inbox at once, and one mail a day for what is new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from tenants import outbox
from tenants.models import Assignment, Notice, Organization, User
from tenants.rules.digests import moments, next_morning

DIGEST = "tenants.mail_digest"
Told = tuple[str, str]
"""What a notice says, and the path it leads to."""
Describe = Callable[[Sequence[Notice], User], dict[UUID, Told]]
"""Notices of one kind → text and path by notice id, for those that still matter."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of notice: the heading it stands under, and how its lines are written."""

    title: str
    describe: Describe


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an inbox or a mail."""

    notice: Notice
    title: str
    text: str
    path: str


KINDS: dict[str, Kind] = {}
"""Kind → how it is told; each app registers its own."""


def tell(
    kind: str, subject: UUID, engagement_id: UUID, people: Iterable[UUID], *, period: str
) -> None:
    """Note `kind` of `subject` for people of the engagement, each once per `period`.

    Runs as the engagement (in a task); people who are not on it are left out.
    """
    rows = Assignment.objects.filter(engagement_id=engagement_id, person_id__in=set(people))
    concerned = list(rows.values_list("person_id", "organization_id"))
    Notice.objects.bulk_create(
        (
            Notice(
                engagement_id=engagement_id, organization_id=organization, person_id=person,
                kind=kind, subject=subject, period=period,
            )
            for person, organization in concerned
        ),
        ignore_conflicts=True,
    )  # fmt: skip
    plan_digests(engagement_id, concerned)


def plan_digests(
    engagement_id: UUID | None, people: Iterable[tuple[UUID, UUID]], *, can_wait: bool = False
) -> None:
    """Ask for the next mail of each (person, organization), in their organization's zone.

    One for today and one for tomorrow: if today's has gone out, tomorrow's carries the news;
    a digest with nothing new sends no mail. What `can_wait` goes with the next morning's, or with
    an earlier one that has other news. Runs as the engagement that has the news, or (None) as the
    organization.
    """
    people = sorted(set(people))  # in one order, so that two tasks never wait for each other
    if not people:
        return
    zones = {
        organization.pk: organization.zone
        for organization in Organization.objects.filter(pk__in={each[1] for each in people})
    }
    now = timezone.now()
    hour, gather = settings.DIGEST_HOUR, settings.DIGEST_GATHER_SECONDS
    days = {
        pk: next_morning(now, zone, hour) if can_wait else moments(now, zone, hour, gather)
        for pk, zone in zones.items()
    }
    asked = [
        (person, organization, due_at, f"digest:{person}:{organization}:{day}")
        for person, organization in people
        for day, due_at in days[organization]
    ]
    outbox.enqueue_for_people(DIGEST, asked, engagement_id=engagement_id)


def lines_for(notices: Sequence[Notice], user: User) -> list[Line]:
    """What notices say to `user` now, in their order; those that no longer matter are left out.

    One call per kind, so a fixed number of queries whatever the number of notices.
    """
    by_kind: dict[str, list[Notice]] = {}
    for notice in notices:
        by_kind.setdefault(notice.kind, []).append(notice)
    told: dict[UUID, tuple[str, Told]] = {}
    for name, some in by_kind.items():
        if kind := KINDS.get(name):
            described = kind.describe(some, user)
            told.update({pk: (kind.title, words) for pk, words in described.items()})
    return [
        Line(notice, title, text, path)
        for notice in notices
        if notice.pk in told
        for title, (text, path) in [told[notice.pk]]
    ]
