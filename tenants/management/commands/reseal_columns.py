"""`manage.py reseal_columns`: seal anew, with the first of `COLUMN_KEYS`, what lies sealed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from tenants import acting
from tenants.actions import sealed


class Command(BaseCommand):
    """Run it after putting a new key in front; then the old key can go. Sessions it leaves: they
    are over within twelve hours, or need signing in again."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        with acting.acting(acting.NOBODY), transaction.atomic():
            count = sealed.reseal()
        self.stdout.write(f"{count} rows are sealed with the first key.")
