"""The rules in force are the ones the models state: walls, links, checks, triggers and rights.

Each rule is dropped and made anew from its model, by the owner in a transaction that is undone;
what the catalog says of the table must be the same before and after (TEN-1, TEN-3, TEN-6).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from tenants.unwalled import UNWALLED
from tenants.walls import DatabaseRule

MODELS = [
    model
    for model in apps.get_models(include_auto_created=True)
    if model._meta.constraints and model._meta.app_label in ("tenants", "audits", "evidence")
]
CATALOG = {
    "wall": "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass",
    "policies": "SELECT policyname, cmd, roles::text, qual, with_check FROM pg_policies "
                "WHERE tablename = %s ORDER BY 1",
    "constraints": "SELECT conname, pg_get_constraintdef(oid), condeferrable FROM pg_constraint "
                   "WHERE conrelid = %s::regclass AND contype IN ('c', 'u', 'f') ORDER BY 1",
    "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s "
               "AND indexdef LIKE 'CREATE UNIQUE%%' ORDER BY 1",
    "triggers": "SELECT tgname, tgenabled, pg_get_triggerdef(oid), pg_get_functiondef(tgfoid) "
                "FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal ORDER BY 1",
    "rights": "SELECT privilege_type FROM information_schema.role_table_grants "
              "WHERE table_name = %s AND grantee = 'tickmark_app' ORDER BY 1",
}  # fmt: skip


@pytest.fixture
def owner(db: None) -> Iterator[Any]:
    """The owner of the tables, in a transaction that is undone."""
    raw = settings.OWNER_CONNECTION
    with raw.transaction(force_rollback=True), raw.cursor() as cursor:
        yield cursor


def standing(owner: Any, table: str) -> dict[str, list[Any]]:
    """What the catalog says of a table."""
    return {name: owner.execute(query, (table,)).fetchall() for name, query in CATALOG.items()}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.db_table)
def test_the_rules_in_force_are_those_of_the_model_ten_1_ten_6(owner: Any, model: Any) -> None:
    table = model._meta.db_table
    before = standing(owner, table)
    with connection.schema_editor(collect_sql=True, atomic=False) as editor:
        drops = [str(rule.remove_sql(model, editor)) for rule in model._meta.constraints]
        made = [made_anew(rule, model, editor) for rule in model._meta.constraints]
        editor.deferred_sql.clear()
    for statement in (*drops, *made):
        try:
            owner.execute(statement)
        except psycopg.Error as missing:
            pytest.fail(f"{table}: a rule of the model is not in force: {statement}: {missing}")
    assert standing(owner, table) == before


def made_anew(rule: Any, model: Any, editor: Any) -> str:
    """The SQL that puts a rule in force."""
    if isinstance(rule, DatabaseRule):
        return rule.statements(model._meta.db_table)
    return str(rule.create_sql(model, editor))


def test_tables_without_a_wall_have_the_rights_that_are_listed_ten_1(owner: Any) -> None:
    found = {}
    for label in UNWALLED:
        rows = owner.execute(CATALOG["rights"], (apps.get_model(label)._meta.db_table,)).fetchall()
        found[label] = {row[0] for row in rows}
    stated = {
        label: set(filter(None, rights.split(", "))) for label, (rights, _) in UNWALLED.items()
    }
    assert found == stated


def test_a_rule_that_is_missing_is_noticed(owner: Any) -> None:
    """The comparison finds a wall that sees more, a right too many, a trigger that sleeps."""
    table = "tenants_trailentry"
    before = standing(owner, table)
    for change in (
        f"ALTER POLICY tenants_trailentry_wall ON {table} USING (true)",
        f"GRANT DELETE ON {table} TO tickmark_app",
        f"ALTER TABLE {table} DISABLE TRIGGER USER",
        f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
    ):
        owner.execute("SAVEPOINT changed")
        owner.execute(change)
        assert standing(owner, table) != before, change
        owner.execute("ROLLBACK TO SAVEPOINT changed")
