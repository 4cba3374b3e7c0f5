"""`manage.py add_operator EMAIL PERSON`: somebody who looks after the platform."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError, ProgrammingError, transaction

from tenants import acting
from tenants.models import Operator, User
from tenants.refusals import as_refusal


class Command(BaseCommand):
    """Makes an account that belongs to no organization and may ask customers to let it look.

    Run as the owner of the tables (DATABASE_URL=$OWNER_DATABASE_URL): the application's own role
    cannot make an operator.
    """

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("person", help="their name, as customers will read it")
        parser.add_argument(
            "--password-stdin", action="store_true", help="read the password from standard input"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        try:
            with acting.acting(acting.NOBODY), transaction.atomic():
                person = User.objects.filter(email__iexact=email).first()
                if person is None:
                    person = self._made(email, options["person"], options["password_stdin"])
                Operator.objects.create(person=person)
        except ValidationError as weak:
            raise CommandError(" ".join(weak.messages)) from weak
        except ProgrammingError as refused:
            raise CommandError(
                "Run this as the owner of the tables: DATABASE_URL=$OWNER_DATABASE_URL."
            ) from refused
        except IntegrityError as refused:
            said = as_refusal(refused)
            raise CommandError(said.message if said else str(refused)) from refused
        self.stdout.write(
            f"{person} is an operator; they sign in, add a second factor and open /operator/."
        )

    def _made(self, email: str, name: str, from_stdin: bool) -> User:
        password = (
            sys.stdin.readline().rstrip("\n")
            if from_stdin
            else getpass.getpass("Password of at least 15 characters: ")
        )
        validate_password(password, User(email=email, name=name))
        return User.objects.create_user(email, password, name=name)
