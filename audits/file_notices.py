"""What notices about a file say, in the words of the one who reads them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from audits.queries.deadlines import ended_on
from audits.rules.deadlines import words
from tenants.choices import EngagementStatus
from tenants.models import Engagement, Notice, User
from tenants.notices import KINDS, Kind, Told
from tenants.permissions import P

OVER = (EngagementStatus.LOCKED, EngagementStatus.DISPOSED)


def _deadline(notices: Sequence[Notice], user: User) -> dict[UUID, Told]:
    rows = Engagement.objects.granting(user, P.VIEW_FIRM_FILE).exclude(status__in=OVER)
    found = rows.select_related("firm").in_bulk({notice.subject for notice in notices})
    told = {}
    for notice in notices:
        row = found.get(notice.subject)
        if row is not None and (ended := ended_on(row)):
            said = words(ended, timezone.localdate(timezone=row.firm.zone))
            told[notice.pk] = (
                f"{row.title}: its file {said}",
                reverse("audits:file", args=[row.pk]),
            )
    return told


KINDS["audits.file_deadline"] = Kind("Files to lock", _deadline)
