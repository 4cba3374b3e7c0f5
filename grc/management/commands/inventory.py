"""Prints what this installation is made of."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand

from grc.inventory import bill_of_materials


class Command(BaseCommand):
    """The inventory of packages and vendored files, as CycloneDX 1.6 JSON (SUP-1)."""

    help = "Print the inventory of this installation as CycloneDX JSON."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it."""
        self.stdout.write(json.dumps(bill_of_materials(), indent=2, sort_keys=True))
