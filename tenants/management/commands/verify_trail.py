"""`manage.py verify_trail ENGAGEMENT`: check a book of the trail against its checkpoints."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tenants.acting import Actor, acting
from tenants.actions.trail_checks import check
from tenants.trail_verifier import checkpoints_in, shown


class Command(BaseCommand):
    """Prints each fault and a closing line; ends with status 1 when there is a fault."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("book", type=UUID, help="the engagement's id, or an organization's")
        parser.add_argument("--organization", action="store_true", help="it is an organization's")
        parser.add_argument(
            "--checkpoint", action="append", default=[], type=Path, metavar="FILE",
            help="a checkpoint from outside, such as a mail that was kept",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        book, of_engagement = options["book"], not options["organization"]
        outside = []
        for path in options["checkpoint"]:
            found = checkpoints_in(path.read_text(encoding="utf-8", errors="replace"))
            if not found:
                raise CommandError(f"{path} holds no checkpoint.")
            outside += [each for each in found if each.book == str(book)]
        actor = Actor(engagement_id=book) if of_engagement else Actor(organization_id=book)
        with acting(actor):
            faults, said = check(book, of_engagement=of_engagement, outside=outside)
        for fault in faults:
            self.stdout.write(f"FAULT  {shown(fault)}")
        self.stdout.write(f"Faults found: {len(faults)}." if faults else f"In order: {said}.")
        if faults:
            sys.exit(1)
