"""Says whether the broker is run as it must be."""

from __future__ import annotations

from typing import Any

import redis
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from grc.broker import probe


class Command(BaseCommand):
    """One line for each thing asked; fails when one of them does not hold (OPS-2)."""

    help = "Ask the broker whether it is protected, keeps what it is given, and evicts nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, and print."""
        try:
            findings = list(probe(settings.CELERY_BROKER_URL, settings.CACHE_URL))
        except redis.RedisError as error:
            raise CommandError(f"The broker does not answer ({type(error).__name__}).") from error
        for finding in findings:
            sign = "yes" if finding.holds else "NO "
            self.stdout.write(
                f"{sign}  {finding.what}" + ("" if finding.holds else f": {finding.cure}")
            )
        if wrong := [finding for finding in findings if not finding.holds]:
            raise CommandError(f"{len(wrong)} of {len(findings)} do not hold.")
