"""The request list in the portal: views, filters, order, pages, bulk acts, export."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from evidence.actions import due_dates, evidence_requests, request_edits, request_talk
from evidence.models import EvidenceRequest, Handling
from tenants.models import TrailEntry
from tests.conftest import as_
from tests.evidence.portal.helpers import draft, now, sent, submitted, under_review, url

ROW = re.compile(r'<td class="tm-ref">([^<]+)</td>')


def _refs(answer) -> list[str]:
    return ROW.findall(answer.content.decode())


def _day(n: int) -> date | None:
    """Few days for many requests, and none for every ninth."""
    return None if n % 9 == 0 else date(2026, 12, 1 + n % 5)


def _many(world, count: int) -> None:
    """`count` sent requests, arranged at once."""
    first = sent(world)
    with as_(world.lead, world.firm):
        taken = EvidenceRequest.objects.count()
        copies = [
            EvidenceRequest(
                engagement=world.engagement, ref=f"B-{taken + n:04}", title=f"Copy {n}",
                owner=world.owner, due_on=_day(n), status="open", named=first.named,
                opened_at=first.opened_at, created_by=world.lead,
            )
            for n in range(count - taken)
        ]  # fmt: skip
        EvidenceRequest.objects.bulk_create(copies)


def test_the_list_costs_the_same_queries_for_twenty_and_two_hundred(world, browser_of):
    for who in ("senior", "client", "owner"):
        browser, costs = browser_of(who), []
        for count in (20, 200):
            _many(world, count)
            browser.get(url(world, "requests"))
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(url(world, "requests")).status_code == 200
            costs.append(len([q for q in queries if "set_config" not in q["sql"]
                              and not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]))  # fmt: skip
        assert costs[0] == costs[1] <= 12, (who, costs)


def test_the_client_sees_what_was_sent_and_the_firm_its_drafts_too(world, senior, admin):
    sent(world, ref="A-1")
    draft(world, ref="A-2", title="Canary draft")
    assert _refs(senior.get(url(world, "requests"))) == ["A-1", "A-2"]
    page = admin.get(url(world, "requests"))
    assert _refs(page) == ["A-1"]
    assert "Canary" not in page.content.decode()
    assert "Drafts" not in page.content.decode()


def test_a_person_sees_the_requests_that_name_them_and_no_others(world, browser_of):
    sent(world, ref="A-1")
    sent(world, ref="A-2", owner=world.client, contributors=[world.contributor.pk])
    for who, refs in (("owner", ["A-1"]), ("contributor", ["A-2"]), ("executive", ["A-1", "A-2"])):
        assert _refs(browser_of(who).get(url(world, "requests"))) == refs
    for who in ("colleague", "outsider", "rival"):
        assert browser_of(who).get(url(world, "requests")).status_code == 404


def test_views_count_and_hold_what_their_names_say(world, senior, owner):
    late = sent(world, ref="A-1", due_on=date(2020, 1, 1))
    submitted(world, ref="A-2")
    draft(world, ref="A-3")
    for view, refs in (
        ("all", ["A-1", "A-2", "A-3"]), ("mine", ["A-2"]), ("overdue", ["A-1"]),
        ("review", ["A-2"]), ("returned", []), ("drafts", ["A-3"]), ("settled", []),
    ):  # fmt: skip
        assert sorted(_refs(senior.get(url(world, "requests"), {"view": view}))) == refs, view
    assert _refs(owner.get(url(world, "requests"), {"view": "mine"})) == [late.ref]
    assert sorted(_refs(owner.get(url(world, "requests"), {"view": "drafts"}))) == ["A-1", "A-2"]


def test_a_submission_another_reviews_does_not_wait_for_me(world, browser_of):
    under_review(world, ref="A-1")
    submitted(world, ref="A-2")
    mine = {"view": "mine"}
    assert _refs(browser_of("auditor").get(url(world, "requests"), mine)) == ["A-1", "A-2"]
    assert _refs(browser_of("lead").get(url(world, "requests"), mine)) == ["A-2"]


def test_proposals_wait_for_seniors(world, senior, browser_of):
    row = sent(world, ref="A-1")
    with as_(world.owner, world.client_organization):
        due_dates.propose_due_date(row, due_on=date(2027, 5, 3), note="Audit.", by=world.owner)
    assert _refs(senior.get(url(world, "requests"), {"view": "mine"})) == ["A-1"]
    assert _refs(browser_of("auditor").get(url(world, "requests"), {"view": "mine"})) == []


def test_filters_narrow_and_nonsense_does_not_break_the_page(world, senior):
    sent(world, ref="A-1", area="People", kind="population", title="Leavers")
    sent(world, ref="A-2", area="Change", owner=world.client)
    draft(world, ref="A-3", owner=None)
    for query, refs in (
        ({"q": "leav"}, ["A-1"]), ({"area": "Change"}, ["A-2"]), ({"kind": "population"}, ["A-1"]),
        ({"owner": str(world.client.pk)}, ["A-2"]), ({"owner": "none"}, ["A-3"]),
        ({"status": "open"}, ["A-1", "A-2"]), ({"status": "open", "q": "A-2"}, ["A-2"]),
        ({"q": "nothing"}, []),
        ({"view": "x", "order": "x", "status": "x", "owner": "x", "purpose": "c:x", "after": "x"},
         ["A-1", "A-2", "A-3"]),
    ):  # fmt: skip
        assert sorted(_refs(senior.get(url(world, "requests"), query))) == refs, query


def test_the_list_is_ordered_both_ways_with_empty_dates_last(world, senior):
    sent(world, ref="A-1", due_on=date(2026, 12, 5), priority="low")
    sent(world, ref="A-2", due_on=date(2026, 12, 1), priority="high")
    draft(world, ref="A-3", due_on=None, priority="medium")
    for order, refs in (
        ("due", "A-2 A-1 A-3"), ("-due", "A-1 A-2 A-3"), ("ref", "A-1 A-2 A-3"),
        ("-ref", "A-3 A-2 A-1"), ("priority", "A-2 A-3 A-1"), ("status", "A-3 A-2 A-1"),
    ):  # fmt: skip
        assert _refs(senior.get(url(world, "requests"), {"order": order})) == refs.split(), order


@pytest.mark.parametrize("order", ["due", "-due", "ref", "owner"])
def test_pages_go_on_and_back_without_a_gap_or_a_repeat(world, senior, order):
    _many(world, 115)
    page = senior.get(url(world, "requests"), {"order": order})
    there = [_refs(page)]
    while more := re.search(r'rel="next" href="([^"]+)"', page.content.decode()):
        page = senior.get(url(world, "requests") + more[1].replace("&amp;", "&"))
        there.append(_refs(page))
    seen = [ref for refs in there for ref in refs]
    assert [len(refs) for refs in there] == [50, 50, 15]
    assert len(set(seen)) == 115
    back = [_refs(page)]
    while more := re.search(r'rel="prev" href="([^"]+)"', page.content.decode()):
        page = senior.get(url(world, "requests") + more[1].replace("&amp;", "&"))
        back.insert(0, _refs(page))
    assert back == there


def test_an_empty_list_says_to_each_side_what_comes_first(world, senior, admin, owner):
    page = senior.get(url(world, "requests")).content.decode()
    assert "New request" in page
    assert "No request yet" in page
    for browser in (admin, owner):
        page = browser.get(url(world, "requests")).content.decode()
        assert "Nothing is asked of you yet" in page
        assert "New request" not in page


def test_drafts_are_sent_all_or_none_and_the_refusal_names_the_request(world, senior):
    good, bad = draft(world, ref="A-1"), draft(world, ref="A-2", due_on=None)
    form = {"move": "send", "selected": [str(good.pk), str(bad.pk)]}
    answer = senior.post(url(world, "requests_bulk"), form)
    assert answer.status_code == 400
    assert "A-2: It has no due date" in answer.content.decode()
    assert now(world, good).status == "draft"
    answer = senior.post(url(world, "requests_bulk"), {**form, "selected": [str(good.pk)]})
    assert answer.status_code == 302
    assert now(world, good).status == "open"


def test_withdrawing_many_asks_for_the_reason_first(world, senior):
    rows = [sent(world, ref=f"A-{n}") for n in (1, 2)]
    form = {"move": "withdraw", "selected": [str(row.pk) for row in rows], "back": "view=all"}
    asked = senior.post(url(world, "requests_bulk"), form)
    assert asked.status_code == 200
    assert now(world, rows[0]).status == "open"
    assert senior.post(url(world, "requests_bulk"), {**form, "confirmed": "1"}).status_code == 400
    done = senior.post(
        url(world, "requests_bulk"), {**form, "confirmed": "1", "note": "Not needed."}
    )
    assert done.headers["Location"] == url(world, "requests") + "?view=all"
    assert [now(world, row).status for row in rows] == ["withdrawn"] * 2


def test_due_dates_and_care_are_given_to_many_at_once(world, senior):
    rows = [sent(world, ref=f"A-{n}") for n in (1, 2)]
    form = {"selected": [str(row.pk) for row in rows], "confirmed": "1"}
    dates = {**form, "move": "change_due_date", "due_on": "2027-02-01"}
    assert senior.post(url(world, "requests_bulk"), dates).status_code == 302
    assert {now(world, row).due_on for row in rows} == {date(2027, 2, 1)}
    care = {**form, "move": "look_after", "assignee": str(world.auditor.pk)}
    assert senior.post(url(world, "requests_bulk"), care).status_code == 302
    with as_(world.lead, world.firm):
        assert Handling.objects.filter(assignee=world.auditor).count() == 2


def test_one_id_out_of_sight_refuses_the_whole_batch_acc_11(world, senior):
    row = draft(world, ref="A-1")
    form = {"move": "send", "selected": [str(row.pk), str(world.firm.pk)]}
    assert senior.post(url(world, "requests_bulk"), form).status_code == 404
    assert now(world, row).status == "draft"


def test_bulk_acts_of_the_other_side_are_refused(world, senior, owner, browser_of):
    row = submitted(world, ref="A-1")
    form = {"selected": [str(row.pk)]}
    assert owner.post(url(world, "requests_bulk"), {**form, "move": "accept"}).status_code == 403
    for who in ("senior", "auditor"):
        answer = browser_of(who).post(url(world, "requests_bulk"), {**form, "move": "submit"})
        assert answer.status_code == 403
    assert now(world, row).status == "submitted"
    answer = senior.post(url(world, "requests_bulk"), {"move": "send", "selected": ["x"]})
    assert answer.status_code == 400
    assert senior.post(url(world, "requests_bulk"), {"move": "destroy"}).status_code == 400


def test_the_export_holds_what_the_list_shows_and_is_written_into_the_trail(world, senior, admin):
    row = sent(world, ref="A-1")
    draft(world, ref="A-2", title="Canary draft")
    with as_(world.senior, world.firm):
        request_talk.note(row, text="Canary note", by=world.senior)
        request_edits.look_after(row, assignee=world.auditor, by=world.senior)
    for kind in ("csv", "xlsx"):
        answer = admin.get(url(world, "requests_export", kind))
        assert answer.status_code == 200
        assert "attachment" in answer.headers["Content-Disposition"]
        assert b"Canary" not in answer.content
    text = senior.get(url(world, "requests_export", "csv"), {"view": "drafts"}).content.decode()
    assert "A-2" in text
    assert "A-1" not in text
    assert senior.get(url(world, "requests_export", "exe")).status_code == 404
    with as_(world.lead, world.firm):
        assert TrailEntry.objects.filter(verb="requests_exported").count() == 3


def test_a_message_is_counted_and_a_return_is_marked(world, senior):
    row = under_review(world, ref="A-1")
    with as_(world.auditor, world.firm):
        evidence_requests.give_back(row, by=world.auditor, reason="incomplete", note="More.")
        request_talk.comment(row, text="Please.", by=world.auditor)
    page = senior.get(url(world, "requests")).content.decode()
    assert "Returned" in page
