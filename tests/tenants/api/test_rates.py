"""Nobody asks without end, also when the counters' server is gone (API-8)."""

from __future__ import annotations

from collections import defaultdict
from uuid import uuid4

import pytest

from tenants.api import throttling
from tenants.choices import Role
from tests import factories
from tests.evidence import requests
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
    settings.CACHE_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(throttling, "_down_until", 0.0)
    monkeypatch.setattr(throttling, "_local", type(throttling._local)())
    monkeypatch.setattr(throttling, "_open_here", defaultdict(dict))


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


@pytest.fixture
def most(settings):
    """How many requests may be open at once: no limits but those a test sets."""
    return settings.API_OPEN


@pytest.fixture
def download(world):
    """A request that stays open until its answer is read to the end."""
    row = requests.sent(world)
    link = requests.upload(world, row, content=b"evidence")
    program = program_of(world.owner, world.client_organization)
    program.path, program.engagement = f"evidence-links/{link.pk}/download/", world.engagement.pk
    return program


def read(answer):
    return b"".join(answer.streaming_content)


def holds_two_at_once(program):
    """Two downloads are open, a third request is refused; it is not once one of them has ended."""
    first, second = program.get(program.path), program.get(program.path)
    refused = program.get("me/")
    assert [first.status_code, second.status_code, refused.status_code] == [200, 200, 429]
    assert refused.json()["code"] == "too_many_requests"
    assert refused["Retry-After"] == "1"
    assert read(first) == b"evidence"
    assert program.get("me/").status_code == 200
    read(second)


@pytest.mark.parametrize("kind", ["token", "person", "organization"])
def test_requests_at_once_are_limited_to_their_last_byte_api_8(download, most, kind):
    most[kind] = 2
    holds_two_at_once(download)


def test_a_limit_at_once_is_the_caller_s_own_api_8(download, most, pair):
    most["person"] = 1
    opened = download.get(download.path)
    assert (download.get("me/").status_code, pair[0].get("me/").status_code) == (429, 200)
    read(opened)


def test_an_export_counts_for_several_at_once_api_8(download, most):
    most["token"] = 4
    export = f"evidence-requests/export/?engagement={download.engagement}&as=csv"
    opened = download.get(download.path)
    assert download.get(export).status_code == 429
    read(opened)
    assert download.get(export).status_code == 200


def test_those_without_a_token_are_limited_at_once_by_address_api_8(db, most):
    most["address"] = 1
    nobody = Program()
    assert [nobody.get("me/").status_code for _ in range(3)] == [401, 401, 401], "each had ended"


def test_a_failed_request_is_open_no_longer_api_8(pair, most, monkeypatch):
    most["token"] = 1

    def breaks(self, request):
        raise RuntimeError("planted")

    with monkeypatch.context() as patch:
        patch.setattr("tenants.api.organizations.MeViewSet.show", breaks)
        assert statuses(pair[0], 3) == [500, 500, 500]
    assert statuses(pair[0], 1) == [200]


def test_without_the_counters_server_fewer_at_once_api_8(download, most, server_gone):
    most["token"] = 8
    holds_two_at_once(download)
