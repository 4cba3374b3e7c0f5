"""`manage.py found_firm NAME EMAIL PERSON`: the first organization of an installation."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from tenants import acting
from tenants.actions import organizations
from tenants.choices import OrganizationKind, Role
from tenants.errors import GrcError
from tenants.models import User


class Command(BaseCommand):
    """Founds a firm with its administrator, who invites everybody else from the portal."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the firm's name")
        parser.add_argument("email", help="the administrator's e-mail address")
        parser.add_argument("person", help="the administrator's name")
        parser.add_argument("--time-zone", default="America/New_York")
        parser.add_argument(
            "--password-stdin", action="store_true", help="read the password from standard input"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        password = (
            sys.stdin.readline().rstrip("\n")
            if options["password_stdin"]
            else getpass.getpass("Password of at least 15 characters: ")
        )
        try:
            with acting.acting(acting.NOBODY), transaction.atomic():
                person = self._person(options["email"], options["person"], password)
                firm = organizations.found_with(
                    options["name"], OrganizationKind.FIRM, person=person, role=Role.FIRM_ADMIN,
                    time_zone=options["time_zone"],
                )  # fmt: skip
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        except GrcError as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(f"{firm} is founded; {person.email} signs in and invites the others.")

    def _person(self, email: str, name: str, password: str) -> User:
        if User.objects.filter(email__iexact=email.strip()).exists():
            raise CommandError(f"{email} has an account already; choose another administrator.")
        validate_password(password, User(email=email, name=name))
        return User.objects.create_user(email, password, name=name)
