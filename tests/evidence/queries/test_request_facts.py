"""Requests as lists speak of them: nothing of the firm's own, and few queries."""

from __future__ import annotations

from datetime import date

from evidence.actions import request_edits, request_talk
from evidence.queries.request_facts import facts_of
from tests.conftest import as_


def _draft(world, **fields):
    with as_(world.lead, world.firm):
        return request_edits.draft(
            world.engagement,
            {"title": "Vendor register", "due_on": date(2026, 12, 1), **fields},
            by=world.lead,
        )


def test_facts_name_the_people_a_request_names_here_and_not_here_yet(world):
    _draft(world, owner=world.owner, contributors=[world.contributor.pk])
    _draft(world, owner_email="new@people.example; next@people.example")
    with as_(world.lead, world.firm):
        here, absent = facts_of(world.engagement, world.lead)
    assert (here.ref, here.owner_email) == ("R-001", world.owner.email)
    assert here.contributors == (world.contributor.email,)
    assert absent.owner_email == "new@people.example"
    assert absent.contributors == ("next@people.example",)


def test_facts_hold_only_what_the_reader_sees_and_nothing_of_the_firms(world):
    row = _draft(world)
    with as_(world.lead, world.firm):
        request_talk.note(row, text="canary", by=world.lead)
        assert "canary" not in str(facts_of(world.engagement, world.lead))
    with as_(world.client, world.client_organization):
        assert facts_of(world.engagement, world.client) == []


def test_facts_cost_the_same_queries_for_one_and_for_twenty(world, django_assert_num_queries):
    for count in (1, 19):
        for _ in range(count):
            _draft(world, title=f"Request {count}")
        with as_(world.lead, world.firm):
            facts_of(world.engagement, world.lead)
            with django_assert_num_queries(4):
                facts_of(world.engagement, world.lead)
