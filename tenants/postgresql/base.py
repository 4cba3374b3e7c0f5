"""The database wrapper: any `atomic()` anywhere, third-party code included, is under the walls."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.db.backends.postgresql import base

from tenants import acting

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL that is told, in each transaction's first statement, who acts (TEN-8)."""

    def planned(self) -> CursorWrapper:
        """A cursor for statements whose text never changes: values travel beside it.

        PostgreSQL plans such a statement once for each connection and runs the plan again, where
        `DATABASE_PREPARE` lets it. For statements that one plan suits whatever the values are: a
        row found by its key, rows found by one index, new rows.
        """
        self.ensure_connection()
        with self.wrap_database_errors:
            cursor = base.ServerBindingCursor(self.connection)  # type: ignore[call-arg]
        return cast("CursorWrapper", self._prepare_cursor(cursor))  # type: ignore[attr-defined]

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
