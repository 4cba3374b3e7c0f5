"""What the client was told of deviations, who still waits for whom, and what reporting asks."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.urls import reverse

from audits.choices.deviations import FIRM_ALONE
from audits.models.deviations import Deviation
from audits.models.told_deviations import CommunicatedDeviation, ManagementResponse
from audits.queries.test_results import results_of
from tenants.choices import OVER
from tenants.findings import BLOCK, Finding
from tenants.models import Engagement, User
from tenants.permissions import P
from tenants.queries.searching import SHOWN
from tenants.queries.waiting import WaitingGroup, WaitingItem
from tenants.visibility import engagements_granting

RULE = "§15"


def counts_of(deviation: Deviation) -> tuple[int, int]:
    """(items tested, items deviating) of a deviation's control, as the report tells (RP-03)."""
    result = results_of(deviation.engagement)[deviation.control_id]
    return result.tested, result.deviating


def listed(engagement: Engagement, user: User) -> QuerySet[CommunicatedDeviation]:
    """What the client was told, with the responses that `user` reads (2 queries)."""
    responses = ManagementResponse.objects.visible_to(user).select_related("written_by")
    rows: QuerySet[CommunicatedDeviation] = CommunicatedDeviation.objects.visible_to(user).filter(
        engagement=engagement
    )
    rows = rows.select_related("engagement", "control", "communicated_by", "waived_by")
    return rows.prefetch_related(Prefetch("responses", responses, to_attr="shown_responses"))


def unanswered(deviation_id: UUID) -> str:
    """Why a deviation is not closed yet: no response, and none waived; empty when it may be."""
    rows = CommunicatedDeviation.objects.filter(deviation_id=deviation_id, waived_reason="")
    answered = ManagementResponse.objects.filter(
        communicated=OuterRef("pk"), handed_over_at__isnull=False
    )
    if rows.filter(~Exists(answered)).exists():
        return "Management has not responded yet, and nobody waived it."
    return ""


def open_at_reporting(engagement: Engagement) -> list[Finding]:
    """Deviations the client was not told of, and such without response or waiver (2 queries)."""
    answered = set(
        ManagementResponse.objects.filter(engagement=engagement, handed_over_at__isnull=False)
        .values_list("communicated", flat=True)
    )  # fmt: skip
    found = []
    told = {row.deviation_id: row for row in _told(engagement)}
    rows = Deviation.objects.filter(engagement=engagement).select_related("control")
    for row in rows.order_by("number"):
        said = cure = ""
        if row.status in FIRM_ALONE:
            said, cure = f"The client was not told of {_lower(row)}.", "Tell the client."
        elif (held := told.get(row.pk)) and held.pk not in answered and not held.waived_reason:
            said = f"Management has not responded to {_lower(row)}."
            cure = "Ask for the response, or waive it with a reason."
        if said:
            route = ("audits:deviation", (engagement.pk, row.pk))
            found.append(Finding(RULE, BLOCK, said, cure, route, str(row.pk)))
    return found


def _told(engagement: Engagement) -> Iterable[CommunicatedDeviation]:
    rows: QuerySet[CommunicatedDeviation] = CommunicatedDeviation.objects.filter(
        engagement=engagement
    )
    return rows


def _lower(row: Deviation) -> str:
    return f"deviation {row.number} of {row.control.ref}"


def to_answer(user: User) -> list[WaitingGroup]:
    """For the client: deviations that wait for management's response (1 query)."""
    mine = engagements_granting(user, P.RESPOND_TO_DEVIATION)
    answered = ManagementResponse.objects.filter(
        communicated=OuterRef("pk"), handed_over_at__isnull=False
    )
    rows = (
        CommunicatedDeviation.objects.visible_to(user)
        .filter(~Exists(answered), engagement__in=mine, waived_reason="")
        .exclude(engagement__status__in=OVER)
        .select_related("engagement", "control")
    )
    items = [
        WaitingItem(
            str(row), reverse("audits:told_deviation", args=[row.engagement_id, row.pk]),
            engagement=row.engagement.title, note=row.text[:80],
        )
        for row in rows
    ]  # fmt: skip
    if not items:
        return []
    return [
        WaitingGroup("Deviations to respond to", "Deviations", items[:SHOWN], len(items),
                     icon="message")
    ]  # fmt: skip
