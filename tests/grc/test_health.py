"""Whether the platform says truly that it is alive and ready (OPS-5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tenants.actions import trail_sequencing
from tests.stories.stack import free_port

PARTS = {
    "ready": True, "database": True, "store": True, "broker": True, "sequencer": True,
    "trail_lag_seconds": None,
}  # fmt: skip


@pytest.fixture
def sequencer(db):
    """A sequencer was here just now, and found nothing to place."""
    trail_sequencing.note_pulse(trail_sequencing.timedelta(0))


def test_alive_says_so_and_nothing_more():
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer.headers["Cache-Control"]


def test_ready_when_database_store_and_broker_answer(sequencer):
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (200, PARTS)


def test_not_ready_without_the_store_and_no_reason_leaves_the_server_ops_5(sequencer, settings):
    settings.EVIDENCE_STORAGE = "nowhere"
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {**PARTS, "ready": False, "store": False}


def test_not_ready_when_the_store_s_folder_cannot_be_used_ops_5(sequencer, settings, tmp_path):
    (tmp_path / "taken").write_text("a file where the folder was")
    settings.EVIDENCE_DIR = tmp_path / "taken"
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {**PARTS, "ready": False, "store": False})


def test_not_ready_without_a_sequencer_ops_5(db):
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {**PARTS, "ready": False, "sequencer": False}


@pytest.fixture
def no_database(django_db_blocker: Any) -> Iterator[None]:
    """Nothing listens where the database was."""
    port = connection.settings_dict["PORT"]
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict["PORT"] = free_port()
        yield
        connection.close()
        connection.settings_dict["PORT"] = port


def test_alive_but_not_ready_without_the_database_ops_5(django_db_setup, no_database):
    assert Client().get("/healthz").status_code == 200
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {**PARTS, "ready": False, "database": False, "sequencer": False}


def test_not_ready_without_the_broker_ops_5(sequencer, monkeypatch):
    from grc.celery import app

    ask, gone = app.connection_for_write, f"redis://127.0.0.1:{free_port()}/0"
    monkeypatch.setattr(app, "connection_for_write", lambda: ask(url=gone))
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {**PARTS, "ready": False, "broker": False})


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_only_read(path):
    assert Client().post(path).status_code == 405
