"""The page of a request: who sees it, what it offers, and what happens when a form is sent."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from evidence.actions import evidence_requests, files, request_edits, request_talk
from evidence.models import (
    EvidenceLink,
    EvidenceRequest,
    FirmNote,
    Handling,
    Message,
    RequestPerson,
)
from evidence.queries import people as concerned
from evidence.rules.coverage_dates import Coverage
from tenants.models import TrailEntry
from tests import factories
from tests.conftest import as_
from tests.evidence.portal.helpers import (
    draft,
    now,
    sent,
    submitted,
    under_review,
    uploaded,
    url,
)
from tests.factories import arrange

CAST = ("senior", "auditor", "reviewer", "client", "owner", "contributor", "executive",
        "colleague", "outsider", "rival")  # fmt: skip
NAMED = [200, 200, 200, 200, 200, 404, 200, 404, 404, 404]
DRAFTERS = [200, 200, 403, 403, 403, 403, 403, 404, 404, 404]
SENIORS = [200, 403, 403, 403, 403, 404, 403, 404, 404, 404]
PAGES = {
    "requests": [200, 200, 200, 200, 200, 200, 200, 404, 404, 404],
    "request_new": DRAFTERS,
    "absent_people": [200, 403, 403, 200, 403, 403, 403, 404, 404, 404],
    "request": NAMED,
    "request_edit": SENIORS,
    "request_discard": [200, 200, 403, 403, 403, 404, 403, 404, 404, 404],
    "look_after": [200, 200, 403, 403, 403, 404, 403, 404, 404, 404],
    "due_date": SENIORS,
    "due_date_keep": SENIORS,
    "due_date_ask": [403, 403, 403, 200, 200, 404, 403, 404, 404, 404],
    "link_files": [403, 403, 403, 200, 200, 404, 403, 404, 404, 404],
}
OF_LIST = {"requests", "request_new", "absent_people"}
POSTED = ("comment", "note", "answer", "upload")
MOVES = {
    "send": [409, 403, 403, 403, 403, 404, 403, 404, 404, 404],
    "submit": [403, 403, 403, 409, 409, 404, 403, 404, 404, 404],
    "propose_na": [403, 403, 403, 200, 200, 404, 403, 404, 404, 404],
    "begin_review": [409, 409, 403, 403, 403, 404, 403, 404, 404, 404],
    "withdraw": [200, 403, 403, 403, 403, 404, 403, 404, 404, 404],
    "reopen": [409, 403, 403, 403, 403, 404, 403, 404, 404, 404],
    "start": [404] * 10,
    "fly": [404] * 10,
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_open_to_those_it_is_for(world, browser_of, name):
    row = sent(world)
    address = url(world, name) if name in OF_LIST else url(world, name, row.pk)
    found = {who: browser_of(who).get(address).status_code for who in CAST}
    assert found == dict(zip(CAST, PAGES[name], strict=True))


@pytest.mark.parametrize("name", MOVES)
def test_a_move_is_asked_of_those_who_may_make_it(world, browser_of, name):
    row = sent(world)
    found = {
        who: browser_of(who).get(url(world, "request_move", row.pk, name)).status_code
        for who in CAST
    }
    assert found == dict(zip(CAST, MOVES[name], strict=True))


@pytest.mark.parametrize("name", POSTED)
def test_forms_are_posted_and_reach_nobody_from_outside(world, browser_of, name):
    row = sent(world)
    for who in ("colleague", "outsider", "rival", "contributor"):
        assert browser_of(who).post(url(world, name, row.pk), {"text": "x"}).status_code == 404
    assert browser_of("senior").get(url(world, name, row.pk)).status_code == 405


def test_a_request_is_not_found_below_another_engagement(world, senior):
    row = sent(world)
    other = factories.engagement(world.firm, world.client_organization, world.lead)
    factories.assigned(other, world.firm, world.senior, "senior")
    address = reverse("evidence:request", args=[other.pk, row.pk])
    assert senior.get(address).status_code == 404


def test_nothing_of_the_firms_own_reaches_the_client(world, browser_of):
    row = under_review(world)
    with as_(world.senior, world.firm):
        request_talk.note(row, text="Canary note", by=world.senior)
        request_edits.look_after(row, assignee=world.senior, by=world.senior)
    arrange(row, list_comment="Canary comment", list_status="Canary status")
    for who in ("client", "owner", "executive"):
        page = browser_of(who).get(url(world, "request", row.pk)).content.decode()
        assert "Canary" not in page
        assert "Firm only" not in page
        assert world.senior.name not in page.split('id="talk"')[0]
    page = browser_of("reviewer").get(url(world, "request", row.pk)).content.decode()
    assert page.count("Canary") == 3


def test_the_clients_draft_answer_is_the_clients_alone(world, senior, owner):
    row = sent(world)
    uploaded(world, row, "canary.csv")
    assert owner.post(url(world, "answer", row.pk), {"text": "Canary"}).status_code == 302
    assert "canary" not in senior.get(url(world, "request", row.pk)).content.decode().lower()
    page = owner.get(url(world, "request", row.pk)).content.decode()
    assert "canary.csv" in page
    assert ">\nCanary</textarea>" in page


def test_a_request_goes_its_way_by_forms_alone(world, senior, owner, browser_of):
    row = draft(world)

    def move(browser, name, **form):
        version = str(now(world, row).version)
        return browser.post(url(world, "request_move", row.pk, name), {"version": version, **form})

    assert move(senior, "send").status_code == 302
    uploaded(world, now(world, row))
    assert move(owner, "submit", note="All vendors.").status_code == 302
    assert move(owner, "recall").status_code == 302
    assert move(owner, "submit").status_code == 302
    auditor = browser_of("auditor")
    assert move(auditor, "begin_review").status_code == 302
    refused = move(auditor, "give_back", reason="", note="")
    assert refused.status_code == 400
    assert "Say what the client should do." in refused.content.decode()
    back = {"reason": "incomplete", "note": "Tier 2 is missing."}
    assert move(auditor, "give_back", **back).status_code == 302
    page = owner.get(url(world, "request", row.pk)).content.decode()
    assert "The auditor returned this: Incomplete" in page
    assert "Tier 2 is missing." in page
    assert move(owner, "submit").status_code == 302
    assert move(auditor, "begin_review").status_code == 302
    assert move(auditor, "accept").status_code == 302
    assert now(world, row).status == "accepted"
    assert move(senior, "reopen", note="A file was wrong.").status_code == 302
    assert now(world, row).status == "reopened"


def test_a_form_that_is_out_of_date_changes_nothing(world, senior):
    row = sent(world)
    form = {"version": str(row.version - 1), "note": "Not needed."}
    answer = senior.post(url(world, "request_move", row.pk, "withdraw"), form)
    assert answer.status_code == 412
    assert now(world, row).status == "open"


def test_what_is_missing_is_said_before_anybody_tries(world, senior, owner):
    row = draft(world, due_on=None)
    assert "It has no due date" in senior.get(url(world, "request", row.pk)).content.decode()
    other = sent(world, kind="population", ref="A-2")
    uploaded(world, other)
    page = owner.get(url(world, "request", other.pk)).content.decode()
    assert "A population needs" in page
    form = {"source_query": "report 7", "run_on": "2026-10-01", "row_count": "42"}
    assert owner.post(url(world, "answer", other.pk), form).status_code == 302
    assert "Ready." in owner.get(url(world, "request", other.pk)).content.decode()
    bad = owner.post(url(world, "answer", other.pk), {"row_count": "-1", "text": "kept words"})
    assert bad.status_code == 400
    assert "kept words" in bad.content.decode()


def test_both_sides_write_and_the_firm_notes_apart(world, senior, owner):
    row = sent(world)
    assert owner.post(url(world, "comment", row.pk), {"text": "Which vendors?"}).status_code == 302
    assert now(world, row).status == "in_progress"
    assert senior.post(url(world, "comment", row.pk), {"text": "Tier 1."}).status_code == 302
    assert senior.post(url(world, "note", row.pk), {"text": "Slow again."}).status_code == 302
    assert owner.post(url(world, "note", row.pk), {"text": "x"}).status_code == 403
    empty = senior.post(url(world, "comment", row.pk), {"text": " "})
    assert empty.status_code == 400
    assert "Write something first." in empty.content.decode()
    with as_(world.senior, world.firm):
        assert (Message.objects.count(), FirmNote.objects.count()) == (2, 1)
    page = owner.get(url(world, "request", row.pk)).content.decode()
    assert "Tier 1." in page
    assert "Slow again." not in page


def test_due_dates_are_asked_for_granted_and_kept(world, senior, owner):
    row = sent(world)

    def post(browser, name, **form):
        version = str(now(world, row).version)
        return browser.post(url(world, name, row.pk), {"version": version, **form})

    early = post(owner, "due_date_ask", due_on="2020-01-01", note="Audit.")
    assert early.status_code == 400
    assert "Ask for a day after today." in early.content.decode()
    assert post(owner, "due_date_ask", due_on="2027-03-01", note="Audit.").status_code == 302
    assert (
        "The client asks for Mar 1, 2027"
        in senior.get(url(world, "request", row.pk)).content.decode()
    )
    assert post(senior, "due_date_keep", note="Fieldwork ends.").status_code == 302
    assert now(world, row).proposed_due_on is None
    assert post(senior, "due_date", due_on="2027-01-15").status_code == 302
    assert now(world, row).due_on == date(2027, 1, 15)


def _form(**more):
    return {
        "title": "Vendor register", "kind": "document", "priority": "high",
        "sensitivity": "normal", "covers_all_scope": "on", **more,
    }  # fmt: skip


def test_a_request_is_written_changed_and_discarded(world, senior):
    form = _form(
        owner=str(world.owner.pk), due_on="2026-12-01", contributors=[str(world.contributor.pk)],
        watchers=[str(world.executive.pk)],
    )  # fmt: skip
    made = senior.post(url(world, "request_new"), form)
    assert made.status_code == 302
    with as_(world.lead, world.firm):
        row = EvidenceRequest.objects.get()
        assert RequestPerson.objects.count() == 2
    assert (row.ref, row.owner_id, row.status) == ("R-001", world.owner.pk, "draft")
    edited = senior.post(
        url(world, "request_edit", row.pk),
        _form(ref="X-1", title="Vendors", version=str(row.version)),
    )
    assert edited.status_code == 302
    row = now(world, row)
    assert (row.ref, row.title, row.owner_id) == ("X-1", "Vendors", None)
    gone = senior.post(url(world, "request_discard", row.pk), {"version": str(row.version)})
    assert gone.headers["Location"] == url(world, "requests")
    with as_(world.lead, world.firm):
        assert not EvidenceRequest.objects.exists()


def test_only_what_was_changed_is_written_and_told(world, senior):
    row = sent(world, description="First line\nsecond line", watchers=[world.executive.pk])
    form = _form(
        ref=row.ref, title=row.title, owner=str(world.owner.pk), priority="medium",
        description="First line\r\nsecond line", watchers=[str(world.executive.pk)],
        version=str(row.version),
    )  # fmt: skip
    address = url(world, "request_edit", row.pk)
    assert senior.post(address, form).status_code == 302
    assert now(world, row).version == row.version
    assert senior.post(address, {**form, "area": "Vendors", "watchers": []}).status_code == 302
    with as_(world.senior, world.firm):
        entry = TrailEntry.objects.get(verb="edited")
    assert entry.detail["fields"] == ["area", "watchers"]
    assert senior.post(address, {**form, "area": "People"}).status_code == 412


def test_errors_stand_at_their_fields_and_what_was_typed_stays(world, senior):
    draft(world, ref="A-1")
    refused = senior.post(url(world, "request_new"), _form(ref="A-1", description="kept words"))
    assert refused.status_code == 400
    page = refused.content.decode()
    assert "A-1 is taken; choose another." in page
    assert "kept words" in page
    dates = _form(period_from="2026-05-01", period_to="2026-04-01")
    assert (
        "The period must end after it starts."
        in senior.post(url(world, "request_new"), dates).content.decode()
    )
    with as_(world.lead, world.firm):
        assert EvidenceRequest.objects.count() == 1


def test_a_pick_list_is_narrowed_without_losing_what_is_typed_or_picked(world, senior):
    form = _form(
        title="Half written", find="watchers", find_watchers="exec",
        watchers=[str(world.owner.pk)],
    )  # fmt: skip
    page = senior.post(url(world, "request_new"), form)
    text = page.content.decode()
    assert page.status_code == 200
    assert "Half written" in text
    watchers = text.split('id="pick-watchers-list"')[1]
    assert world.executive.name in watchers
    assert world.contributor.name not in watchers
    assert f'value="{world.owner.pk}" checked' in watchers
    with as_(world.lead, world.firm):
        assert not EvidenceRequest.objects.exists()


def test_the_one_who_looks_after_a_request_is_of_the_firm(world, senior):
    row = sent(world)
    good = senior.post(url(world, "look_after", row.pk), {"assignee": str(world.auditor.pk)})
    assert good.status_code == 302
    bad = senior.post(url(world, "look_after", row.pk), {"assignee": str(world.owner.pk)})
    assert bad.status_code == 400
    with as_(world.lead, world.firm):
        assert Handling.objects.get().assignee_id == world.auditor.pk
        assert world.auditor in concerned.firm_people(world.engagement.pk)


def test_previous_and_next_follow_the_list_the_person_came_from(world, senior):
    rows = {ref: submitted(world, ref=ref) for ref in ("A-1", "A-2", "A-3")}
    sent(world, ref="A-2b")
    page = senior.get(url(world, "request", rows["A-2"].pk) + "?view=review&order=-ref")
    text = page.content.decode()
    assert f'rel="prev" href="{rows["A-3"].get_absolute_url()}?view=review&amp;order=-ref"' in text
    assert f'rel="next" href="{rows["A-1"].get_absolute_url()}?view=review&amp;order=-ref"' in text


def test_evidence_outside_the_period_is_accepted_by_a_senior_with_a_reason(world, senior):
    row = sent(world)
    uploaded(world, row)
    _let_its_file_speak_for_2020(world, row)
    with as_(world.owner, world.client_organization):
        evidence_requests.submit(row, by=world.owner)
    with as_(world.senior, world.firm):
        evidence_requests.begin_review(row, by=world.senior)
    address = url(world, "request_move", row.pk, "accept")
    assert "outside" in senior.get(address).content.decode()
    form = {"version": str(now(world, row).version)}
    assert senior.post(address, form).status_code == 400
    done = senior.post(address, {**form, "override": "on", "note": "First year."})
    assert done.status_code == 302
    assert now(world, row).status == "accepted"


def test_a_file_without_dates_is_told_before_and_no_reason_helps(world, owner, senior):
    row = sent(world)
    uploaded(world, row, coverage=Coverage())
    asked = owner.get(url(world, "request_move", row.pk, "submit")).content.decode()
    assert "vendors.csv (say which dates it covers)" in asked
    with as_(world.owner, world.client_organization):
        evidence_requests.submit(row, by=world.owner)
    with as_(world.senior, world.firm):
        evidence_requests.begin_review(row, by=world.senior)
    address = url(world, "request_move", row.pk, "accept")
    page = senior.get(address).content.decode()
    assert "Set which dates “vendors.csv” covers first." in page
    assert 'name="override"' not in page
    form = {"version": str(now(world, row).version), "override": "on", "note": "Enough."}
    assert senior.post(address, form).status_code == 400
    assert now(world, row).status == "under_review"


def _let_its_file_speak_for_2020(world, row):
    with as_(world.owner, world.client_organization):
        link = EvidenceLink.objects.select_related("file_version").get(evidence_request=row)
        link.evidence_request = row
        dates = {"covers_from": date(2020, 1, 1), "covers_to": date(2020, 12, 31)}
        files.set_coverage(link, dates, by=world.owner)
