"""What a locked file refuses, in the database too (LK-03, LK-04)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tenants.walls import DatabaseRule

LOCKED = "LK-03: the file is locked; nothing of it changes. Write an addendum."
ASSEMBLED = (
    "LK-04: after release a file is only put in order. New work needs a late procedure that a "
    "partner has signed."
)
LATE_WORK = """CREATE OR REPLACE FUNCTION tickmark_works_late(engagement uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$ SELECT false $$"""
"""Whether a late procedure is open; the app that has late procedures replaces it."""


class ClosesWithTheFile(DatabaseRule):
    """No row of the table is written once its engagement is locked or disposed.

    `from_release`: nor from the release of the report (or a withdrawal) on, but for a late
    procedure. `unless` is SQL over NEW that lets an insert pass. The engagement is locked against
    a move that runs (a move holds it FOR UPDATE) and read again after that, so no row slips past a
    gate that has judged. Who needs the engagement FOR UPDATE takes it before any other write.
    """

    def __init__(
        self, *, name: str = "%(class)s_closes", from_release: bool = False, unless: str = ""
    ) -> None:
        more = {"unless": unless} if unless else {}
        if from_release:
            more["from_release"] = "yes"
        super().__init__(name=name, **more)

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        if kwargs.pop("from_release", ""):
            kwargs["from_release"] = True
        return path, args, kwargs

    def statements(self, table: str) -> str:
        return (
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql "
            "SET search_path = public, pg_temp AS $rule$ "
            "DECLARE place uuid; standing text; BEGIN "
            "IF TG_OP = 'DELETE' THEN place := OLD.engagement_id; "
            "ELSE place := NEW.engagement_id; END IF; "
            f"{self._passes()}"
            "PERFORM 1 FROM tenants_engagement WHERE id = place FOR KEY SHARE; "
            "SELECT status INTO standing FROM tenants_engagement WHERE id = place; "
            f"IF standing IS NULL OR standing IN ('locked', 'disposed') THEN {_refuse(LOCKED)} "
            f"END IF; {self._assembling()}"
            "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $rule$; "
            f"CREATE TRIGGER {self.name} BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {self.name}()"
        )

    def removal(self, table: str) -> str:
        return f"DROP TRIGGER {self.name} ON {table}; DROP FUNCTION {self.name}()"

    def _passes(self) -> str:
        if unless := self.arguments.get("unless"):
            return f"IF TG_OP = 'INSERT' THEN IF {unless} THEN RETURN NEW; END IF; END IF; "
        return ""

    def _assembling(self) -> str:
        if not self.arguments.get("from_release"):
            return ""
        return (
            "IF standing IN ('released', 'wrap_up', 'withdrawn') "
            f"AND NOT tickmark_works_late(place) THEN {_refuse(ASSEMBLED)} END IF; "
        )


def _refuse(message: str) -> str:
    said = message.replace("'", "''")
    return (
        f"RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'file_locked', MESSAGE = '{said}';"
    )


@contextmanager
def unlocked(schema_editor: Any, table: str, rule: str) -> Iterator[None]:
    """For a data migration over rows of locked files: the rule of the table sleeps inside."""
    schema_editor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {rule}")
    yield
    schema_editor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {rule}")
