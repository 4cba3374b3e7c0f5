"""People a list names who are not on the engagement yet: suggestions to invite (IM-05)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Q

from evidence.choices import OVER
from evidence.models import EvidenceRequest
from tenants import acting
from tenants.choices import InvitationStatus, MembershipStatus, TrailZone
from tenants.models import Assignment, Engagement, Invitation, Membership, TrailEntry, User

SUGGESTED = "people_suggested"
"""The trail's verb: the firm named addresses to the client."""


@dataclass(frozen=True, slots=True)
class Absent:
    """An address that is named and not on the engagement.

    `request_count`: requests that name it, as far as the reader sees them. `is_member` and
    `is_invited`: of the reader's own organization.
    """

    email: str
    request_count: int = 0
    is_member: bool = False
    is_invited: bool = False


def absent_people(user: User, engagement: Engagement, *, firm: bool) -> list[Absent]:
    """Addresses named but not on the engagement, by address (1 to 5 queries).

    The firm's people see those of all its requests, drafts included; the client's see those of
    requests that were sent, and those the firm has named to them.
    """
    named = _named(user, engagement)
    if not firm:
        named.update({email: 0 for email in suggested(engagement) if email not in named})
    if not named:
        return []
    here = set(
        Assignment.objects.filter(engagement=engagement, person__email__in=named).values_list(
            "person__email", flat=True
        )
    )
    away = sorted(set(named) - here)
    members, invited = ((), ()) if firm or not away else _known(away)
    return [Absent(each, named[each], each in members, each in invited) for each in away]


def suggested(engagement: Engagement) -> list[str]:
    """Addresses the firm has named to the client (1 query)."""
    acts = TrailEntry.objects.filter(
        engagement_id=engagement.pk, subject_id=engagement.pk, verb=SUGGESTED, zone=TrailZone.SHARED
    ).order_by("at")
    found: dict[str, None] = {}
    for detail in acts.values_list("detail", flat=True):
        found.update(dict.fromkeys(detail.get("addresses", ())))
    return list(found)


def _named(user: User, engagement: Engagement) -> Counter[str]:
    rows = EvidenceRequest.objects.visible_to(user).filter(engagement=engagement)
    several = Q(owner__isnull=True) | Q(owner_email__contains=";")  # a lone owner is here
    texts = rows.exclude(status__in=OVER).exclude(owner_email="").filter(several).order_by()
    found: Counter[str] = Counter()
    for text in texts.values_list("owner_email", flat=True):
        found.update({part.strip() for part in text.split(";") if part.strip()})
    return found


def _known(addresses: list[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Which of the addresses are members of the reader's organization, and which are invited."""
    organization_id = acting.current().organization_id
    assert organization_id  # who reads this acts in one
    members = Membership.objects.filter(
        organization_id=organization_id, status=MembershipStatus.ACTIVE, person__email__in=addresses
    ).values_list("person__email", flat=True)
    invited = Invitation.objects.filter(
        organization_id=organization_id, status=InvitationStatus.SENT, email__in=addresses
    ).values_list("email", flat=True)
    return frozenset(members), frozenset(invited)
