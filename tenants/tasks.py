"""The Celery side: one task that performs a row of the outbox, and the sweep beat starts."""

from __future__ import annotations

from uuid import UUID

import structlog
from celery import shared_task
from django.db import transaction

from tenants import outbox
from tenants.acting import acting

log = structlog.get_logger(__name__)


@shared_task(name=outbox.PERFORM)
def perform(outbox_id: str) -> None:
    """Do one piece of work under a lease; a second call, or one too early, does nothing."""
    lease = outbox.claim(UUID(outbox_id))
    if lease is None:
        return
    task = outbox.TASKS.get(lease.task)
    try:
        if task is None:
            raise LookupError(lease.task)
        with acting(lease.actor):
            if task.long:
                task.work(lease)
            else:
                with transaction.atomic():
                    task.work(lease)
                    lease.finish()
    except outbox.LeaseLost:
        log.warning("lease_lost", task=lease.task, outbox_id=outbox_id)
    except Exception as error:
        log.exception("task_failed", task=lease.task, outbox_id=outbox_id)
        lease.fail(error)


@shared_task(name="tenants.sweep")
def sweep() -> None:
    """Every half minute: start what is scheduled and hint at all work nobody holds (TSK-3)."""
    outbox.start_scheduled()
    outbox.hint(outbox.waiting())


@shared_task(name="tenants.periodic")
def periodic(name: str) -> None:
    """Run one piece of housekeeping registered with `every`."""
    outbox.PERIODIC[name][1]()
