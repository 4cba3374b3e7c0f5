"""`manage.py create_token EMAIL`: a token for a program, printed once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from tenants.actions import tokens
from tenants.errors import GrcError
from tenants.queries.persons import acting_as


class Command(BaseCommand):
    """Makes a token that acts as a person in their organization, with their rights at most."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--organization", default="", help="needed for members of several")
        parser.add_argument("--name", default="Command line")
        parser.add_argument("--days", type=int, default=tokens.USUAL_DAYS)
        parser.add_argument("--scope", action="append", default=[], help="a permission; repeatable")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with (
                acting_as(options["email"], options["organization"]) as (person, organization),
                transaction.atomic(),
            ):
                _, secret = tokens.create(
                    organization, name=options["name"], by=person, days=options["days"],
                    scopes=options["scope"],
                )  # fmt: skip
        except GrcError as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(secret)
