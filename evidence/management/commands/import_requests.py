"""`manage.py import_requests ENGAGEMENT FILE`: a firm's request list, all or nothing."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from evidence.actions import imports
from evidence.actions.import_reading import read_now
from evidence.actions.import_rows import import_rows
from evidence.choices import ImportStatus
from evidence.models import RequestImport
from evidence.queries.imports import rows_of, unknown_people
from tenants.errors import GrcError
from tenants.models import Engagement
from tenants.queries.persons import acting_as

WIDTHS = (5, 10, 12, 60)
WAIT_SECONDS = 120


class Command(BaseCommand):
    """Reads a list, prints what each row would do, and imports the usable rows together.

    Acts as a person of the firm on the engagement, with their rights at most; the trail names
    them. With --dry-run the list is put aside after it was shown.
    """

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """The engagement's id, the file, and who acts."""
        parser.add_argument("engagement")
        parser.add_argument("file", type=Path)
        parser.add_argument("--as", dest="email", required=True, help="whose act it is, by e-mail")
        parser.add_argument("--organization", default="", help="needed for members of several")
        parser.add_argument("--dry-run", action="store_true", help="show the rows, import none")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the rows, then what was done. Exit 1 and no change when the list is refused."""
        try:
            with acting_as(options["email"], options["organization"]) as (person, _):
                with transaction.atomic():
                    engagement = Engagement.objects.find(person, options["engagement"])
                self._run(engagement, options["file"], person, dry_run=options["dry_run"])
        except (GrcError, PermissionDenied, OSError) as refusal:
            raise CommandError(str(refusal)) from refusal

    def _run(self, engagement: Engagement, file: Path, person: Any, *, dry_run: bool) -> None:
        with file.open("rb") as stream:
            handed_in = imports.hand_in(engagement, stream, name=file.name, by=person)
        handed_in = self._read(handed_in)
        with transaction.atomic():
            if handed_in.status != ImportStatus.READY:
                refusal = handed_in.problem.get("message") or "No worker has read it in time."
                raise CommandError(f"{file.name}: {refusal}")
            self._print(handed_in)
            if dry_run:
                imports.discard(handed_in, by=person)
                self.stdout.write("Nothing was imported.")
                return
            done = import_rows(handed_in, by=person)
        self.stdout.write(f"Imported: {done['create']} new, {done['update']} changed.")

    def _read(self, handed_in: RequestImport) -> RequestImport:
        """The list once it is read: here, or by a worker who was faster."""
        ends = time.monotonic() + WAIT_SECONDS
        handed_in = read_now(handed_in)
        while handed_in.status == ImportStatus.READING and time.monotonic() < ends:
            time.sleep(0.2)
            with transaction.atomic():
                handed_in.refresh_from_db()
        return handed_in

    def _print(self, handed_in: RequestImport) -> None:
        """A table of the rows, then the people nobody knows."""
        self._line("Row", "Outcome", "Ref", "Request")
        for row in rows_of(handed_in):
            self._line(str(row.sheet_row), row.get_plan_display(), row.ref, row.fields["title"])
            for said in row.messages:
                if said["weight"] != "hint":
                    self.stdout.write(f"        {said['place']}: {said['text']}")
        for unknown in unknown_people(handed_in):
            requests = "1 request" if unknown.requests == 1 else f"{unknown.requests} requests"
            self.stdout.write(f"Not on the engagement yet: {unknown.email} ({requests})")

    def _line(self, *texts: str) -> None:
        cells = (f"{text[:width]:<{width}}" for text, width in zip(texts, WIDTHS, strict=True))
        self.stdout.write("  ".join(cells).rstrip())
