"""The life of an evidence request: who makes each move, from where, and what holds it back."""

from __future__ import annotations

import io
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from evidence.actions import evidence_requests as requests
from evidence.actions import files, request_edits, request_talk
from evidence.models import EvidenceLink, EvidenceRequest, FileVersion, FirmNote
from evidence.rules.coverage_dates import Coverage
from tenants.errors import Invalid, MoveRefused
from tests.conftest import as_

IN_PERIOD = Coverage(date(2025, 10, 1), date(2026, 9, 30))


def _draft(world, **fields):
    with as_(world.lead, world.firm):
        return request_edits.draft(
            world.engagement,
            {"title": "Vendor register", "owner": world.owner, "due_on": date(2026, 12, 1),
             "covers_all_scope": True, **fields},
            by=world.lead,
        )  # fmt: skip


def _sent(world, **fields):
    row = _draft(world, **fields)
    with as_(world.lead, world.firm):
        return requests.send(row, by=world.lead)


def _upload(world, row, who=None, content=b"name,tier\nAcme,1\n", name="vendors.csv"):
    who = who or world.owner
    with as_(who, world.client_organization):
        incoming = files.Upload(io.BytesIO(content), name, "text/csv", coverage=IN_PERIOD)
        return files.upload(row, incoming, by=who)


def test_a_request_goes_from_draft_to_accepted(world):
    row = _sent(world)
    _upload(world, row)
    assert row.status == "in_progress"
    with as_(world.lead, world.firm):
        assert not EvidenceLink.objects.visible_to(world.lead).exists()  # a draft of the client
        assert not FileVersion.objects.exists()
    with as_(world.owner, world.client_organization):
        requests.submit(row, by=world.owner)
    with as_(world.auditor, world.firm):
        assert FileVersion.objects.visible_to(world.auditor).count() == 1
        requests.begin_review(row, by=world.auditor)
        requests.accept(row, by=world.auditor)
    assert (row.status, row.return_count) == ("accepted", 0)


def test_the_client_does_not_see_a_draft_request(world):
    row = _draft(world)
    for who in (world.client, world.owner):
        with as_(who, world.client_organization):
            assert not EvidenceRequest.objects.visible_to(who).exists()
            assert not EvidenceRequest.objects.exists()
    with as_(world.lead, world.firm):
        requests.send(row, by=world.lead)
    with as_(world.owner, world.client_organization):
        assert EvidenceRequest.objects.visible_to(world.owner).get() == row


def test_a_restricted_request_exists_for_named_people_only(world):
    _sent(world, sensitivity="restricted")
    for who, organization, sees in (
        (world.owner, world.client_organization, 1),
        (world.client, world.client_organization, 0),
        (world.lead, world.firm, 1),
        (world.partner, world.firm, 0),
    ):
        with as_(who, organization):
            assert EvidenceRequest.objects.visible_to(who).count() == sees
            assert EvidenceRequest.objects.count() == sees


def test_sending_needs_owner_due_date_and_purpose(world):
    row = _draft(world, owner=None, covers_all_scope=False, due_on=None)
    with as_(world.lead, world.firm):
        for cure, reason in (
            ({"owner": world.owner}, "owner"),
            ({"due_on": date(2026, 12, 1)}, "due date"),
            ({"covers_all_scope": True}, "what it is for"),
        ):
            with pytest.raises(MoveRefused, match=reason):
                requests.send(row, by=world.lead)
            request_edits.edit(row, cure, by=world.lead)
        assert requests.send(row, by=world.lead).status == "open"


def test_a_contributor_uploads_but_does_not_submit_rq_01(world):
    row = _sent(world, contributors=[world.contributor.pk])
    _upload(world, row, world.contributor)
    with as_(world.contributor, world.client_organization), pytest.raises(PermissionDenied):
        requests.submit(row, by=world.contributor)
    with as_(world.client, world.client_organization):
        assert requests.submit(row, by=world.client).status == "submitted"


def test_a_return_names_its_reason_and_moves_the_due_date_rq_05(world):
    row = _sent(world, due_on=date(2026, 1, 5))
    _upload(world, row)
    with as_(world.owner, world.client_organization):
        requests.submit(row, by=world.owner)
    with as_(world.senior, world.firm):
        requests.begin_review(row, by=world.senior)
        with pytest.raises(Invalid):
            requests.give_back(row, by=world.senior, reason="because", note="x")
        requests.give_back(row, by=world.senior, reason="wrong_period", note="Q3 is missing.")
    assert (row.status, row.return_count, row.return_reason) == ("returned", 1, "wrong_period")
    assert row.due_on > date(2026, 1, 5)


def test_evidence_outside_the_period_takes_a_senior_with_a_reason(world):
    row = _sent(world)
    link = _upload(world, row)
    with as_(world.owner, world.client_organization):
        old = {"covers_from": date(2020, 1, 1), "covers_to": date(2020, 12, 31)}
        files.set_coverage(link, old, by=world.owner)
        requests.submit(row, by=world.owner)
    with as_(world.auditor, world.firm):
        requests.begin_review(row, by=world.auditor)
        with pytest.raises(Invalid, match="outside"):
            requests.accept(row, by=world.auditor)
        with pytest.raises(PermissionDenied):
            requests.accept(row, by=world.auditor, override=True, note="Fine.")
    with as_(world.senior, world.firm):
        assert requests.accept(row, by=world.senior, override=True, note="First year.").pk


def test_a_population_takes_its_facts_and_a_senior(world):
    row = _sent(world, kind="population")
    _upload(world, row)
    with as_(world.owner, world.client_organization):
        with pytest.raises(MoveRefused, match="number of rows"):
            requests.submit(row, by=world.owner)
        facts = {"source_query": "select 1", "run_on": date(2026, 10, 1), "row_count": 42}
        request_talk.answer(row, facts, by=world.owner)
        requests.submit(row, by=world.owner)
    with as_(world.auditor, world.firm):
        requests.begin_review(row, by=world.auditor)
        with pytest.raises(PermissionDenied):
            requests.accept(row, by=world.auditor)
    with as_(world.senior, world.firm):
        requests.accept(row, by=world.senior)


def test_taking_a_submission_back_hides_its_files_again(world):
    row = _sent(world)
    _upload(world, row)
    with as_(world.owner, world.client_organization):
        requests.submit(row, by=world.owner)
        requests.recall(row, by=world.owner)
    with as_(world.lead, world.firm):
        assert not FileVersion.objects.exists()


def test_firm_notes_do_not_exist_for_the_client_ac_02(world):
    row = _sent(world)
    with as_(world.senior, world.firm):
        request_talk.note(row, text="Weak evidence last year.", by=world.senior)
        assert FirmNote.objects.visible_to(world.senior).count() == 1
    with as_(world.client, world.client_organization):
        assert not FirmNote.objects.exists()
