"""Who acts is announced to one transaction and never outlives it (TEN-7)."""

from __future__ import annotations

from contextlib import suppress
from uuid import uuid4

import psycopg
import pytest
from django.db import DataError, ProgrammingError, connection
from django.db.utils import ConnectionHandler

SETTINGS = ("person", "organization", "presented", "system", "engagements", "firm_side",
            "client_side", "clients", "organizations")  # fmt: skip


class Abort(Exception):
    """The client went away."""


@pytest.fixture
def pooled(django_db_setup, django_db_blocker):
    """Django's own connection over a pool of one, which every user of it gets again."""
    login = connection.settings_dict
    kept = {key: login[key] for key in ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT")}
    handler = ConnectionHandler(
        {"default": {**kept, "OPTIONS": {"pool": {"min_size": 1, "max_size": 1}}}}
    )
    with django_db_blocker.unblock():
        wrapper = handler["default"]
        yield wrapper
        wrapper.close()
        wrapper.close_pool()


def commit(wrapper):
    wrapper.commit()


def rollback(wrapper):
    wrapper.rollback()


def error(wrapper):
    wrapper.connection.execute("SELECT 1 / 0")


def abort(wrapper):
    """Python stops in the middle."""
    raise Abort


def cancelled(wrapper):
    """The statement is cancelled, as when its caller hangs up."""
    wrapper.connection.execute("SET LOCAL statement_timeout = 1")
    wrapper.connection.execute("SELECT pg_sleep(5)")


def left_open(wrapper):
    """The connection is given back with its transaction open."""


@pytest.mark.parametrize("end", [commit, rollback, error, abort, cancelled, left_open])
def test_nothing_of_the_actor_outlives_its_transaction_on_a_pooled_connection_ten_7(pooled, end):
    pooled.ensure_connection()
    first = pooled.connection.info.backend_pid
    pooled.set_autocommit(False)  # begins, and announces
    pooled.connection.execute(
        "SELECT set_config('app.' || k, %s, true) FROM unnest(%s::text[]) k",
        [str(uuid4()), list(SETTINGS)],
    )
    with suppress(Abort, psycopg.Error):
        end(pooled)
    pooled.close()  # gives the connection back; the pool has this one alone
    with pooled.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone()[0] == first, "another connection: this proves nothing"
        cursor.execute(
            "SELECT current_setting('app.' || k, true) FROM unnest(%s::text[]) k", [list(SETTINGS)]
        )
        assert {row[0] or "" for row in cursor.fetchall()} == {""}
        with pytest.raises((DataError, ProgrammingError)):
            cursor.execute("SELECT count(*) FROM tenants_engagement")


def test_the_database_is_made_for_this_module(db):
    """Asks for the database: pytest-django makes it for marked tests alone."""
    assert connection.settings_dict["NAME"].startswith("test_")
