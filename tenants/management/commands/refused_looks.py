"""`manage.py refused_looks`: how often organizations asked for what is not there for them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone

from tenants.acting import Actor, acting
from tenants.models import MissedLook


class Command(BaseCommand):
    """Prints day, organization and count, the most first; a mistyped address counts too."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=7, help="how far back; 7 by default")

    def handle(self, *args: Any, **options: Any) -> None:
        since = timezone.now().date() - timedelta(days=options["days"])
        with acting(Actor(system=True)), transaction.atomic():
            rows = MissedLook.objects.filter(day__gt=since).order_by("-count", "day")
            for row in rows:
                self.stdout.write(f"{row.day}  {row.organization_id}  {row.count}")
