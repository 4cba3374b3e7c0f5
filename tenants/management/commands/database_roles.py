"""Print the SQL that prepares one's own PostgreSQL server."""

from typing import Any

from django.core.management.base import BaseCommand

from tenants.database_roles import script


class Command(BaseCommand):
    """Print the roles' SQL, with fresh passwords, and the two addresses that go with it.

    Connects to nothing: give the output to `psql` as a superuser. Where no setting is made yet,
    `python -m grc.embedded roles` prints the same.
    """

    help = "Print the SQL that makes the database and its roles on a PostgreSQL server of one's own"
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Print statements for psql, then DATABASE_URL and OWNER_DATABASE_URL as comments."""
        self.stdout.write(script())
