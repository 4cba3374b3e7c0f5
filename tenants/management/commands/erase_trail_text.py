"""`manage.py erase_trail_text ENTRY …`: take the personal text out of entries of the trail."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import ProgrammingError, transaction

from tenants import trail
from tenants.acting import SYSTEM, Actor, acting
from tenants.models import TrailEntry
from tenants.trail_verifier import ERASURE

ERASED: dict[str, Any] = {
    "person_name": "", "subject_label": "", "note": "", "detail": {}, "address": None, "salt": None,
}  # fmt: skip


class Command(BaseCommand):
    """Names, labels, notes, details and addresses go; the entry and its hashes stay (AUD-7).

    Only the owner of the tables can: run it as `migrate` is run. Each erasure is an entry itself,
    with the reason, or a copy of the trail would be found faulty.
    """

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("entries", nargs="+", type=UUID, metavar="ENTRY")
        parser.add_argument("--reason", required=True, help="kept in the trail")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic():
                for key in options["entries"]:
                    self._erase(key, options["reason"])
        except ProgrammingError as denied:
            raise CommandError(
                "Only the owner of the tables erases: DATABASE_URL=$OWNER_DATABASE_URL."
            ) from denied
        self.stdout.write(f"{len(options['entries'])} texts erased.")

    def _erase(self, key: UUID, reason: str) -> None:
        entry = TrailEntry.objects.filter(pk=key).first()
        if entry is None:
            raise CommandError(f"There is no entry {key}, or this role does not see it.")
        if entry.salt is None:
            raise CommandError(f"The text of {key} was erased already.")
        book = {"engagement_id": entry.engagement_id, "organization_id": entry.organization_id}
        with acting(Actor(**book)):
            TrailEntry.objects.filter(pk=key).update(**ERASED)
            trail.record(ERASURE, entry, by=SYSTEM, note=reason, zone=entry.zone, **book)
