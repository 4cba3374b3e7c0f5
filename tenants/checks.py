"""What must hold before a process serves: too much power in the database stops it (TEN-10)."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured
from django.db import connection

_POWER = """SELECT rolname FROM pg_roles WHERE pg_has_role(session_user, oid, 'member')
  AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)
UNION ALL SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
  AND (pg_has_role(session_user, relowner, 'member')
    OR relkind IN ('r', 'p') AND (has_table_privilege(oid, 'TRUNCATE')
      OR has_table_privilege(oid, 'TRIGGER')))
UNION ALL SELECT 'CREATE' WHERE has_schema_privilege('public', 'CREATE')
  OR has_database_privilege(current_database(), 'CREATE') LIMIT 5"""


def refuse_too_much_power() -> None:
    """Raise ImproperlyConfigured when this process could step over the walls."""
    with connection.cursor() as cursor:
        cursor.execute(_POWER)
        found = [row[0] for row in cursor.fetchall()]
    connection.close()
    if found:
        raise ImproperlyConfigured(
            "DATABASE_URL names a role that owns tables, may empty or change them, or may bypass "
            "row-level security "
            f"({', '.join(found)}). Web and worker must use the web role: "
            "`manage.py database_roles` prints the SQL that makes it."
        )
