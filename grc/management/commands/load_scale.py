"""`manage.py load_scale --factor N`: much made-up data, to see lists and plans at size."""

from __future__ import annotations

from argparse import ArgumentParser
from importlib import import_module
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

SCALE = "tests.bench.scale"
"""With the measurements that use it, not in what is installed."""


class Command(BaseCommand):
    """Adds firms of 25 clients, 50 engagements and 20,000 requests, beside all walls."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--factor", type=int, default=1, help="how many firms (default 1)")

    def handle(self, *args: Any, factor: int, **options: Any) -> None:
        if not settings.LOCAL:
            raise CommandError("Made-up data is for loopback only.")
        if not settings.OWNER_DATABASE_URL:
            raise CommandError("Set OWNER_DATABASE_URL: the owner of the tables writes the data.")
        try:
            scale = import_module(SCALE)
        except ModuleNotFoundError as absent:
            raise CommandError(
                "Run this in a checkout of the project, where tests/ is."
            ) from absent
        with psycopg.connect(settings.OWNER_DATABASE_URL, autocommit=True) as owner:
            present = scale.firms(owner)
            for number in range(present + 1, present + 1 + factor):
                scale.add_firm(owner, number, scale.Size())
                self.stdout.write(f"Firm {number} is there, with 20,000 requests.")
