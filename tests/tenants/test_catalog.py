"""What PostgreSQL's own catalog says of tables, links, rights and functions (TEN-1 to TEN-12)."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, models

from tenants import checks, unwalled
from tenants.walls import APP_ROLE, RowWall, SameEngagement
from tests.tenants.unique_without_tenant import REASONS

ROOT = Path(__file__).resolve().parents[2]
TENANT_KEYS = {"engagement_id", "client_id", "organization_id", "firm_id"}
NAMED_BY = {*TENANT_KEYS, "book_id"}
MODELS = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
WALLED = sorted(
    table
    for table, model in MODELS.items()
    if any(isinstance(rule, RowWall) for rule in model._meta.constraints)
)
IS_A_TENANT = {"tenants_organization": "id", "tenants_engagement": "client_id"}
"""The tenants themselves, and what names whose they are."""
OTHERWISE_KEYED = {
    "tenants_engagementaccess": "content_object_id",  # guardian's name for the engagement
    "tenants_trailleaf": "book_id", "tenants_trailplace": "book_id", "tenants_trailtree": "book_id",
    "tenants_trailcheckpoint": "book_id",  # an engagement's book or an organization's
}  # fmt: skip
"""Tables that name their tenant otherwise."""
OF_NO_TENANT = {
    "tenants_trailpulse": "how the sequencer does: one row, of the system alone",
    "tenants_addresschange": "of an account: its person alone sees it",
    "tenants_operator": "of an account: its person alone sees it",
}
OUTLIVE = {"tenants_trailentry", "tenants_outboxentry"}
"""They carry plain ids, because they outlive what they name, and one of two keys may be empty."""
ROOTS = {"tenants_organization", "tenants_engagement", "tenants_user"}
"""Rows that a link names by the tenant key itself, and people, who belong to no tenant."""


def owner(query, *values):
    """What the owner of the tables is told."""
    with settings.OWNER_CONNECTION.cursor() as cursor:
        cursor.execute(query, values or None)
        return cursor.fetchall() if cursor.description else []


def columns_of(table):
    """Column → whether it may be empty."""
    query = """SELECT column_name, is_nullable = 'YES' FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name = %s"""
    return dict(owner(query, table))


def test_a_table_without_a_class_stops_the_migration_ten_1(db, monkeypatch):
    monkeypatch.setattr(unwalled, "UNWALLED", {**unwalled.UNWALLED})
    with monkeypatch.context() as patch:
        patch.delitem(unwalled.UNWALLED, "audits.criterion")
        with pytest.raises(RuntimeError, match="audits_criterion has neither"):
            unwalled.grant_rights(None, "default")
    with pytest.raises(Exception, match="permission denied"):  # all are classed: on to the rights
        unwalled.grant_rights(None, "default")


@pytest.mark.parametrize("table", [each for each in WALLED if each not in OF_NO_TENANT])
def test_every_walled_table_carries_its_tenant_ten_2(django_db_setup, table):
    columns = columns_of(table)
    wanted = {IS_A_TENANT.get(table) or OTHERWISE_KEYED.get(table) or ""} - {""} or TENANT_KEYS
    keys = wanted & set(columns)
    assert keys, f"{table} says nowhere whose its rows are"
    if table not in OUTLIVE:
        assert any(not columns[key] for key in keys), f"{table}: its tenant may be empty"


def links():
    """(table, name, its columns, table it leads to, columns there) of every foreign key."""
    query = """SELECT conrelid::regclass::text, conname,
        ARRAY(SELECT attname::text FROM unnest(conkey) WITH ORDINALITY k (n, o)
          JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = k.n ORDER BY o),
        confrelid::regclass::text,
        ARRAY(SELECT attname::text FROM unnest(confkey) WITH ORDINALITY k (n, o)
          JOIN pg_attribute a ON a.attrelid = confrelid AND a.attnum = k.n ORDER BY o)
        FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace"""
    return owner(query)


def test_every_link_between_tenant_tables_is_composite_ten_3(django_db_setup):
    wrong = [
        name
        for table, name, columns, to, there in links()
        if table in WALLED and to in WALLED and to not in ROOTS
        and not (len(columns) > 1 and TENANT_KEYS & set(columns) and TENANT_KEYS & set(there))
    ]  # fmt: skip
    assert not wrong, wrong


def test_every_django_link_between_tenant_tables_has_its_composite_key_ten_3(django_db_setup):
    """A key that Django alone knows of (`db_constraint=False`) is kept by PostgreSQL as well."""
    kept = {(table, column, to) for table, _, columns, to, _ in links() for column in columns}
    asked = {
        (table, field.column, field.related_model._meta.db_table)
        for table in WALLED
        for field in MODELS[table]._meta.local_fields
        if isinstance(field, models.ForeignKey)
    }
    assert len(asked) > 80
    assert asked <= kept, sorted(asked - kept)


ONE_OR_THE_OTHER = {"tenants_walledside": "a client or an engagement, never both"}


def test_a_link_that_leads_into_the_engagement_names_its_client_too_ten_3():
    """Where a row carries engagement and client, both are of one engagement."""
    wrong = [
        table
        for table in WALLED
        if table not in ONE_OR_THE_OTHER
        and {"engagement_id", "client_id"} <= {f.column for f in MODELS[table]._meta.local_fields}
        and not any(
            isinstance(rule, SameEngagement)
            and (rule.arguments["link"], rule.arguments["by"]) == ("engagement_id", "client_id")
            for rule in MODELS[table]._meta.constraints
        )
    ]
    assert not wrong, wrong


def unique_indexes():
    """(table, index, its definition) of every unique index of a walled table but its key."""
    query = """SELECT indrelid::regclass::text, indexrelid::regclass::text,
        pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class c ON c.oid = indrelid
        WHERE indisunique AND NOT indisprimary AND c.relnamespace = 'public'::regnamespace"""
    return [row for row in owner(query) if row[0] in WALLED]


def test_every_unique_constraint_names_its_tenant_or_is_listed_with_a_reason_ten_4(django_db_setup):
    found = unique_indexes()
    nameless = {
        name
        for _, name, definition in found
        if not NAMED_BY & set(re.findall(r"\w+", definition.partition(" USING ")[2]))
    }
    assert len(found) > 40
    assert nameless == set(REASONS), nameless ^ set(REASONS)


def test_the_role_of_the_application_holds_no_more_than_rows_ten_10(django_db_setup):
    held = owner(
        """SELECT c.relname, p.kind FROM pg_class c, unnest(ARRAY['TRUNCATE', 'REFERENCES',
        'TRIGGER']) p (kind) WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN
        ('r', 'p', 'v', 'm') AND has_table_privilege(%s, c.oid, p.kind)""",
        APP_ROLE,
    )
    assert held == []
    may = owner(
        """SELECT has_schema_privilege(%s, 'public', 'CREATE'),
        has_database_privilege(%s, current_database(), 'CREATE'),
        has_database_privilege(%s, current_database(), 'TEMPORARY')""",
        *[APP_ROLE] * 3,
    )
    assert may == [(False, False, False)]


def test_the_rights_on_a_table_are_those_its_wall_or_its_line_grants_ten_10(django_db_setup):
    kinds = ("SELECT", "INSERT", "UPDATE", "DELETE")
    wrong = []
    for table, model in MODELS.items():
        walls = [rule for rule in model._meta.constraints if isinstance(rule, RowWall)]
        listed = unwalled.UNWALLED.get(model._meta.label_lower, ("", ""))[0]
        granted = walls[0].arguments["rights"] if walls else listed
        wanted = set(re.split(r",\s*", re.sub(r"UPDATE \(\w+\)", "", granted))) - {""}
        query = "SELECT k FROM unnest(%s::text[]) k WHERE has_table_privilege(%s, %s, k)"
        held = {row[0] for row in owner(query, list(kinds), APP_ROLE, table)}
        if held != wanted:
            wrong.append((table, held, wanted))
    assert not wrong, wrong


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("power", ["TRUNCATE", "TRIGGER"])
def test_a_process_that_could_empty_or_rule_a_table_does_not_start_ten_10(power):
    checks.refuse_too_much_power()
    owner(f"GRANT {power} ON tenants_notice TO {APP_ROLE}")
    try:
        with pytest.raises(ImproperlyConfigured, match="tenants_notice"):
            checks.refuse_too_much_power()
    finally:
        owner(f"REVOKE {power} ON tenants_notice FROM {APP_ROLE}")
    checks.refuse_too_much_power()


@pytest.mark.parametrize("who", ["web", "owner"])
def test_the_web_process_starts_as_the_web_role_alone_ten_10(django_db_setup, who, tmp_path):
    login = connection.settings_dict
    role = settings.OWNER_CONNECTION.info if who == "owner" else None
    user, password = (role.user, role.password) if role else (login["USER"], login["PASSWORD"])
    address = f"postgres://{user}:{password}@{login['HOST']}:{login['PORT']}/{login['NAME']}"
    started = subprocess.run(
        [sys.executable, "-c", "import grc.wsgi"], cwd=ROOT, capture_output=True, text=True,
        check=False, timeout=60,
        env={**os.environ, "DATABASE_URL": address, "DATA_DIR": str(tmp_path)},
    )  # fmt: skip
    assert (started.returncode == 0) == (who == "web"), started.stderr
    assert ("owns tables" in started.stderr) == (who == "owner")


def test_views_act_with_the_rights_of_who_asks_ten_11(django_db_setup):
    views = owner(
        """SELECT relname FROM pg_class WHERE relkind IN ('v', 'm')
        AND relnamespace = 'public'::regnamespace
        AND NOT coalesce(reloptions, '{}') && '{security_invoker=true,security_invoker=on}'"""
    )
    assert views == []


REVIEWED = {
    "tickmark_named_keys": "tells which of the given random keys any row names, and nothing else: "
    "the sweep of the store sees no tenant's rows (UPL-19)",
    "tickmark_overseen": "which engagements of their firm an administrator may know of (AC-05)",
    "assignment_kept_apart": "one person on one side of a client and of an ethics wall (AC-06)",
    "membership_on_one_side": "one person on one side of a client (AC-06)",
    "opening_to_the_team": "openings to people on the team alone (SO-03)",
    "operator_belongs_nowhere": "operators and members are different people (ACC-18)",
    "relationship_between_strangers": "one person on one side of a client (AC-06)",
    "tickmark_works_late": "tells whether a late procedure is open, also to the client whose "
    "evidence it asks for, and nothing else (LK-04)",
    "walled_side_fits": "nobody on two sides of a new wall (AC-05)",
}
"""Function that acts with its owner's rights → why it must."""


def test_functions_act_with_the_rights_of_who_asks_ten_11(django_db_setup):
    rows = owner(
        """SELECT proname, prosecdef, coalesce(array_to_string(proconfig, ','), '')
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace"""
    )
    assert {name for name, definer, _ in rows if definer} == set(REVIEWED)
    triggers = {row[0] for row in owner("SELECT tgfoid::regproc::text FROM pg_trigger")}
    loose = [name for name, _, setting in rows if name in triggers and "search_path" not in setting]
    assert not loose, loose


def data_migrations():
    """Every migration of ours that changes rows."""
    for path in sorted(ROOT.glob("*/migrations/0*.py")):
        text = path.read_text(encoding="utf-8")
        if "RunPython" in text or re.search(r"\b(UPDATE \w+ SET|INSERT INTO|DELETE FROM)\b", text):
            yield path


@pytest.mark.parametrize(
    "path", list(data_migrations()), ids=lambda path: f"{path.parent.parent.name}-{path.stem}"
)
def test_every_data_migration_asserts_how_many_rows_it_changes_ten_12(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    run = {
        node.args[0].id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "RunPython"
    }
    assert run, f"{path.name} changes rows outside RunPython, uncounted"
    for name in run:
        stops = (ast.Assert, ast.Raise)
        assert any(isinstance(node, stops) for node in ast.walk(functions[name])), name


def test_the_catalog_that_migrations_load_is_whole_ten_12(db):
    from audits.models import CatalogObjective, Criterion, DescriptionCriterion

    counts = [
        model.objects.count() for model in (Criterion, DescriptionCriterion, CatalogObjective)
    ]
    assert counts == [61, 19, 25]
