"""The database as production has it (owner migrates, tests are the web role), and one cast."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from types import SimpleNamespace
from typing import Any

import dj_database_url
import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase

from tenants import acting
from tests import factories, migrated

OWNER = dj_database_url.parse(os.environ["OWNER_DATABASE_URL"])
KEPT = ("auth_", "django_content_type", "django_migrations", "audits_criterion",
        "audits_descriptioncriterion", "audits_catalogobjective")  # fmt: skip


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a case of whole content by its argument: an office file made here holds the second."""
    return argname if isinstance(val, bytes) and len(val) > 40 else None


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Let the owner of tables create the test database and migrate it."""
    settings.WEB_LOGIN = {key: connection.settings_dict[key] for key in ("USER", "PASSWORD")}
    connection.settings_dict.update(USER=OWNER["USER"], PASSWORD=OWNER["PASSWORD"])
    connection.settings_dict["TEST"]["TEMPLATE"] = migrated.migrated()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Then be the web role, with one more connection on which the owner arranges rows."""
    with django_db_blocker.unblock():
        connection.close()
        name = connection.settings_dict["NAME"]
        assert name.startswith("test_"), f"{name} is no test database: run a test that asks for db"
        connection.settings_dict.update(settings.WEB_LOGIN)
        settings.OWNER_CONNECTION = psycopg.connect(
            dbname=connection.settings_dict["NAME"], user=OWNER["USER"],
            password=OWNER["PASSWORD"], host=OWNER["HOST"], port=OWNER["PORT"], autocommit=True,
        )  # fmt: skip
        empty_tables()  # what a run with --reuse-db left; builds the world
        yield
        settings.OWNER_CONNECTION.close()
        connection.close()
        connection.settings_dict.update(USER=OWNER["USER"], PASSWORD=OWNER["PASSWORD"])


def empty_tables(self: Any = None) -> None:
    """Empty what a transactional test wrote, as the owner, past the append-only triggers."""
    connection.close()
    with settings.OWNER_CONNECTION.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [row[0] for row in cursor.fetchall() if not row[0].startswith(KEPT)]
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%append_only'"
        )
        kept = [row[0] for row in cursor.fetchall()]
        for table in kept:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
        for table in kept:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    build_world()


def build_world() -> None:
    """The world every test may use, committed once: a test's own changes are rolled back."""
    settings.WORLD = factories.world()
    with settings.OWNER_CONNECTION.cursor() as cursor:  # nobody else can make an operator
        cursor.execute(
            "INSERT INTO tenants_operator (id, person_id) VALUES (gen_random_uuid(), %s)",
            [settings.WORLD.operator.pk],
        )
    connection.close()


TransactionTestCase._fixture_teardown = empty_tables


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Any, settings: Any) -> None:
    """Bytes and mail of a test lie in its own folder; programs may ask as often as they like."""
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    settings.TRAIL_KEY_FILE = tmp_path / "trail-key.pem"
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    settings.API_RATES = dict.fromkeys(settings.API_RATES, 0)
    settings.API_OPEN = dict.fromkeys(settings.API_OPEN, 0)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Hints go nowhere in unit tests (they may be lost by design); stories use a real broker."""
    hints: list[Any] = []
    monkeypatch.setattr("tenants.outbox.hint", lambda ids, wait=0.0: hints.append((ids, wait)))
    return hints


@contextmanager
def as_(person: Any, organization: Any) -> Iterator[None]:
    """Act as `person` in `organization` inside the block."""
    actor = acting.Actor(person_id=person.pk, organization_id=organization.pk)
    with acting.acting(actor):
        yield


@pytest.fixture
def world(db: None) -> SimpleNamespace:
    """A SOC 2 Type 2 of one client by one firm, with its people; see `factories.world`."""
    return copy.deepcopy(settings.WORLD)


@pytest.fixture
def as_lead(world: SimpleNamespace) -> Iterator[Any]:
    """The engagement's manager acts."""
    with as_(world.lead, world.firm):
        yield world.lead


@pytest.fixture
def as_client(world: SimpleNamespace) -> Iterator[Any]:
    """The client's administrator acts."""
    with as_(world.client, world.client_organization):
        yield world.client


@pytest.fixture
def today() -> date:
    """A business day in the middle of a week."""
    return date(2026, 11, 18)
