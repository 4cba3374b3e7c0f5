"""Nobody overwrites what they have not read (API-5)."""

from __future__ import annotations

import pytest


@pytest.fixture
def address(world):
    return f"engagements/{world.engagement.pk}/"


def test_a_record_carries_its_version_as_etag(lead, address):
    answer = lead.get(address)
    assert answer["ETag"] == f'"{answer.json()["version"]}"' == '"1"'


def test_a_change_needs_the_version_read(lead, address):
    missing = lead.patch(address, {"title": "New"})
    assert (missing.status_code, missing.json()["code"]) == (428, "version_required")
    for stale in ('"7"', "1", 'W/"1"', "*", '"1", "2"', '"x"'):
        refused = lead.patch(address, {"title": "New"}, If_Match=stale)
        assert (refused.status_code, refused.json()["code"]) == (412, "stale_version")
    assert lead.get(address).json()["title"] == "SOC 2 2026"
    changed = lead.patch(address, {"title": "New"}, If_Match='"1"')
    assert (changed.status_code, changed["ETag"], changed.json()["title"]) == (200, '"2"', "New")


def test_a_deletion_needs_the_version_read(lead, world):
    rows = lead.get(f"assignments/?person={world.auditor.pk}").json()["results"]
    path = f"assignments/{rows[0]['id']}/"
    assert lead.delete(path).status_code == 428
    assert lead.delete(path, If_Match='"9"').status_code == 412
    assert lead.delete(path, If_Match='"1"').status_code == 204
    assert lead.get(path).status_code == 404


def test_a_move_honours_the_version_when_it_is_given(lead, address):
    assert lead.post(address + "begin/", {}, If_Match='"4"').status_code == 412
    begun = lead.post(address + "begin/", {}, If_Match='"1"')
    assert (begun.status_code, begun.json()["status"], begun["ETag"]) == (200, "acceptance", '"2"')
    held = lead.post(address + "hold/", {"note": "Client asked.", "until": "2031-01-31"})
    assert held.json()["status"] == "on_hold"


def test_a_record_lists_the_moves_its_reader_can_make(lead, administrator, address):
    names = [move["name"] for move in lead.get(address).json()["moves"]]
    assert names == ["begin", "hold"]
    assert administrator.get(address).json()["moves"] == []
    assert administrator.post(address + "begin/").status_code == 403


def test_a_move_that_is_not_possible_now_says_why(lead, address):
    refused = lead.post(address + "resume/").json()
    assert (refused["status"], refused["code"]) == (409, "move_refused")
    assert "draft" in refused["detail"]


def test_a_move_asks_for_its_reason(lead, address):
    refused = lead.post(address + "hold/", {"until": "2031-01-31"}).json()
    assert (refused["status"], refused["field"]) == (400, "note")
