"""One world full of canary words: the small probe, its judge, and raw SQL on every tenant table.

The whole campaign is `make probe`; this is the same one, small, on the database of the tests.
"""

from __future__ import annotations

import copy
import json
from random import Random
from types import SimpleNamespace
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction

from tenants.choices import Role
from tenants.models import Assignment, EngagementAccess, Membership, Opening
from tenants.visibility import new_key
from tests import conftest
from tests.access.probing import Caller
from tests.access.scenes import acts
from tests.probe import campaign, filling, questions, remains
from tests.probe.planting import owner
from tests.probe.stage import set_up
from tests.tenants.test_catalog import WALLED, links
from tests.tenants.test_walls import EMPTY, FOREIGN, GARBAGE, NOBODY

pytestmark = pytest.mark.xdist_group("isolation")

SEED = 20_26_11
CONTEXTS = {"none": None, "empty": EMPTY, "garbage": GARBAGE, "nobody": NOBODY, "foreign": FOREIGN}
REFUSED = (psycopg.errors.DataError, psycopg.errors.UndefinedObject,
           psycopg.errors.InsufficientPrivilege)  # fmt: skip


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    """The stage of the probe, committed, and a row in every tenant table; gone afterwards."""
    folder = tmp_path_factory.mktemp("isolation")
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        _in_place(patch, folder)
        patch.setattr("tenants.outbox.hint", lambda ids, wait=0.0: None)
        try:
            stage = set_up(copy.deepcopy(settings.WORLD))
            filling.fill(stage)
            yield SimpleNamespace(stage=stage, folder=folder)
        finally:
            conftest.empty_tables()


@pytest.fixture(autouse=True)
def in_place(own_folders, request, monkeypatch):
    """Files stay where the stage has them."""
    if "world" in request.fixturenames:
        _in_place(monkeypatch, request.getfixturevalue("world").folder)


def _in_place(patch, folder):
    for name in ("EVIDENCE_DIR", "STATIC_ROOT"):
        (folder / name).mkdir(exist_ok=True)
        patch.setattr(settings, name, folder / name)
    patch.setattr(settings, "API_RATES", dict.fromkeys(settings.API_RATES, 0))


@pytest.fixture
def web():
    """A bare connection as the web role: no Django, no announcement."""
    login = connection.settings_dict
    with psycopg.connect(
        dbname=login["NAME"], user=login["USER"], password=login["PASSWORD"], host=login["HOST"],
        port=login["PORT"],
    ) as raw:  # fmt: skip
        yield raw
        raw.rollback()


def test_a_small_probe_finds_nothing_acc_4_to_7_ten_15_ten_16_hdr_7(world):
    report = campaign.run(world.stage, 700, SEED)
    print(f"\nprobe: {report.total} requests, {campaign.routes_asked(report)} routes, seed {SEED}")  # noqa: T201
    assert not report.wrong, "\n".join(report.wrong)
    assert not any(report.kept.values()), report.kept
    assert campaign.routes_asked(report) > 120
    assert len(report.read) > 300, "an idle probe: nobody read even what they may"


def leaks_a_word(stage, patch):
    """A page of the rival's says what another firm's partner wrote."""
    word = next(w for w, each in stage.canaries.items() if "rival" not in each.readers)
    return _answers_with(patch, lambda response: response.headers.setdefault("X-Note", word))


def tells_foreign_from_absent(stage, patch):
    """A foreign engagement is forbidden, where an absent one is not found."""
    keys = [str(each.world.engagement.pk) for each in stage.scenes.values()]

    def tell(response, path=""):
        if response.status_code == 404 and any(key in path for key in keys):
            response.status_code = 403

    return _answers_with(patch, tell, with_path=True)


def asks_once_more(stage, patch):
    """The answers are alike, and the foreign one took one more statement."""
    keys = [str(each.world.engagement.pk) for each in stage.scenes.values()]

    def ask(response, path=""):
        if any(key in path for key in keys):
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")

    return _answers_with(patch, ask, with_path=True)


def _answers_with(patch, change, with_path=False):
    true_ask = Caller.ask

    def ask(self, route, method, values, *rest):
        response = true_ask(self, route, method, values, *rest)
        change(response, route.address(values)) if with_path else change(response)
        return response

    patch.setattr(Caller, "ask", ask)


@pytest.mark.parametrize(
    ("leak", "says"),
    [(leaks_a_word, "of others"), (tells_foreign_from_absent, "differ: status"),
     (asks_once_more, "queries")],
)  # fmt: skip
def test_the_judge_finds_a_planted_leak(world, monkeypatch, leak, says):
    report, rng = campaign.Report(SEED), Random(SEED)
    campaign.ask_all(world.stage, (questions.in_addresses,), 20, rng, report)
    assert not report.wrong, "it finds something before there is anything"
    leak(world.stage, monkeypatch)
    campaign.ask_all(world.stage, (questions.in_addresses,), 120, rng, report)  # of everybody
    assert any(says in text for text in report.wrong), report.wrong


def test_the_comparison_sees_a_changed_row_and_a_changed_file(world):
    before = campaign._state("attacks")
    path = next(path for path in world.folder.joinpath("EVIDENCE_DIR").rglob("*") if path.is_file())
    kept = path.read_bytes()
    try:
        path.chmod(0o600)
        path.write_bytes(kept + b" ")
        owner("UPDATE tenants_organization SET name = name || ' '")
        after = campaign._state("attacks")
        assert all(after[what] != value for what, value in before.items())
    finally:
        path.write_bytes(kept)
        owner("UPDATE tenants_organization SET name = trim(name)")
    assert campaign._state("attacks") == before


def test_the_search_of_remains_finds_each_kind_of_planted_value_dat_9(world):
    stage = world.stage
    caller = stage.callers["rival"]
    for planted in (stage.passwords[0], caller.program.secret, next(iter(stage.canaries))):
        assert list(remains.in_text(f"INFO something {planted} else", "a log", stage))
    assert not list(remains.in_text("INFO nothing to see", "a log", stage))


def test_every_tenant_table_holds_a_row_so_that_seeing_none_means_a_wall_ten_6(world):
    empty = [table for table in WALLED if not owner(f"SELECT 1 FROM {table} LIMIT 1")]
    assert not empty, f"tests/probe/filling.py must put a row into {empty}"


def test_raw_sql_without_the_right_context_sees_and_changes_no_row_of_any_table_ten_5_ten_6(
    world, web
):
    before, counts = campaign._state("reading"), dict.fromkeys(CONTEXTS, 0)
    wrong = []
    for table in WALLED:
        for name, context in CONTEXTS.items():
            for statement, values in _statements(table):
                counts[name] += 1
                if seen := _seen(web, context, statement, values):
                    wrong.append(f"{name}: {statement[:60]}: {seen} rows")
    assert not wrong, "\n".join(wrong)
    assert campaign._state("reading") == before
    print(f"\nraw SQL: {len(WALLED)} tables, {sum(counts.values())} statements, 0 rows")  # noqa: T201


def _statements(table):
    """Read, change, delete, and write a row like one that is there."""
    columns = [
        name
        for (name,) in owner(
            "SELECT quote_ident(column_name) FROM information_schema.columns "
            "WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER'",
            table,
        )
    ]
    row = owner(f"SELECT to_jsonb(t) FROM {table} t LIMIT 1")[0][0]
    if isinstance(row.get("id"), str):
        row["id"] = str(new_key())
    names = ", ".join(columns)
    yield f"SELECT count(*) FROM {table}", ()
    yield f"UPDATE {table} SET {columns[0]} = {columns[0]}", ()
    yield f"DELETE FROM {table}", ()
    like = f"jsonb_populate_record(NULL::{table}, %s::jsonb)"
    yield f"INSERT INTO {table} ({names}) SELECT {names} FROM {like}", (json.dumps(row),)


def _seen(web, context, statement, values):
    """How many rows a statement saw or changed: none when PostgreSQL refuses it."""
    for name, value in (context or {}).items():
        web.execute("SELECT set_config(%s, %s, true)", (f"app.{name}", value))
    try:
        done = web.execute(statement, values)
        return done.fetchone()[0] if done.description else done.rowcount
    except psycopg.errors.CheckViolation as refused:
        if refused.diag.constraint_name != "file_locked":
            raise
        return 0  # an engagement that nobody sees counts as closed
    except REFUSED:
        return 0
    finally:
        web.rollback()


@pytest.mark.parametrize("table", WALLED)
def test_a_query_with_nobody_announced_raises_ten_5(world, web, table):
    with pytest.raises(REFUSED):
        web.execute(f"SELECT * FROM {table}")
    web.rollback()
    web.execute("SELECT set_config('app.person', %s, true)", (str(uuid4()),))
    web.commit()
    with pytest.raises(REFUSED):  # the settings were there once, and are empty now
        web.execute(f"SELECT * FROM {table}")


def test_no_link_leads_to_a_row_of_another_tenant_by_raw_sql_ten_3(world):
    """For every composite key: a row is tied to a parent of another tenant, by the owner even."""
    tried, wrong = set(), []
    for table, name, columns, to, there in links():
        if table not in WALLED or len(columns) != 2 or there[1] != "id":
            continue
        (tenant, link), (tenant_there, key) = columns, there
        pairs = owner(
            f"SELECT c.id, p.{key} FROM {table} c JOIN {to} p ON p.{tenant_there} <> c.{tenant} "
            f"WHERE c.{link} IS NOT NULL ORDER BY random() LIMIT 20"
        )
        for row, parent in pairs:
            try:
                owner(f"UPDATE {table} SET {link} = %s WHERE id = %s", parent, row)
            except psycopg.errors.UniqueViolation:
                continue  # another row has this parent: that says nothing of the link
            except (psycopg.errors.ForeignKeyViolation, psycopg.errors.CheckViolation):
                tried.add(name)
                break
            wrong.append(name)
            break
    assert not wrong, wrong
    assert len(tried) > 20, tried


RIGHTS = (Membership, EngagementAccess, Opening, Assignment)


@pytest.mark.parametrize("model", RIGHTS, ids=lambda model: model.__name__)
def test_nobody_writes_themselves_a_membership_or_a_right_ten_6(world, model):
    """Each caller copies a row that gives somebody else a right, to themselves."""
    given = owner(f"SELECT to_jsonb(t) FROM {model._meta.db_table} t")
    for name, caller in world.stage.callers.items():
        for (row,) in given[:3]:
            column = "user_id" if model is EngagementAccess else "person_id"
            mine = {**row, column: str(caller.who.pk), "id": str(new_key())}
            with acts(caller.who, caller.organization), pytest.raises(Exception) as refused:
                _insert(model, mine)
            said = str(refused.value)  # the wall, or a rule that is asked before it
            assert "row-level security" in said or "at RAISE" in said, f"{name}: {said}"


def _insert(model, row):
    columns = ", ".join(f'"{name}"' for name in row)
    table = model._meta.db_table
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {columns} "
            f"FROM jsonb_populate_record(NULL::{table}, %s::jsonb)",
            [json.dumps(row)],
        )


def test_the_partner_of_another_firm_is_in_the_probe_as_a_partner(world):
    """The strongest role elsewhere is worth nothing here."""
    rival = world.stage.people["rival"]
    roles = owner("SELECT role FROM tenants_membership WHERE person_id = %s", rival.id)
    assert roles == [(Role.PARTNER,)]


def test_the_database_is_made_for_this_module(db):
    """Asks for the database: pytest-django makes it for marked tests alone."""
    assert settings.WORLD.engagement.pk
