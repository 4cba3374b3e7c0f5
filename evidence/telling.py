"""What notices about requests and packages say, in the words of the one who reads them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from uuid import UUID

from django.utils import timezone

from evidence.choices import WITH_CLIENT
from evidence.models import EvidenceRequest, Package
from evidence.queries.absent_people import absent_people
from tenants.models import Engagement, Notice, User
from tenants.notices import KINDS, Kind, Told

Words = Callable[[EvidenceRequest, Notice], str]


def _about(words: Words) -> Callable[[Sequence[Notice], User], dict[UUID, Told]]:
    """Lines on requests the reader still sees; empty words mean it no longer matters."""

    def describe(notices: Sequence[Notice], user: User) -> dict[UUID, Told]:
        seen = EvidenceRequest.objects.visible_to(user).select_related("engagement__client")
        rows = seen.in_bulk({notice.subject for notice in notices})
        told = {}
        for notice in notices:
            row = rows.get(notice.subject)
            if row is not None and (text := words(row, notice)):
                told[notice.pk] = (f"{row.ref} {row.title}: {text}", row.get_absolute_url())
        return told

    return describe


def _due(row: EvidenceRequest) -> str:
    """How far the due date is, in the client's days."""
    if row.due_on is None:
        return "no due date"
    today = timezone.localdate(timezone=row.engagement.client.zone)
    return in_days(row.due_on, today)


def in_days(due: date, today: date) -> str:
    """Such as "due in 3 days (2026-10-09)" or "5 days late (2026-10-09)"."""
    days = (due - today).days
    if days == 0:
        return f"due today ({due})"
    number = f"{abs(days)} day{'s' if abs(days) != 1 else ''}"
    return f"due in {number} ({due})" if days > 0 else f"{number} late ({due})"


def _sent(row: EvidenceRequest, notice: Notice) -> str:
    return _due(row) if row.status in WITH_CLIENT else ""


def _returned(row: EvidenceRequest, notice: Notice) -> str:
    if row.status not in WITH_CLIENT:
        return ""
    return f"returned, {row.get_return_reason_display().lower()}; {_due(row)}"


def _reminder(row: EvidenceRequest, notice: Notice) -> str:
    current = notice.period.startswith(str(row.due_on))
    return _due(row) if current and row.status in WITH_CLIENT else ""


def _says(text: str) -> Words:
    return lambda row, notice: text


def _packages(notices: Sequence[Notice], user: User) -> dict[UUID, Told]:
    seen = Package.objects.visible_to(user).select_related("engagement")
    rows = seen.in_bulk({notice.subject for notice in notices})
    return {
        notice.pk: (
            f"Package {row.number} of {row.engagement.title} is {row.get_status_display().lower()}",
            f"/engagements/{row.engagement_id}/packages/",
        )
        for notice in notices
        if (row := rows.get(notice.subject))
    }


def _to_invite(notices: Sequence[Notice], user: User) -> dict[UUID, Told]:
    seen = Engagement.objects.visible_to(user).in_bulk({notice.subject for notice in notices})
    return {
        notice.pk: (
            f"{engagement.title}: the auditor named people for you to invite",
            f"/engagements/{engagement.pk}/requests/people/",
        )
        for notice in notices
        if (engagement := seen.get(notice.subject)) and absent_people(user, engagement, firm=False)
    }


KINDS.update(
    {
        "evidence.sent": Kind("Asked of you", _about(_sent)),
        "evidence.returned": Kind("Returned to you", _about(_returned)),
        "evidence.reminder": Kind("Due", _about(_reminder)),
        "evidence.submitted": Kind("To review", _about(_says("submitted"))),
        "evidence.accepted": Kind("Settled", _about(_says("accepted"))),
        "evidence.not_applicable": Kind("Settled", _about(_says("agreed as not applicable"))),
        "evidence.still_needed": Kind("Asked of you", _about(_says("still needed"))),
        "evidence.reopened": Kind("Asked of you", _about(_says("opened again"))),
        "evidence.withdrawn": Kind("Settled", _about(_says("no longer needed"))),
        "evidence.na_proposed": Kind("To decide", _about(_says("proposed as not applicable"))),
        "evidence.due_proposed": Kind("To decide", _about(_says("another due date is asked for"))),
        "evidence.due_changed": Kind("Asked of you", _about(lambda row, _: f"now {_due(row)}")),
        "evidence.message": Kind("Messages", _about(_says("new message"))),
        "evidence.third_return": Kind("Needs a call", _about(_says("returned for the third time"))),
        "evidence.package": Kind("Packages", _packages),
        "evidence.people_suggested": Kind("To invite", _to_invite),
    }
)
