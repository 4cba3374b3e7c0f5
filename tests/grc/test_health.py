"""Whether the platform says truly that it is alive and ready."""

from __future__ import annotations

import pytest
from django.test import Client

PARTS = {"ready": True, "database": True, "store": True, "broker": True}


def test_alive_says_so_and_nothing_more():
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer.headers["Cache-Control"]


def test_ready_when_database_store_and_broker_answer(db):
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (200, PARTS)


def test_not_ready_without_the_store_and_no_reason_leaves_the_server(db, settings, tmp_path):
    settings.EVIDENCE_STORAGE = "nowhere"
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {**PARTS, "ready": False, "store": False}


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_only_read(path):
    assert Client().post(path).status_code == 405
