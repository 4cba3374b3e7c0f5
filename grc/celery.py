"""The Celery app: hints by Redis, work from the outbox, schedules from rows."""

from __future__ import annotations

import os
import resource
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init, worker_process_init
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "grc.settings")

app = Celery("grc")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.worker_max_memory_per_child = 512 * 1024
"""KiB: a worker process that grew beyond this is replaced after the task it is at."""
MOST_MEMORY_BYTES = 2 * 2**30
"""A task that asks for more gets a MemoryError, is tried again and parked (TSK-7)."""


@app.on_after_finalize.connect
def schedule(sender: Celery, **kwargs: Any) -> None:
    """Beat calls the sweep and the registered housekeeping, nothing else."""
    from django.conf import settings

    from tenants import outbox, tasks

    sender.add_periodic_task(
        settings.SWEEP_SECONDS, tasks.sweep.s(), name="sweep", expires=settings.SWEEP_SECONDS
    )
    for name, (seconds, _) in outbox.PERIODIC.items():
        sender.add_periodic_task(seconds, tasks.periodic.s(name), name=name, expires=seconds)


@worker_process_init.connect
def cap_memory(**kwargs: Any) -> None:
    """No task takes the machine's memory with it."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = MOST_MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(MOST_MEMORY_BYTES, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


@worker_init.connect
@beat_init.connect
def refuse_too_much_power(**kwargs: Any) -> None:
    """A worker that could step over the walls does not start (TEN-10)."""
    from tenants.checks import refuse_too_much_power as refuse

    try:
        refuse()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from error  # a signal swallows every other exception
