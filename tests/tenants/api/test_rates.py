"""Nobody asks without end, also when the counters' server is gone (API-8)."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tenants.api import throttling
from tenants.choices import Role
from tests import factories
from tests.programs import Program, program_of


@pytest.fixture
def rates(settings):
    """No limits but those a test sets."""
    return settings.API_RATES


@pytest.fixture
def pair(db):
    """Programs of two people of a firm nobody has counted yet."""
    firm = factories.organization("firm")
    people = [factories.member(firm, Role.STAFF) for _ in range(2)]
    return [program_of(person, firm) for person in people]


@pytest.fixture
def server_gone(settings, monkeypatch):
    """The counters' server does not answer."""
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(throttling, "_down_until", 0.0)
    monkeypatch.setattr(throttling, "_local", type(throttling._local)())


def statuses(program, count):
    return [program.get("me/").status_code for _ in range(count)]


@pytest.mark.parametrize("kind", ["token", "person", "organization"])
def test_each_limit_holds(pair, rates, kind):
    rates[kind], program = 3, pair[0]
    answers = statuses(program, 4)
    assert answers in ([200, 200, 200, 429], [200, 200, 200, 200])  # a minute may have begun
    if answers[-1] == 429:
        refused = program.get("me/")
        assert refused.json()["code"] == "too_many_requests"
        assert 1 <= int(refused["Retry-After"]) <= 61


def test_a_limit_is_the_caller_s_own(pair, rates):
    rates["person"] = 2
    assert 429 in statuses(pair[0], 6)
    assert statuses(pair[1], 1) == [200]


def test_those_without_a_token_are_counted_by_address(db, rates, monkeypatch):
    rates["address"] = 2
    address = f"2001:db8::{uuid4().hex[:4]}:{uuid4().hex[:4]}"
    nobody = Program()
    nobody.client.defaults["REMOTE_ADDR"] = address
    answers = statuses(nobody, 6)
    assert answers[:2] == [401, 401]
    assert 429 in answers


def test_without_the_counters_server_a_stricter_limit_holds(pair, rates, server_gone):
    rates["token"] = 8
    answers = statuses(pair[0], 6)
    assert answers[:2] == [200, 200]
    assert 429 in answers[2:5]
