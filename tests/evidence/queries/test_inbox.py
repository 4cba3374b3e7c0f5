"""What of the requests stands on home, in progress and in the search."""

from __future__ import annotations

from datetime import date

import pytest

from evidence.actions import due_dates, evidence_requests, request_edits
from evidence.queries import inbox
from tests.conftest import as_
from tests.evidence.portal.helpers import draft, sent, submitted, under_review


def _refs(groups) -> list[str]:
    return [item.text.split()[0] for group in groups for item in group.items]


def test_returned_requests_come_first_then_the_earliest_due(world):
    sent(world, ref="A-1", due_on=date(2026, 12, 3))
    sent(world, ref="A-2", due_on=date(2020, 1, 1))
    returned = under_review(world, ref="A-3", due_on=date(2027, 1, 5))
    sent(world, ref="A-4", owner=world.client)
    with as_(world.auditor, world.firm):
        evidence_requests.give_back(returned, by=world.auditor, reason="incomplete", note="More.")
    with as_(world.owner, world.client_organization):
        groups = inbox.asked_of_me(world.owner)
    assert _refs(groups) == ["A-3", "A-2", "A-1"]
    assert (groups[0].total, groups[0].late) == (3, 1)
    assert "Returned: incomplete" in groups[0].items[0].note


def test_a_contributor_has_what_names_them_and_a_watcher_nothing(world):
    sent(world, ref="A-1", contributors=[world.contributor.pk], watchers=[world.executive.pk])
    for who, refs in ((world.contributor, ["A-1"]), (world.executive, []), (world.client, [])):
        with as_(who, world.client_organization):
            assert _refs(inbox.asked_of_me(who)) == refs


def test_a_reviewers_own_come_first_and_not_those_of_others(world):
    submitted(world, ref="A-1")
    mine = submitted(world, ref="A-2")
    under_review(world, ref="A-3")  # by the staff auditor
    with as_(world.senior, world.firm):
        request_edits.look_after(mine, assignee=world.senior, by=world.senior)
    with as_(world.senior, world.firm):
        assert _refs(inbox.to_review(world.senior)) == ["A-2", "A-1"]
    with as_(world.reviewer, world.firm):
        assert inbox.to_review(world.reviewer) == []


def test_seniors_decide_proposals_and_send_drafts(world):
    draft(world)
    row = sent(world, ref="A-1")
    with as_(world.owner, world.client_organization):
        due_dates.propose_due_date(row, due_on=date(2027, 5, 3), note="Audit.", by=world.owner)
    with as_(world.senior, world.firm):
        assert _refs(inbox.decisions(world.senior)) == ["A-1"]
        assert inbox.drafts_to_send(world.senior)[0].total == 1
    with as_(world.auditor, world.firm):
        assert inbox.decisions(world.auditor) == inbox.drafts_to_send(world.auditor) == []


def test_progress_and_search_tell_each_side_what_it_may_see(world):
    draft(world, ref="A-1", title="Canary draft")
    sent(world, ref="A-2", title="Vendor canary")
    with as_(world.senior, world.firm):
        found = inbox.progress(world.senior, [world.engagement])[world.engagement.pk]
        assert (found.done, found.total) == (0, 2)
        assert "1 not sent" in found.hint
        assert len(inbox.search(world.senior, "canary").hits) == 2
    with as_(world.client, world.client_organization):
        found = inbox.progress(world.client, [world.engagement])[world.engagement.pk]
        assert found.total == 1
        assert [hit.title for hit in inbox.search(world.client, "canary").hits] == [
            "A-2 Vendor canary"
        ]


@pytest.mark.parametrize("count", [1, 12])
def test_home_costs_the_same_queries_for_one_and_for_twelve(
    world, count, django_assert_max_num_queries
):
    for number in range(count):
        sent(world, ref=f"A-{number:02}")
    with as_(world.owner, world.client_organization):
        inbox.asked_of_me(world.owner)
        with django_assert_max_num_queries(2):
            assert inbox.asked_of_me(world.owner)[0].total == count
