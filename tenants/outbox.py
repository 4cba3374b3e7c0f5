"""What follows a change: written with it, done after it, at least once and published once.

A row of the outbox is the truth; a Celery message is a hint that may be lost. Work is claimed
under a lease with a rising fencing number and published only with the present one (TSK-1 to 6).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone
from kombu.exceptions import OperationalError

from tenants.acting import NIL, Actor, acting
from tenants.models import OutboxEntry

log = structlog.get_logger(__name__)

PERFORM = "tenants.perform"
MOST_ATTEMPTS = 5
PARKED = ".parked"
"""Ends the name of the work that is done once a piece of work is parked."""

_CLAIM = """UPDATE tenants_outboxentry SET attempts = attempts + 1, fence = fence + 1,
  leased_until = statement_timestamp() + make_interval(secs => %(seconds)s),
  parked_at = CASE WHEN attempts >= %(most)s THEN statement_timestamp() END
WHERE id = %(id)s AND done_at IS NULL AND parked_at IS NULL AND due_at <= statement_timestamp()
  AND coalesce(leased_until, '-infinity') < statement_timestamp()
RETURNING task, subject, fence, engagement_id, organization_id, person_id, parked_at"""
_RENEW = """UPDATE tenants_outboxentry
SET leased_until = statement_timestamp() + make_interval(secs => %s)
WHERE id = %s AND fence = %s AND done_at IS NULL"""
_FINISH = """UPDATE tenants_outboxentry SET done_at = statement_timestamp(), last_error = ''
WHERE id = %s AND fence = %s AND done_at IS NULL"""
_FAIL = """UPDATE tenants_outboxentry SET leased_until = NULL, last_error = %s,
  due_at = statement_timestamp() + make_interval(secs => power(2, attempts) * (0.5 + random()))
WHERE id = %s AND fence = %s AND done_at IS NULL"""
_UNPARK = """UPDATE tenants_outboxentry SET parked_at = NULL, attempts = 0, leased_until = NULL,
  due_at = statement_timestamp() WHERE id::text = %s AND parked_at IS NOT NULL"""
_ENQUEUE_FOR_PEOPLE = """INSERT INTO tenants_outboxentry
  (id, engagement_id, task, person_id, organization_id, due_at, dedupe, attempts, fence, last_error)
SELECT gen_random_uuid(), %s, %s, asked.*, 0, 0, ''
FROM unnest(%s::uuid[], %s::uuid[], %s::timestamptz[], %s::text[]) asked
ON CONFLICT DO NOTHING"""
# Naming the key of the conflict would ask for the right to read the row, which is the person's.
_WAITING = """SELECT id FROM tenants_outboxentry
WHERE done_at IS NULL AND parked_at IS NULL AND due_at <= statement_timestamp()
  AND coalesce(leased_until, '-infinity') < statement_timestamp()
ORDER BY row_number() OVER (PARTITION BY coalesce(organization_id, engagement_id)
  ORDER BY due_at), due_at LIMIT %s"""
_SCHEDULED = """WITH due AS (
  UPDATE tenants_schedule SET next_at = ((date_trunc('day',
      statement_timestamp() AT TIME ZONE time_zone) + interval '1 day'
      + make_interval(hours => hour)) AT TIME ZONE time_zone)
  WHERE next_at <= statement_timestamp() RETURNING engagement_id, task, time_zone)
INSERT INTO tenants_outboxentry (id, engagement_id, task, dedupe, due_at, attempts, fence,
  last_error, created_at)
SELECT gen_random_uuid(), engagement_id, task,
  task || ':' || engagement_id || ':' || (statement_timestamp() AT TIME ZONE time_zone)::date,
  statement_timestamp(), 0, 0, '', statement_timestamp()
FROM due ON CONFLICT (dedupe) DO NOTHING"""


class LeaseLost(Exception):
    """Somebody else holds the work now; what was done here must not be published."""


@dataclass(slots=True)
class Lease:
    """The right to do one piece of work until its deadline."""

    id: UUID
    task: str
    subject: UUID
    """The record it is about; the nil UUID for work on an engagement as a whole."""
    fence: int
    actor: Actor
    engagement_id: UUID | None = None
    """Whose work it is, where it names one, whoever does it."""

    def renew(self) -> None:
        """Ask for more time, between the steps of long work. Raises LeaseLost."""
        self._write(_RENEW, settings.LEASE_SECONDS, self.id, self.fence)

    def finish(self) -> None:
        """The work is done: the last statement of the transaction that publishes it.

        Raises LeaseLost, and the transaction is rolled back with the effect.
        """
        self._write(_FINISH, self.id, self.fence)

    def fail(self, error: BaseException) -> None:
        """Let the work be tried again later; only the kind of error is kept."""
        with acting(Actor(system=True)), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_FAIL, [type(error).__name__, self.id, self.fence])

    def _write(self, statement: str, *values: Any) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
            if not cursor.rowcount:
                raise LeaseLost(self.task)


Work = Callable[[Lease], None]


@dataclass(frozen=True, slots=True)
class Task:
    """A named piece of work. `long` work opens its own transactions and finishes its lease."""

    name: str
    work: Work
    long: bool = False


TASKS: dict[str, Task] = {}
FOLLOWERS: dict[tuple[str, str], list[str]] = {}
PERIODIC: dict[str, tuple[float, Callable[[], None]]] = {}


def task(name: str, *, long: bool = False, parked: Work | None = None) -> Callable[[Work], Work]:
    """Register work that an action enqueues by `name`.

    `parked` is done, as work of its own, when all attempts at it have failed.
    """

    def register(work: Work) -> Work:
        TASKS[name] = Task(name, work, long)
        if parked is not None:
            TASKS[f"{name}{PARKED}"] = Task(f"{name}{PARKED}", parked)
        return work

    return register


def follows(
    model: type[Model], *moves: str, long: bool = False, parked: Work | None = None
) -> Callable[[Work], Work]:
    """Register work that follows moves of a record; the lease's subject is the record's id."""

    def register(work: Work) -> Work:
        name = f"{work.__module__.split('.')[0]}.{work.__name__}"
        for move in moves:
            FOLLOWERS.setdefault((model._meta.label_lower, move), []).append(name)
        return task(name, long=long, parked=parked)(work)

    return register


def every(*, seconds: float) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Register work that beat starts, as nobody, for things that are no tenant's rows."""

    def register(work: Callable[[], None]) -> Callable[[], None]:
        PERIODIC[f"{work.__module__.split('.')[0]}.{work.__name__}"] = (seconds, work)
        return work

    return register


def enqueue(
    name: str,
    *,
    engagement_id: UUID | None = None,
    organization_id: UUID | None = None,
    person_id: UUID | None = None,
    subject: UUID | None = None,
    dedupe: str | None = None,
    due_at: datetime | None = None,
) -> None:
    """Write work into the outbox, in the caller's transaction, and hint at it after the commit.

    With `dedupe`, work that was already asked for is not asked for again.
    """
    entry = OutboxEntry(
        engagement_id=engagement_id,
        organization_id=organization_id,
        person_id=person_id,
        task=name,
        subject=subject,
        dedupe=dedupe,
        **({"due_at": due_at} if due_at else {}),
    )
    # Ignoring conflicts also asks for nothing back, which the writer may not read.
    OutboxEntry.objects.bulk_create([entry], ignore_conflicts=True)
    wait = (due_at - timezone.now()).total_seconds() if due_at else 0.0
    if wait < settings.LONGEST_HINT_SECONDS:
        transaction.on_commit(partial(hint, [entry.pk], max(wait, 0.0)), robust=True)


def enqueue_for_people(
    name: str, asked: Sequence[tuple[UUID, UUID, datetime, str]], *, engagement_id: UUID | None
) -> None:
    """Write work for many people in one statement; the sweep finds it when it is due.

    asked: (person, organization, due at, dedupe), in an order that is the same for everybody, so
    that two writers never wait for each other. What was asked for already is left out.
    """
    people, organizations, moments, dedupes = map(list, zip(*asked, strict=True))
    with connection.cursor() as cursor:
        values: list[Any] = [engagement_id, name, people, organizations, moments, dedupes]
        cursor.execute(_ENQUEUE_FOR_PEOPLE, values)


def enqueue_followers(record: Model, move: str, engagement_id: UUID) -> None:
    """Enqueue what follows a move of `record`."""
    for name in FOLLOWERS.get((record._meta.label_lower, move), ()):
        enqueue(name, engagement_id=engagement_id, subject=record.pk)


def hint(ids: Iterable[UUID], wait: float = 0.0) -> None:
    """Tell a worker that work waits. Losing this does no harm: the sweep finds the rows."""
    try:
        for pk in ids:
            current_app.send_task(
                PERFORM,
                [str(pk)],
                countdown=wait or None,
                expires=wait + 2 * settings.SWEEP_SECONDS,
                retry=False,
            )
    except OperationalError as error:
        log.warning("hint_lost", error=type(error).__name__)


def claim(pk: UUID) -> Lease | None:
    """Take one piece of work, in a transaction of its own; None when there is nothing to do.

    The claim that finds all attempts used up parks the work (TSK-6), and enqueues what its
    task registered for that case in the same transaction.
    """
    with acting(Actor(system=True)), transaction.atomic(), connection.cursor() as cursor:
        values: dict[str, Any] = {
            "id": pk,
            "seconds": settings.LEASE_SECONDS,
            "most": MOST_ATTEMPTS,
        }
        cursor.execute(_CLAIM, values)
        row = cursor.fetchone()
        if row is None:
            return None
        name, subject, fence, engagement_id, organization_id, person_id, parked_at = row
        if parked_at is not None:
            log.error("work_parked", task=name, outbox_id=str(pk))  # whoever runs this must look
            if f"{name}{PARKED}" in TASKS:
                enqueue(
                    f"{name}{PARKED}", engagement_id=engagement_id, subject=subject,
                    organization_id=organization_id, person_id=person_id,
                    dedupe=f"parked:{pk}:{fence}",
                )  # fmt: skip
            return None
    if person_id:
        actor = Actor(person_id=person_id, organization_id=organization_id)
    elif engagement_id:
        actor = Actor(engagement_id=engagement_id)
    else:
        actor = Actor(organization_id=organization_id)
    return Lease(pk, name, subject or NIL, fence, actor, engagement_id)


def start_scheduled() -> int:
    """Turn schedules whose time has come into outbox rows: one statement. Returns how many."""
    with acting(Actor(system=True)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SCHEDULED)
        return int(cursor.rowcount)


def waiting(most: int = 500) -> list[UUID]:
    """Work nobody holds, fairly by organization: everyone's first before anyone's second."""
    with acting(Actor(system=True)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_WAITING, [most])
        return [row[0] for row in cursor.fetchall()]


def parked() -> list[OutboxEntry]:
    """Work given up after all attempts, oldest first."""
    with acting(Actor(system=True)), transaction.atomic():
        return list(OutboxEntry.objects.filter(parked_at__isnull=False).order_by("parked_at"))


def unpark(pk: UUID | str) -> bool:
    """Let parked work be tried again from its first attempt; False when none has this id."""
    with acting(Actor(system=True)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_UNPARK, [str(pk)])
        return bool(cursor.rowcount)
