"""What the kernel's own notices say, in the words of the one who reads them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from tenants.models import Notice, SupportAccess, User
from tenants.notices import KINDS, Kind, Told
from tenants.queries import independence


def _independence(notices: Sequence[Notice], user: User) -> dict[UUID, Told]:
    waiting = {each.engagement.pk: each.engagement for each in independence.due(user)}
    return {
        notice.pk: (
            f"Confirm that you are independent of {engagement.client.name}: {engagement.title}",
            f"/independence/{engagement.pk}/",
        )
        for notice in notices
        if (engagement := waiting.get(notice.subject))
    }


def _support(notices: Sequence[Notice], user: User) -> dict[UUID, Told]:
    rows = SupportAccess.objects.in_bulk({notice.subject for notice in notices})
    return {
        notice.pk: (f"{row.operator} of support asks to look: {row.reason}", "/settings/support/")
        for notice in notices
        if (row := rows.get(notice.subject)) and row.until is None and row.ended_at is None
    }


KINDS["tenants.support"] = Kind("Support", _support)
KINDS["tenants.independence"] = Kind("Independence", _independence)
