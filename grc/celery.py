"""The Celery app: hints by Redis, work from the outbox, schedules from rows."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "grc.settings")

app = Celery("grc")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


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


@worker_init.connect
@beat_init.connect
def refuse_too_much_power(**kwargs: Any) -> None:
    """A worker that could step over the walls does not start (TEN-10)."""
    from tenants.checks import refuse_too_much_power as refuse

    try:
        refuse()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from error  # a signal swallows every other exception
