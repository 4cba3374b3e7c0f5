"""PostgreSQL's own rules as constraints: walls, links inside one engagement, refusals.

A rule is listed in `Meta.constraints`, so migrations create, change and drop it as any constraint.
The SQL itself is kept in the migration: a changed template is a changed migration. Settings are
read without "missing ok", so that a query with nobody announced raises (TEN-5); the sub-select
around them makes PostgreSQL read them once a statement.
"""

from __future__ import annotations

from typing import Any, Self

from django.db.models import BaseConstraint

APP_ROLE = "tickmark_app"
"""The role that holds the application's rights; web and worker log in as a member of it."""

READ = "SELECT"
APPEND = "SELECT, INSERT"
KEEP = "SELECT, INSERT, UPDATE"
ALL = "SELECT, INSERT, UPDATE, DELETE"

SYSTEM_ACTS = "(SELECT current_setting('app.system')::boolean)"
NO_PERSON = "(SELECT current_setting('app.person')::uuid = '00000000-0000-0000-0000-000000000000')"


def any_of(column: str, setting: str) -> str:
    """SQL: the row's `column` is among the ids announced as `setting`."""
    return f"{column} = ANY ((SELECT current_setting('app.{setting}')::uuid[])::uuid[])"


def is_the(column: str, setting: str) -> str:
    """SQL: the row's `column` is the one id announced as `setting`."""
    return f"{column} = (SELECT current_setting('app.{setting}')::uuid)"


def shown(column: str) -> str:
    """SQL: the row's `column` is the hash of the secret that was presented."""
    return f"{column} = (SELECT current_setting('app.presented'))"


def names_the_person(column: str) -> str:
    """SQL: the person acting is in the row's array `column`; a task, which is nobody, passes."""
    return f"({NO_PERSON} OR (SELECT current_setting('app.person')::uuid) = ANY ({column}))"


def row_is_seen(table: str, column: str, key: str = "id") -> str:
    """SQL: the row of `table` that `column` leads to exists for the one who asks."""
    return f"EXISTS (SELECT 1 FROM {table} seen WHERE seen.{key} = {column})"


class DatabaseRule(BaseConstraint):
    """A rule PostgreSQL alone checks; a migration adds it when all its tables stand."""

    def __init__(self, *, name: str, **arguments: str) -> None:
        super().__init__(name=name)
        self.arguments = arguments

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        return path, tuple(args), {**kwargs, **self.arguments}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DatabaseRule) and self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash(self.name)

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """Nothing to ask in Python: the database refuses."""

    def constraint_sql(self, model: Any, schema_editor: Any) -> str:
        return self.create_sql(model, schema_editor)

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        """Nothing now: all at the end, in the migration's transaction, when all tables stand."""
        schema_editor.deferred_sql.append(self.statements(model._meta.db_table))
        return ""

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        return self.removal(model._meta.db_table)

    def statements(self, table: str) -> str:
        """The SQL that puts the rule in force on `table`."""
        raise NotImplementedError

    def removal(self, table: str) -> str:
        """The SQL that takes the rule off `table`."""
        raise NotImplementedError


class RowWall(DatabaseRule):
    """Only rows for which `sees` holds exist for the application. No wall, no right (TEN-6).

    `sees` is the predicate to read and write, `also_reads` widens reading only, `takes` is what
    a written row must satisfy where that is wider than `sees`: a queue takes what its writer does
    not read again. `rights` are what the application may do at all. Removing a wall leaves the
    table closed, not open.
    """

    def __init__(
        self,
        *,
        sees: str,
        also_reads: str = "",
        takes: str = "",
        rights: str = ALL,
        name: str = "%(app_label)s_%(class)s_wall",
    ) -> None:
        more = {"takes": takes} if takes else {}
        super().__init__(name=name, sees=sees, also_reads=also_reads, rights=rights, **more)

    @classmethod
    def shared(cls, column: str = "engagement_id", *, only: str = "", **kwargs: str) -> Self:
        """Both sides of the engagement; `only` narrows by one more condition."""
        return cls(sees=_and(any_of(column, "engagements"), only), **kwargs)

    @classmethod
    def firm_only(cls, column: str = "engagement_id", *, only: str = "", **kwargs: str) -> Self:
        """The firm's people of the engagement (AC-02)."""
        return cls(sees=_and(any_of(column, "firm_side"), only), **kwargs)

    @classmethod
    def client_only(cls, column: str = "engagement_id", *, only: str = "", **kwargs: str) -> Self:
        """The client's people of the engagement (AC-03)."""
        return cls(sees=_and(any_of(column, "client_side"), only), **kwargs)

    @classmethod
    def organization(cls, column: str = "organization_id", **kwargs: str) -> Self:
        """The people who act in the organization."""
        return cls(sees=is_the(column, "organization"), **kwargs)

    @classmethod
    def library(cls, column: str = "client_id", **kwargs: str) -> Self:
        """The client's own, readable by firms engaged with it."""
        return cls(
            sees=is_the(column, "organization"), also_reads=any_of(column, "clients"), **kwargs
        )

    def policies(self) -> dict[str, str]:
        """Policy-name suffix → rule."""
        rule = f"USING ({self.arguments['sees']})"
        if takes := self.arguments.get("takes"):
            rule += f" WITH CHECK ({takes})"
        rules = {"": rule, "_owner": "TO CURRENT_USER USING (true)"}
        if reads := self.arguments["also_reads"]:
            rules["_reads"] = f"FOR SELECT USING ({reads})"
        return rules

    def statements(self, table: str) -> str:
        lines = [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            *(
                f"CREATE POLICY {self.name}{suffix} ON {table} {rule}"
                for suffix, rule in self.policies().items()
            ),
            f"REVOKE ALL ON {table} FROM {APP_ROLE}",
            f"GRANT {self.arguments['rights']} ON {table} TO {APP_ROLE}",
        ]
        return "; ".join(lines)

    def removal(self, table: str) -> str:
        drops = [f"DROP POLICY {self.name}{suffix} ON {table}" for suffix in self.policies()]
        return "; ".join([*drops, f"REVOKE ALL ON {table} FROM {APP_ROLE}"])


class SameEngagement(DatabaseRule):
    """A link that cannot leave its engagement, or its client: a composite foreign key (TEN-3).

    `link` is the foreign key's column, `to` the table it leads to, `by` the tenant column on
    both sides. The Django key beside it has `db_constraint=False`. Immediate, so that a foreign
    parent is refused inside the action that names it.
    """

    def __init__(
        self,
        *,
        link: str,
        to: str,
        by: str = "engagement_id",
        to_by: str = "",
        name: str = "",
        on_delete: str = "NO ACTION",
    ) -> None:
        super().__init__(
            name=name or f"%(class)s_{link.removesuffix('_id')}_link",
            link=link, to=to, by=by, to_by=to_by or by, on_delete=on_delete,
        )  # fmt: skip

    def statements(self, table: str) -> str:
        a = self.arguments
        key = f"{a['to']}_{a['to_by'].removesuffix('_id')}_key"[:63]
        return (
            f"CREATE UNIQUE INDEX IF NOT EXISTS {key} ON {a['to']} ({a['to_by']}, id); "
            f"ALTER TABLE {table} ADD CONSTRAINT {self.name} FOREIGN KEY ({a['by']}, {a['link']}) "
            f"REFERENCES {a['to']} ({a['to_by']}, id) ON DELETE {a['on_delete']}"
        )

    def removal(self, table: str) -> str:
        return f"ALTER TABLE {table} DROP CONSTRAINT {self.name}"


class Refuses(DatabaseRule):
    """Rows for which `when` holds are refused with `message`, for the owner of the tables too.

    `when` is SQL over NEW (and OLD for an update); `on` lists the events. Used where a check
    constraint cannot look: at the row before, or at the engagement.
    """

    def __init__(self, *, name: str, when: str, message: str, on: str = "INSERT OR UPDATE") -> None:
        super().__init__(name=name, when=when, message=message, on=on)

    def statements(self, table: str) -> str:
        a = self.arguments
        message = a["message"].replace("'", "''")
        return (
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql "
            "SET search_path = public, pg_temp AS "
            f"$rule$ BEGIN IF {a['when']} THEN RAISE EXCEPTION USING ERRCODE = '23514', "
            f"CONSTRAINT = '{self.name}', MESSAGE = '{message}'; END IF; "
            "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $rule$; "
            f"CREATE TRIGGER {self.name} BEFORE {a['on']} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {self.name}()"
        )

    def removal(self, table: str) -> str:
        return f"DROP TRIGGER {self.name} ON {table}; DROP FUNCTION {self.name}()"


class AppendOnly(DatabaseRule):
    """Rows are written once: no update, delete or truncate, not by the owner either (AUD-3).

    `erasable`, as `column = value, …`, is the one change there is: all these columns at once take
    these values and nothing else changes. The application has no right to it (AUD-7).
    """

    def __init__(self, *, name: str = "%(class)s_append_only", erasable: str = "") -> None:
        super().__init__(name=name, **({"erasable": erasable} if erasable else {}))

    def statements(self, table: str) -> str:
        erased = "".join(
            f"erased.{change.replace(' = ', ' := ')}; "
            for change in self.arguments.get("erasable", "").split(", ")
            if change
        )
        lets = (
            f"IF TG_OP = 'UPDATE' THEN erased := OLD; {erased}"
            "IF NEW IS NOT DISTINCT FROM erased THEN RETURN NEW; END IF; END IF; "
        )
        return (
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql "
            "SET search_path = public, pg_temp AS "
            f"$rule$ {f'DECLARE erased {table}%ROWTYPE; ' if erased else ''}BEGIN "
            f"{lets if erased else ''}"
            f"RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = '{self.name}', "
            "MESSAGE = 'What is written here is never changed or deleted.'; END $rule$; "
            f"CREATE TRIGGER {self.name} BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {self.name}(); "
            f"CREATE TRIGGER {self.name}_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {self.name}()"
        )

    def removal(self, table: str) -> str:
        return (
            f"DROP TRIGGER {self.name} ON {table}; DROP TRIGGER {self.name}_truncate ON {table}; "
            f"DROP FUNCTION {self.name}()"
        )


class HandsOn(DatabaseRule):
    """Part of each row goes to another table too, in the statement that writes it.

    `values` is SQL over a row, for the `columns` of the table `to`, whose wall holds as ever.
    """

    def __init__(self, *, name: str, to: str, columns: str, values: str) -> None:
        super().__init__(name=name, to=to, columns=columns, values=values)

    def statements(self, table: str) -> str:
        a = self.arguments
        return (
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql "
            "SET search_path = public, pg_temp AS $rule$ BEGIN "
            f"INSERT INTO {a['to']} ({a['columns']}) SELECT {a['values']} FROM written; "
            "RETURN NULL; END $rule$; "
            f"CREATE TRIGGER {self.name} AFTER INSERT ON {table} REFERENCING NEW TABLE AS written "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {self.name}()"
        )

    def removal(self, table: str) -> str:
        return f"DROP TRIGGER {self.name} ON {table}; DROP FUNCTION {self.name}()"


def _and(wall: str, only: str) -> str:
    return f"{wall} AND ({only})" if only else wall
