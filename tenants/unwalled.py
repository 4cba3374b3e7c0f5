"""Tables without a wall: what the application may do with each, and why it needs none.

Every other table carries a `RowWall`; a table with neither stops the migration (TEN-1, TEN-6).
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connections

from tenants.walls import ALL, APP_ROLE, KEEP, READ, RowWall

UNWALLED: dict[str, tuple[str, str]] = {
    "tenants.user": (KEEP, "read before anyone is known, at sign-in; holds no tenant's data"),
    "tenants.session": (ALL, "read before anyone is known; hashed key, sealed contents"),
    "tenants.failedtries": (ALL, "read before anyone is known; keyed hashes and counts"),
    "sessions.session": ("", "unused: sessions have a table of ours"),
    "mfa.authenticator": (ALL, "allauth: factors, read at sign-in; seeds are sealed"),
    "account.emailaddress": (ALL, "allauth: addresses, read at sign-in"),
    "account.emailconfirmation": (ALL, "allauth: proofs of an address, read before sign-in"),
    "auth.permission": (READ, "the names of permissions, the same for everybody"),
    "auth.group": ("", "unused: access follows from assignments"),
    "auth.group_permissions": ("", "unused: access follows from assignments"),
    "contenttypes.contenttype": (READ, "the names of models, the same for everybody"),
    "guardian.userobjectpermission": ("", "unused: access has its own walled table"),
    "guardian.groupobjectpermission": ("", "unused: access has its own walled table"),
    "audits.criterion": (READ, "the published catalog, the same for everybody"),
    "audits.catalogobjective": (READ, "the published catalog, the same for everybody"),
    "audits.descriptioncriterion": (READ, "the published catalog, the same for everybody"),
}


def grant_rights(sender: Any, using: str, **kwargs: Any) -> None:
    """After migrations: give each unwalled table its rights; fail for one that is not listed.

    Raises RuntimeError naming the table, before any right is given.
    """
    connection = connections[using]
    rights = _rights(set(connection.introspection.table_names()))
    with connection.cursor() as cursor:
        for table, granted in rights.items():
            quoted = connection.ops.quote_name(table)
            cursor.execute(f"REVOKE ALL ON {quoted} FROM {APP_ROLE}")
            if granted:
                cursor.execute(f"GRANT {granted} ON {quoted} TO {APP_ROLE}")
        database = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}")
        cursor.execute(f"GRANT SELECT ON django_migrations TO {APP_ROLE}")


def _rights(standing: set[str]) -> dict[str, str]:
    """Unwalled table that stands → what the application may do with it."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        walled = any(isinstance(rule, RowWall) for rule in model._meta.constraints)
        if walled or table not in standing or not model._meta.managed:
            continue
        if model._meta.label_lower not in UNWALLED:
            raise RuntimeError(f"{table} has neither a RowWall nor a line in UNWALLED.")
        found[table], _ = UNWALLED[model._meta.label_lower]
    return found
