"""What follows moves of requests and packages: people are told, work is done, by workers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from evidence.actions import (  # noqa: F401  (they register tasks)
    files,
    import_reading,
    leftovers,
    package_building,
    reminders,
)
from evidence.models import EvidenceRequest, Message
from evidence.queries import people
from evidence.queries.absent_people import SUGGESTED
from tenants import notices, outbox
from tenants.choices import CLIENT_ROLES, Role
from tenants.models import Assignment, Engagement
from tenants.permissions import P

Who = Callable[[EvidenceRequest], Iterable[UUID]]


def _deciding(permission: P) -> Who:
    return lambda row: people.holding(permission, row.engagement_id)


def _callers(row: EvidenceRequest) -> list[UUID]:
    return people.with_roles(row.engagement_id, Role.MANAGER, Role.CLIENT_ADMIN)


TELLING: tuple[tuple[str, str, Who], ...] = (
    ("send", "evidence.sent", people.answering),
    ("submit", "evidence.submitted", people.reviewing),
    ("give_back", "evidence.returned", people.answering),
    ("accept", "evidence.accepted", people.answering),
    ("propose_na", "evidence.na_proposed", _deciding(P.DECIDE_NOT_APPLICABLE)),
    ("agree_na", "evidence.not_applicable", people.answering),
    ("refuse_na", "evidence.still_needed", people.answering),
    ("reopen", "evidence.reopened", people.answering),
    ("withdraw", "evidence.withdrawn", people.answering),
    ("due_date_proposed", "evidence.due_proposed", _deciding(P.CHANGE_DUE_DATE)),
    ("due_date_changed", "evidence.due_changed", people.answering),
)
"""Move → the notice it makes, and for whom."""


def _tell_after(move: str, kind: str, who: Who) -> None:
    def tell(lease: outbox.Lease) -> None:
        row = EvidenceRequest.objects.get(pk=lease.subject)
        if row.opened_at is not None:
            notices.tell(kind, row.pk, row.engagement_id, who(row), period=str(lease.id))

    tell.__name__ = f"tell_after_{move}"
    tell.__doc__ = f"Note {kind} for the people concerned."
    outbox.follows(EvidenceRequest, move)(tell)


for _move, _kind, _who in TELLING:
    _tell_after(_move, _kind, _who)


@outbox.follows(EvidenceRequest, "give_back")
def suggest_a_call(lease: outbox.Lease) -> None:
    """A third return: manager and client administrator should talk (RQ-04)."""
    row = EvidenceRequest.objects.get(pk=lease.subject)
    if row.return_count >= 3:
        notices.tell(
            "evidence.third_return", row.pk, row.engagement_id, _callers(row),
            period=str(row.return_count),
        )  # fmt: skip


@outbox.follows(Message, "commented")
def tell_of_a_message(lease: outbox.Lease) -> None:
    """Tell the other side of a message."""
    message = Message.objects.select_related("evidence_request").get(pk=lease.subject)
    row = message.evidence_request
    writer = Assignment.objects.filter(engagement_id=row.engagement_id, person_id=message.author_id)
    by_client = writer.filter(role__in=CLIENT_ROLES).exists()
    who = people.reviewing(row) if by_client else people.answering(row)
    notices.tell("evidence.message", row.pk, row.engagement_id, who, period=str(message.pk))


@outbox.follows(Engagement, SUGGESTED)
def tell_whom_to_invite(lease: outbox.Lease) -> None:
    """Tell the client's administrators that the firm named people for them to invite (IM-05)."""
    assert lease.subject
    administrators = people.with_roles(lease.subject, Role.CLIENT_ADMIN)
    notices.tell(
        "evidence.people_suggested", lease.subject, lease.subject, administrators,
        period=str(lease.id),
    )  # fmt: skip
