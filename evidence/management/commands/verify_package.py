"""`manage.py verify_package FILE`: check a package, ZIP or unpacked, as its own verify.py does."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from evidence import package_verifier


class Command(BaseCommand):
    """Prints each fault and a closing line; ends with status 1 when there is a fault (PK-01)."""

    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="a package's ZIP, or the folder it was unpacked to")

    def handle(self, *args: Any, **options: Any) -> None:
        if status := package_verifier.main([options["file"]]):
            sys.exit(status)
