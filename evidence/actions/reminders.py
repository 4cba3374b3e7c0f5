"""The reminder ladder, climbed once a day for each engagement (RQ-05, TSK-9)."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import timezone

from evidence.choices import WITH_CLIENT
from evidence.rules.business_days import holidays_of
from evidence.rules.reminding import Recipient, Rung, due_today
from tenants import notices, outbox
from tenants.choices import OVER, EngagementStatus
from tenants.models import Engagement, Schedule
from tenants.rules.digests import next_time

REMIND = "evidence.remind"
REMINDER = "evidence.reminder"

_REMIND = """WITH noted AS (INSERT INTO tenants_notice
  (id, engagement_id, organization_id, person_id, kind, subject, period, created_at)
SELECT gen_random_uuid(), r.engagement_id, a.organization_id, a.person_id, %(kind)s, r.id,
  rung.due_on || ' ' || rung.name, now()
FROM unnest(%(due)s::date[], %(name)s::text[], %(owner)s::boolean[], %(contributors)s::boolean[],
    %(roles)s::text[]) rung (due_on, name, owner, contributors, roles)
JOIN evidence_evidencerequest r ON r.engagement_id = %(engagement)s AND r.due_on = rung.due_on
  AND r.due_on BETWEEN %(first)s AND %(last)s AND r.status = ANY (%(status)s)
JOIN tenants_assignment a ON a.engagement_id = r.engagement_id
  AND a.starts_on <= %(today)s AND coalesce(a.ends_on, 'infinity') >= %(today)s
  AND (r.sensitivity = 'normal' OR a.person_id = ANY (r.named))
  AND (rung.owner AND a.person_id = r.owner_id
    OR a.role = ANY (string_to_array(rung.roles, ','))
    OR rung.contributors AND a.person_id = ANY (r.named) AND EXISTS (
      SELECT 1 FROM evidence_requestperson p WHERE p.evidence_request_id = r.id
      AND p.person_id = a.person_id AND p.part = 'contributor'))
ON CONFLICT (person_id, kind, subject, period) DO NOTHING
RETURNING person_id, organization_id)
SELECT person_id, organization_id, count(*) FROM noted GROUP BY 1, 2 ORDER BY 1, 2"""
# `named` holds every contributor: asked first, it spares a look into another table for each pair.
# The span of dates makes the planner take the index on them, not all of an engagement.


def schedule(engagement: Engagement) -> None:
    """Every engagement climbs its ladder each morning of its client."""
    zone = engagement.client.zone
    Schedule.objects.get_or_create(
        engagement_id=engagement.pk, task=REMIND,
        defaults={
            "time_zone": engagement.client.time_zone, "hour": settings.DIGEST_HOUR,
            "next_at": next_time(timezone.now(), zone, settings.DIGEST_HOUR),
        },
    )  # fmt: skip


def follow_zone(engagement: Engagement) -> None:
    """The client moved to another time zone: its ladder is climbed in that zone's mornings."""
    zone = engagement.client.zone
    Schedule.objects.filter(engagement_id=engagement.pk, task=REMIND).update(
        time_zone=engagement.client.time_zone,
        next_at=next_time(timezone.now(), zone, settings.DIGEST_HOUR),
    )


@outbox.task(REMIND)
def remind_today(lease: outbox.Lease) -> None:
    """Climb one engagement's ladder for today, a date of the client; a second run finds nothing."""
    engagement = Engagement.objects.select_related("client").get(pk=lease.actor.engagement_id)
    client = engagement.client
    Schedule.objects.filter(engagement_id=engagement.pk, task=REMIND).update(
        time_zone=client.time_zone, hour=settings.DIGEST_HOUR
    )
    remind(engagement, timezone.localdate(timezone=client.zone))


def remind(engagement: Engagement, today: date) -> int:
    """Note every reminder whose rung is `today`: one statement. Returns how many are new.

    The clock stands still while the firm is to act, on hold and once the work is over; a rung whose
    day has passed is not caught up. Runs as the engagement.
    """
    if engagement.status in (EngagementStatus.ON_HOLD, *OVER):
        return 0
    rungs = _rungs_of(today, engagement.client.holiday_country)
    if not rungs:
        return 0
    values: dict[str, Any] = {
        "kind": REMINDER, "engagement": engagement.pk, "today": today,
        "status": [str(status) for status in WITH_CLIENT],
        "first": rungs[0][0], "last": rungs[-1][0],
        "due": [due for due, _ in rungs],
        "name": [rung.name for _, rung in rungs],
        "owner": [Recipient.OWNER in rung.to for _, rung in rungs],
        "contributors": [Recipient.CONTRIBUTORS in rung.to for _, rung in rungs],
        "roles": [",".join(str(who) for who in rung.to) for _, rung in rungs],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_REMIND, values)
        reminded: list[tuple[UUID, UUID, int]] = cursor.fetchall()
    notices.plan_digests(engagement.pk, [(person, side) for person, side, _ in reminded])
    return sum(count for _, _, count in reminded)


@lru_cache(maxsize=64)
def _rungs_of(today: date, country: str) -> list[tuple[date, Rung]]:
    """Every (due date, rung) of a day, by due date: the same for all clients of a country."""
    return due_today(today, holidays_of(country))
