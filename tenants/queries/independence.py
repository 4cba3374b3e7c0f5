"""Who has confirmed their independence, who is missing, and what is asked of the person acting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils import timezone

from tenants.choices import FIRM_ROLES, IndependenceWord
from tenants.findings import BLOCK, Finding
from tenants.models import Assignment, Engagement, Independence, User
from tenants.permissions import P
from tenants.rules.independence import Standing, standing

W = IndependenceWord
Words = dict[UUID, Independence]


@dataclass(frozen=True, slots=True)
class Due:
    """An engagement on which the person acting is asked to state their independence."""

    engagement: Engagement
    standing: Standing


def good_until(engagement_id: UUID, people: Iterable[UUID]) -> dict[UUID, date]:
    """Person → the last day of their confirmation, for those whose last word is one (1 query)."""
    said, _ = _last_words(engagement_id, people)
    return {
        person: word.good_until
        for person, word in said.items()
        if word.word == W.CONFIRMED and word.good_until
    }


def today_of(engagement: Engagement) -> date:
    """The day it is at the engagement's firm."""
    return timezone.localdate(timezone=engagement.firm.zone)


def standings(engagement: Engagement, people: Iterable[UUID]) -> dict[UUID, Standing]:
    """Person → how it stands with their independence, as the firm's side reads it (1 query)."""
    people = list(people)
    said, asked = _last_words(engagement.pk, people)
    today = today_of(engagement)
    return {person: _judged(said.get(person), asked.get(person), today) for person in people}


def team_without(engagement: Engagement) -> list[User]:
    """The firm's people on the engagement of whom a word is missing or was asked for anew."""
    team = Assignment.objects.filter(engagement=engagement, role__in=FIRM_ROLES)
    people = {row.person_id: row.person for row in team.select_related("person")}
    found = standings(engagement, people)
    asked = {key for key, each in found.items() if not each.holds or each.asked_anew}
    return sorted((people[key] for key in asked), key=str)


def not_confirmed(engagement: Engagement) -> list[Finding]:
    """What keeps acceptance open: of whom a word on independence is missing (3 queries)."""
    missing = team_without(engagement)
    if not missing:
        return []
    names = ", ".join(str(person) for person in missing)
    return [
        Finding(
            "AC-04", BLOCK, f"independence is not confirmed by {names}.",
            "Ask for it on the people page, or take them off the engagement.",
            ("tenants:engagement_people", (engagement.pk,)),
        )
    ]  # fmt: skip


def due(user: User) -> list[Due]:
    """What is asked of `user`, the most pressing first (2 queries)."""
    rows = Engagement.objects.granting(user, P.CONFIRM_INDEPENDENCE)
    engagements = {row.pk: row for row in rows.select_related("firm", "client")}
    if not engagements:
        return []
    said: Words = {}
    asked: Words = {}
    words = Independence.objects.filter(person=user, engagement_id__in=engagements)
    for word in words.order_by("said_at", "id"):
        (asked if word.word == W.ASKED else said)[word.engagement_id] = word
    found = [
        Due(row, _judged(said.get(key), asked.get(key), today_of(row)))
        for key, row in engagements.items()
    ]
    return sorted(
        (each for each in found if each.standing.why),
        key=lambda each: (each.standing.holds, str(each.engagement)),
    )


def own(user: User, engagement: Engagement) -> Standing:
    """How it stands with the person acting (1 query)."""
    return standings(engagement, [user.pk])[user.pk]


def _last_words(engagement_id: UUID, people: Iterable[UUID]) -> tuple[Words, Words]:
    """(the last confirmation or refusal, the last time it was asked for) of each person."""
    said: Words = {}
    asked: Words = {}
    rows = Independence.objects.filter(
        engagement_id=engagement_id, person_id__in=list(people)
    ).order_by("said_at", "id")
    for word in rows:
        (asked if word.word == W.ASKED else said)[word.person_id] = word
    return said, asked


def _judged(said: Independence | None, asked: Independence | None, today: date) -> Standing:
    confirmed = said is not None and said.word == W.CONFIRMED
    return standing(
        today,
        until=said.good_until if said and confirmed else None,
        version=said.statement if said else "",
        said_at=said.said_at if said else None,
        asked_at=asked.said_at if asked else None,
    )
