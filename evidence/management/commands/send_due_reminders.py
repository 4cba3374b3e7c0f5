"""`manage.py send_due_reminders`: climb today's reminder ladders now, not at the set hour."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from evidence.actions.reminders import REMIND
from tenants import acting, outbox
from tenants.models import Schedule


class Command(BaseCommand):
    """Makes every ladder due; workers do the rest. A second run today finds nothing."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        with acting.acting(acting.Actor(system=True)), transaction.atomic():
            Schedule.objects.filter(task=REMIND).update(next_at=timezone.now())
        started = outbox.start_scheduled()
        outbox.hint(outbox.waiting())
        self.stdout.write(f"{started} engagements climb their ladder now.")
