"""What notices about deviations say, in the words of the one who reads them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.urls import reverse

from audits.models.deviations import Deviation
from tenants.models import Notice, User
from tenants.notices import KINDS, Kind, Told


def _serious(notices: Sequence[Notice], user: User) -> dict[UUID, Told]:
    rows = Deviation.objects.visible_to(user).select_related("engagement", "control")
    found = rows.in_bulk({notice.subject for notice in notices})
    return {
        notice.pk: (
            f"{row.engagement.title}: {row} looks intended, or its evidence was made afterwards",
            reverse("audits:deviation", args=[row.engagement_id, row.pk]),
        )
        for notice in notices
        if (row := found.get(notice.subject)) and (row.intentional or row.after_the_fact)
    }


KINDS["audits.serious_deviation"] = Kind("Serious deviations", _serious)
