"""The campaign of generated requests, small: it finds nothing, and finds what is there."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from rest_framework.response import Response

from evidence.actions import evidence_requests
from tenants.api.organizations import MeViewSet
from tests.fuzz.campaign import Campaign
from tests.programs import program_of

ROLES = {"lead": "manager", "auditor": "staff", "client": "client_admin", "owner": "control_owner"}


@pytest.fixture
def one_connection():
    """Requests stay in the test's transaction: nothing hangs up around them."""
    for moment in (request_started, request_finished):
        moment.disconnect(close_old_connections)
    yield
    for moment in (request_started, request_finished):
        moment.connect(close_old_connections)


@pytest.fixture
def people(one_connection, world):
    found = [("lead", world.lead, world.firm), ("owner", world.owner, world.client_organization),
             ("rival", world.rival, world.other_firm)]  # fmt: skip
    return [
        {"email": person.email, "role": role, "token": program_of(person, organization).secret}
        for role, person, organization in found
    ]


def test_generated_requests_find_no_fault_and_every_answer_conforms_api_9_api_10(people):
    campaign = Campaign(people, 20, cases=1)
    campaign.run(120)
    assert campaign.sent >= 120
    assert campaign.answers[200], campaign.told(0)
    assert not campaign.faults, campaign.told(0)


@pytest.fixture
def everybody(one_connection, world):
    """A program of each role of the engagement, and of people who are not on it."""
    firm = ("partner", "reviewer", "lead", "senior", "auditor", "colleague")
    client = ("client", "owner", "contributor", "executive")
    places = [(name, world.firm) for name in firm]
    places += [(name, world.client_organization) for name in client]
    places += [("rival", world.other_firm), ("outsider", world.other_client)]
    return [
        {"email": getattr(world, name).email, "role": ROLES.get(name, name),
         "token": program_of(getattr(world, name), place).secret}
        for name, place in places
    ]  # fmt: skip


def test_requests_live_as_the_model_says_whoever_acts(everybody):
    campaign = Campaign(everybody, 31)
    campaign.run(400, lives=1)
    assert campaign.played >= 400
    assert not campaign.faults, campaign.told(0)
    assert campaign.made >= {"send", "submit", "begin_review"}, campaign.made
    assert {200, 201, 403, 404, 409, 412} <= set(campaign.answers), campaign.answers


@pytest.mark.parametrize("wrong", ["a move for nobody", "a move that leads elsewhere"])
def test_a_move_beside_the_model_is_noticed(everybody, monkeypatch, wrong):
    begin = evidence_requests.LIFECYCLE.moves["send"]
    other = {"who": lambda by, row: False} if "nobody" in wrong else {"target": "submitted"}
    monkeypatch.setitem(evidence_requests.LIFECYCLE.moves, "send", replace(begin, **other))
    campaign = Campaign(everybody, 32)
    campaign.run(150, lives=1)
    assert [fault for fault in campaign.faults if "life of a request" in fault], campaign.told(0)


def test_a_fault_and_an_answer_beside_the_schema_are_noticed(people, monkeypatch):
    asked = count()

    def answer(self, held):
        if next(asked) % 2:
            raise RuntimeError("planted")
        return Response({"role": 17, "scopes": "planted"})

    monkeypatch.setattr(MeViewSet, "answer", answer)
    campaign = Campaign(people, 3)
    campaign.run(6, only="/me/")
    assert any("not_a_server_error" in fault for fault in campaign.faults)
    assert any("schema" in fault for fault in campaign.faults)
