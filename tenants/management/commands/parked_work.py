"""`manage.py parked_work`: what workers gave up after five attempts, and another try for it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tenants import outbox


class Command(BaseCommand):
    """Lists parked work by id, moment, task and kind of error; `--retry ID` frees one piece."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--retry", metavar="ID", help="let workers try this piece again")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["retry"]:
            if not outbox.unpark(options["retry"]):
                raise CommandError("No work with this id is parked.")
            self.stdout.write("Workers will try it again.")
            return
        for row in outbox.parked():
            self.stdout.write(
                f"{row.pk}  {row.parked_at:%Y-%m-%d %H:%M}  {row.task}  "
                f"{row.last_error or 'its worker ended'}"
            )
