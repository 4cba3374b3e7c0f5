"""Whether the platform says truly that it is alive and ready."""

from __future__ import annotations

import pytest
from django.test import Client

from tenants.actions import trail_sequencing

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


def test_ready_when_database_store_broker_and_sequencer_answer(sequencer):
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (200, PARTS)


def test_not_ready_without_the_store_and_no_reason_leaves_the_server(sequencer, settings, tmp_path):
    settings.EVIDENCE_STORAGE = "nowhere"
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {**PARTS, "ready": False, "store": False}


def test_not_ready_without_a_sequencer_ops_5(db):
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (
        503,
        {**PARTS, "ready": False, "sequencer": False},
    )


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_only_read(path):
    assert Client().post(path).status_code == 405
