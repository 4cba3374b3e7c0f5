"""The database wrapper: any `atomic()` anywhere, third-party code included, is under the walls."""

from __future__ import annotations

from django.db.backends.postgresql import base

from tenants import acting


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL that is told, in each transaction's first statement, who acts (TEN-8)."""

    def _set_autocommit(self, autocommit: bool) -> None:
        super()._set_autocommit(autocommit)  # type: ignore[misc]  # the stubs do not know it
        if autocommit:
            return
        try:  # the outermost atomic() has just begun
            acting.announce(self.connection)
        except BaseException:
            self.connection.rollback()
            super()._set_autocommit(True)  # type: ignore[misc]
            raise
