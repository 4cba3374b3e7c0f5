"""The database's roles: who owns the tables, and who only works with rows (TEN-10).

Needs no Django: the launcher and `manage.py database_roles` both read it before there are tables.
"""

import secrets

from psycopg import sql

DATABASE = "tickmark"
APP_ROLE = "tickmark_app"
OWNER_ROLE = "tickmark_owner"
WEB_ROLE = "tickmark_web"


def roles_sql(owner_password: str, web_password: str) -> tuple[str, ...]:
    """Statements that make roles and database, for a superuser outside a transaction.

    `tickmark_app` carries the rights that migrations grant; `tickmark_owner` owns the database and
    migrates (CREATEDB is for test databases); `tickmark_web` is who web and worker connect as: it
    owns nothing. Run again, the CREATE statements fail with "already exists" and the others repeat
    themselves, so the passwords are these afterwards.
    """
    return (
        f"CREATE ROLE {APP_ROLE} NOLOGIN",
        f"CREATE ROLE {OWNER_ROLE} LOGIN",
        f"CREATE ROLE {WEB_ROLE} LOGIN",
        f"ALTER ROLE {OWNER_ROLE} CREATEDB PASSWORD {sql.quote(owner_password)}",
        f"ALTER ROLE {WEB_ROLE} PASSWORD {sql.quote(web_password)}",
        f"GRANT {APP_ROLE} TO {WEB_ROLE}",
        f"CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE} ENCODING 'UTF8' TEMPLATE template0",
        f"REVOKE TEMPORARY ON DATABASE {DATABASE} FROM PUBLIC",
    )


def script() -> str:
    """The statements with fresh passwords, for psql, and as comments the addresses to set."""
    owner, web = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    statements = [f"{statement};" for statement in roles_sql(owner, web)]
    addresses = (("DATABASE_URL", WEB_ROLE, web), ("OWNER_DATABASE_URL", OWNER_ROLE, owner))
    comments = [
        f"-- {name}=postgresql://{role}:{password}@HOST:5432/{DATABASE}"
        for name, role, password in addresses
    ]
    return "\n".join([*statements, *comments])
