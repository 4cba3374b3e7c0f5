"""`manage.py remove_factors EMAIL --reason WHY`: let somebody in who lost every second factor."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from tenants import acting
from tenants.actions import factors
from tenants.models import User


class Command(BaseCommand):
    """Takes passkeys, app and recovery codes away; the person adds new ones after signing in.

    Make sure first, by another way than e-mail, that it is really them. Their organizations read
    it in their trail, and they get a letter.
    """

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the person's e-mail address")
        parser.add_argument("--reason", required=True, help="why; stands in the trail")

    def handle(self, *args: Any, **options: Any) -> None:
        with acting.acting(acting.NOBODY), transaction.atomic():
            person = User.objects.filter(email__iexact=options["email"].strip()).first()
            if person is None:
                raise CommandError(f"Nobody signs in as {options['email']}.")
            count = factors.remove_all(person, why=options["reason"].strip())
        self.stdout.write(f"{person.email} has none left." if count else "There was none.")
