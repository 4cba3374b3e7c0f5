"""What nobody needs any more goes: kept answers past their day, work done some weeks ago."""

from __future__ import annotations

from django.db import connection, transaction

from tenants import outbox
from tenants.acting import Actor, acting
from tenants.models.outbox import KEPT_ANSWER_DAYS

KEPT_WORK_DAYS = 28
"""For how long the outbox remembers what was done; every `dedupe` names a day nearer than that."""
MOST_AT_ONCE = 5_000
"""Rows one run removes at most, so that it never holds up the work beside it."""

_ANSWERS = """DELETE FROM tenants_idempotentanswer WHERE id IN (
  SELECT id FROM tenants_idempotentanswer
  WHERE created_at < now() - make_interval(days => %s) ORDER BY created_at LIMIT %s)"""
_WORK = """DELETE FROM tenants_outboxentry WHERE id IN (
  SELECT id FROM tenants_outboxentry
  WHERE done_at < now() - make_interval(days => %s) ORDER BY done_at LIMIT %s)"""


@outbox.every(seconds=900)
def forget_kept_answers() -> None:
    """Remove answers that no retry gets again (API-4): those older than a day."""
    _remove(_ANSWERS, KEPT_ANSWER_DAYS)


@outbox.every(seconds=900)
def forget_done_work() -> None:
    """Remove work done weeks ago. What was parked stays: somebody must look at it."""
    _remove(_WORK, KEPT_WORK_DAYS)


def _remove(statement: str, days: int) -> None:
    with acting(Actor(system=True)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [days, MOST_AT_ONCE])
