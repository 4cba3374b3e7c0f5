"""`manage.py assemble_package ENGAGEMENT`: ask for a package and see it through.

The work is done as a worker does it, here or by a worker that was quicker.
"""

from __future__ import annotations

import time
from threading import Thread
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from evidence.actions import package_building, packages
from evidence.choices import PackageStatus
from evidence.models import Package
from evidence.queries.package_listing import percent_done
from tenants import acting, tasks
from tenants.errors import GrcError
from tenants.models import Engagement, OutboxEntry, User

LOOK_SECONDS = 0.5


class Command(BaseCommand):
    """Prints how far the package is, then its SHA-256 and where its bytes lie in the store."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("engagement", type=UUID, help="the engagement's id")
        parser.add_argument(
            "--by", default="", metavar="EMAIL",
            help="who asks for it (by default who opened the engagement)",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        package = self._asked_for(options["engagement"], options["by"])
        worker = Thread(target=_work, args=(package,), daemon=True)
        worker.start()
        package = self._watched(package)
        worker.join()
        if package.status == PackageStatus.FAILED:
            raise CommandError(package.problem)
        self.stdout.write(f"{package.sha256}  {package.storage_key}")
        self.stdout.write(f"Manifest SHA-256: {package.manifest_sha256}")

    def _asked_for(self, engagement_id: UUID, email: str) -> Package:
        """A package that waits. Raises CommandError."""
        with acting.acting(acting.Actor(engagement_id=engagement_id)), transaction.atomic():
            engagement = Engagement.objects.filter(pk=engagement_id).first()
            if engagement is None:
                raise CommandError(f"There is no engagement {engagement_id}.")
            by = (
                User.objects.filter(email__iexact=email).first() if email else engagement.founded_by
            )
        if by is None:
            raise CommandError(f"Nobody has the address {email}.")
        try:
            actor = acting.Actor(person_id=by.pk, organization_id=engagement.firm_id)
            with acting.acting(actor), transaction.atomic():
                return packages.request(engagement, by=by)
        except GrcError as refused:
            raise CommandError(refused.message) from refused

    def _watched(self, package: Package) -> Package:
        """Print each change until the package is ready or has failed."""
        told = ""
        actor = acting.Actor(engagement_id=package.engagement_id)
        while True:
            with acting.acting(actor), transaction.atomic():
                package = Package.objects.get(pk=package.pk)
            percent = percent_done(package)
            line = package.get_status_display() + ("" if percent is None else f", {percent}%")
            if line != told:
                self.stdout.write(f"Package {package.number}: {line}")
            told = line
            if package.status not in packages.UNDER_WAY:
                return package
            time.sleep(LOOK_SECONDS)


def _work(package: Package) -> None:
    """Claim the package's work as a worker would; another one may have been quicker."""
    try:
        with acting.acting(acting.Actor(system=True)), transaction.atomic():
            pk = OutboxEntry.objects.values_list("pk", flat=True).get(
                task=package_building.ASSEMBLE, subject=package.pk
            )
        tasks.perform(str(pk))
    finally:
        connection.close()
