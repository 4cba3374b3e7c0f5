"""The reminder sweep: everything due today over all engagements, noted once."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from datetime import date
from threading import Thread
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connections, transaction
from django.utils import timezone

from evidence.actions.reminders import REMIND, REMINDER
from evidence.rules.business_days import holidays_of
from evidence.rules.reminding import Recipient, due_today
from tenants import acting, outbox, tasks
from tenants.models import OutboxEntry
from tests.bench import scale
from tests.bench.assembly import counting
from tests.bench.place import Place
from tests.bench.table import Line, duration, slower
from tests.bench.timing import seconds

MOST_TIMES = 2.0
ZONE = ZoneInfo("America/New_York")
REQUESTS = "evidence_evidencerequest"

_FLOOR = """INSERT INTO tenants_notice
  (id, engagement_id, organization_id, person_id, kind, subject, period, created_at)
SELECT gen_random_uuid(), r.engagement_id, a.organization_id, a.person_id, %(kind)s, r.id,
  rung.due_on || ' ' || rung.name, now()
FROM unnest(%(due)s::date[], %(name)s::text[], %(roles)s::text[], %(more)s::boolean[])
  rung (due_on, name, roles, more)
CROSS JOIN tenants_engagement e
JOIN evidence_evidencerequest r ON r.engagement_id = e.id AND r.due_on = rung.due_on
  AND r.status = ANY (ARRAY['open', 'reopened', 'in_progress', 'returned'])
JOIN tenants_assignment a ON a.engagement_id = r.engagement_id
  AND (r.sensitivity = 'normal' OR a.person_id = ANY (r.named))
  AND (a.person_id = r.owner_id OR a.role = ANY (string_to_array(rung.roles, ','))
    OR rung.more AND a.person_id = ANY (r.named) AND EXISTS (SELECT 1 FROM evidence_requestperson p
      WHERE p.evidence_request_id = r.id AND p.person_id = a.person_id))
ON CONFLICT (person_id, kind, subject, period) DO NOTHING"""


def lines(place: Place, rows: int, due: int, rounds: int) -> Iterator[Line]:
    """Fill up, then the floor and ours in turn, a second run, and two at once."""
    day = timezone.localdate(timezone=ZONE)
    if not due_today(day, holidays_of("US")):
        yield Line("reminder sweep", "not measured", bar="no ladder day falls on a day off")
        return
    scale.fill_up(place.owner, rows=max(due, rows - _count(place, REQUESTS)), due=due, day=day)
    pairs = [_pair(place, day) for _ in range(rounds)]
    floor, ours = (statistics.median(times) for times in zip(*pairs, strict=True))
    count = _count(place, "tenants_notice")
    engagements = _count(place, "tenants_engagement")
    with counting() as sent:
        again = _again(place)
    kept = _count(place, "tenants_notice") == count
    yield slower(
        f"reminder sweep: {count:,} notes, {max(rows, _count(place, REQUESTS)):,} requests",
        floor, ours, MOST_TIMES, counts=f"{engagements} engagements",
    )  # fmt: skip
    yield Line(
        "… run again", duration(again), bar="creates none", within=kept,
        counts=f"{len(sent) / engagements:.1f} queries an engagement",
    )  # fmt: skip
    _schedule_all(place)
    together = seconds(_two_at_once)
    once = _count(place, "tenants_notice") == count
    yield Line("… two at once", duration(together), bar="each row once", within=once)


def _pair(place: Place, day: date) -> tuple[float, float]:
    """Seconds of the floor and of ours, from nothing noted each; both note the same."""
    _schedule_all(place)
    floor = seconds(lambda: _in_one_statement(place, day))
    expected = _count(place, "tenants_notice")
    _schedule_all(place)
    ours = seconds(_sweep)
    assert _count(place, "tenants_notice") == expected, "the sweep and its floor differ"
    return floor, ours


def _again(place: Place) -> float:
    """Seconds of a second run of the same day, its ladders asked for anew."""
    place.owner.execute("DELETE FROM tenants_outboxentry WHERE task = %s", [REMIND])
    place.owner.execute("UPDATE tenants_schedule SET next_at = now()")
    return seconds(_sweep)


def _two_at_once() -> None:
    threads = [Thread(target=_sweep_apart) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _sweep_apart() -> None:
    try:
        _sweep()
    finally:
        connections.close_all()


def _in_one_statement(place: Place, day: date) -> None:
    """The floor: one INSERT of every reminder of the day, by the owner, beside all walls."""
    rungs = due_today(day, holidays_of("US"))
    place.owner.execute(_FLOOR, {
        "kind": REMINDER, "due": [due for due, _ in rungs],
        "name": [rung.name for _, rung in rungs],
        "roles": [",".join(map(str, rung.to)) for _, rung in rungs],
        "more": [Recipient.CONTRIBUTORS in rung.to for _, rung in rungs],
    })  # fmt: skip


def _schedule_all(place: Place) -> None:
    """Every engagement's ladder is to be climbed now, and never was before."""
    place.owner.execute("TRUNCATE tenants_schedule, tenants_outboxentry, tenants_notice CASCADE")
    place.owner.execute(
        "INSERT INTO tenants_schedule (id, engagement_id, task, time_zone, hour, next_at) "
        "SELECT gen_random_uuid(), id, %s, 'America/New_York', 8, now() FROM tenants_engagement",
        [REMIND],
    )


def _sweep() -> None:
    """What beat and one worker do: start what is scheduled, then climb each ladder in turn."""
    outbox.start_scheduled()
    while waiting := _waiting():
        for pk in waiting:
            tasks.perform(str(pk))


def _waiting() -> list[UUID]:
    """Ladders to climb; the mails that follow are another matter."""
    found = outbox.waiting(5000)
    with acting.acting(acting.Actor(system=True)), transaction.atomic():
        ladders = OutboxEntry.objects.filter(pk__in=found, task=REMIND)
        return list(ladders.values_list("pk", flat=True))


def _count(place: Place, table: str) -> int:
    found = place.owner.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(found[0]) if found else 0
