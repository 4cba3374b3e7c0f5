"""The rules RQ-01 to RQ-06 of soc.md, section 16, each by its name."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from evidence.actions import due_dates, evidence_requests, request_edits, request_talk
from evidence.choices import RequestStatus as S
from evidence.models import EvidenceLink, EvidenceRequest, Message, Submission
from evidence.tasks import suggest_a_call
from tenants import acting, outbox
from tenants.choices import CLIENT_ROLES
from tenants.errors import Invalid, Refused
from tenants.models import Notice, TrailEntry
from tenants.permissions import ENGAGEMENT_GRANTS
from tests.conftest import as_
from tests.evidence import requests as at

THE_FIRMS = (S.UNDER_REVIEW, S.ACCEPTED, S.RETURNED, S.NOT_APPLICABLE, S.WITHDRAWN, S.REOPENED)
THE_CLIENTS = (S.IN_PROGRESS, S.SUBMITTED, S.NA_PROPOSED)


@pytest.mark.parametrize("move", list(evidence_requests.LIFECYCLE.moves.values()),
                         ids=lambda move: move.name)  # fmt: skip
def test_no_side_makes_the_other_s_moves_rq_01(move):
    roles = set(ENGAGEMENT_GRANTS[move.permission])
    if move.target in THE_CLIENTS:
        assert roles <= set(CLIENT_ROLES)
    else:
        assert not roles & set(CLIENT_ROLES)


def test_every_move_writes_actor_time_from_to_and_reason_rq_02(world):
    row = at.returned(world)
    with as_(world.lead, world.firm):
        entries = list(TrailEntry.objects.filter(subject_id=row.pk).order_by("at", "id"))
    moves = [(each.verb, each.person_name, each.before, each.after) for each in entries
             if each.verb in evidence_requests.LIFECYCLE.moves]  # fmt: skip
    assert moves == [
        ("send", "Lena Lead", "draft", "open"),
        ("start", "Owner Person", "open", "in_progress"),
        ("submit", "Owner Person", "in_progress", "submitted"),
        ("begin_review", "Auditor Person", "submitted", "under_review"),
        ("give_back", "Auditor Person", "under_review", "returned"),
    ]
    assert (entries[-1].note, entries[-1].detail) == ("Q3 is missing.", {"reason": "wrong_period"})
    assert all(each.at <= timezone.now() for each in entries)


def test_a_population_is_submitted_with_its_facts_rq_03(world):
    row = at.submitted(world, kind="population")
    with as_(world.senior, world.firm):
        handed = Submission.objects.get(evidence_request=row)
    assert (handed.source_query, handed.row_count, handed.run_on) == (
        "select 1", 42, date(2026, 10, 1)
    )  # fmt: skip


@pytest.mark.parametrize(("count", "told"), [(2, 0), (3, 2)])
def test_the_third_return_tells_manager_and_administrator_rq_04(world, count, told):
    row = at.returned(world)
    with as_(world.lead, world.firm):
        EvidenceRequest.objects.filter(pk=row.pk).update(return_count=count)
    actor = acting.Actor(engagement_id=world.engagement.pk)
    with acting.acting(actor):
        entry = outbox.OutboxEntry.objects.get(subject=row.pk, task="evidence.suggest_a_call")
        suggest_a_call(outbox.Lease(entry.pk, entry.task, row.pk, 1, actor))
    found = set()
    for who, organization in ((world.lead, world.firm), (world.client, world.client_organization)):
        with as_(who, organization):
            found |= set(
                Notice.objects.filter(kind="evidence.third_return").values_list("person", flat=True)
            )
    assert found == ({world.lead.pk, world.client.pk} if told else set())


@pytest.mark.parametrize(("due", "later"), [(date(2020, 1, 2), True), (date(2030, 1, 2), False)])
def test_a_return_moves_a_due_date_that_is_too_near_rq_05(world, due, later):
    row = at.reviewed(world, due_on=due)
    with as_(world.auditor, world.firm):
        evidence_requests.give_back(row, by=world.auditor, reason="other", note="See page 2.")
    today = timezone.localdate(timezone=world.client_organization.zone)
    assert (row.due_on >= today + timedelta(days=3)) if later else (row.due_on == due)


def test_the_client_asks_for_another_day_and_a_senior_decides_rq_06(world):
    row, day = at.sent(world), date(2027, 1, 15)
    with as_(world.owner, world.client_organization):
        for wrong in ({"note": " ", "due_on": day}, {"note": "x", "due_on": date(2020, 1, 1)}):
            with pytest.raises(Invalid):
                due_dates.propose_due_date(row, by=world.owner, **wrong)
        due_dates.propose_due_date(row, due_on=day, note="External audit.", by=world.owner)
        with pytest.raises(PermissionDenied):
            due_dates.change_due_date(row, due_on=day, by=world.owner)
    with as_(world.auditor, world.firm), pytest.raises(PermissionDenied):
        due_dates.change_due_date(row, due_on=day, by=world.auditor)
    with as_(world.senior, world.firm):
        due_dates.change_due_date(row, due_on=day, by=world.senior)
        kept = TrailEntry.objects.filter(subject_id=row.pk, verb__startswith="due_date")
        assert {each.verb: each.detail for each in kept} == {
            "due_date_proposed": {"after": "2027-01-15"},
            "due_date_changed": {"before": "2026-12-01", "after": "2027-01-15"},
        }
    assert (row.due_on, row.proposed_due_on) == (day, None)


def test_past_the_end_of_fieldwork_a_manager_alone_sets_dates_rq_06(world):
    row, day = at.sent(world), date(2027, 1, 15)
    with as_(world.lead, world.firm):
        type(world.engagement).objects.filter(pk=world.engagement.pk).update(
            fieldwork_ends_on=date(2026, 12, 31)
        )
    for who, may in (("senior", False), ("lead", True)):
        person = getattr(world, who)
        with as_(person, world.firm):
            fresh = EvidenceRequest.objects.get(pk=row.pk)
            if may:
                assert due_dates.change_due_date(fresh, due_on=day, by=person).due_on == day
                continue
            with pytest.raises(PermissionDenied):
                due_dates.change_due_date(fresh, due_on=day, by=person)


def test_only_a_date_that_was_asked_for_is_declined_rq_06(world):
    row = at.sent(world)
    with as_(world.senior, world.firm), pytest.raises(Refused, match="No other date"):
        due_dates.decline_due_date(row, note="No.", by=world.senior)


def test_an_edit_is_judged_by_the_row_as_it_stands_not_as_it_was_read(world):
    seen = at.draft(world)
    with as_(world.lead, world.firm):
        evidence_requests.send(EvidenceRequest.objects.get(pk=seen.pk), by=world.lead)
    with as_(world.auditor, world.firm), pytest.raises(PermissionDenied):
        request_edits.edit(seen, {"title": "Staff change drafts only"}, by=world.auditor)
    with as_(world.auditor, world.firm), pytest.raises(Refused):
        request_edits.discard(seen, by=world.auditor)


def test_two_first_messages_at_once_are_both_kept(world):
    row = at.sent(world)
    with as_(world.owner, world.client_organization):
        first, second = (EvidenceRequest.objects.get(pk=row.pk) for _ in range(2))
        request_talk.comment(first, text="Which quarter?", by=world.owner)
        request_talk.comment(second, text="And which system?", by=world.owner)
        assert Message.objects.count() == 2
        assert TrailEntry.objects.filter(subject_id=row.pk, verb="start").count() == 1
    assert second.status == "in_progress"


def test_a_message_of_the_firm_or_of_a_watcher_starts_nothing(world):
    row = at.sent(world, watchers=[world.executive.pk])
    for who, organization in ((world.senior, world.firm),
                              (world.executive, world.client_organization)):  # fmt: skip
        with as_(who, organization):
            request_talk.comment(row, text="Any news?", by=who)
    assert row.status == "open"


def test_the_answer_is_the_client_s_until_it_is_submitted_ac_03(world):
    row = at.sent(world)
    with as_(world.owner, world.client_organization):
        request_talk.answer(row, {"text": "We review quarterly."}, by=world.owner)
        request_talk.answer(row, {"text": "We review monthly."}, by=world.owner)
    with as_(world.senior, world.firm):
        assert not Submission.objects.exists()
        assert not TrailEntry.objects.filter(verb="answered").exists()
    with as_(world.owner, world.client_organization):
        evidence_requests.submit(row, by=world.owner)
        with pytest.raises(Refused):
            request_talk.answer(row, {"text": "Too late."}, by=world.owner)
    with as_(world.senior, world.firm):
        assert Submission.objects.get().text == "We review monthly."


def test_a_reopened_request_keeps_its_history_and_its_files(world):
    row = at.reopened(world)
    with as_(world.senior, world.firm):
        assert EvidenceLink.objects.filter(evidence_request=row).count() == 1
        assert Submission.objects.filter(evidence_request=row).count() == 1
    at.upload(world, row, content=b"the missing page", name="page.txt")
    with as_(world.owner, world.client_organization):
        evidence_requests.submit(row, by=world.owner)
        numbers = Submission.objects.values_list("number", flat=True)
        assert list(numbers.order_by("number")) == [1, 2]


def test_nothing_is_handed_over_while_the_engagement_is_on_hold(world):
    row = at.started(world)
    with as_(world.lead, world.firm):
        type(world.engagement).objects.filter(pk=world.engagement.pk).update(status="on_hold")
    with as_(world.owner, world.client_organization), pytest.raises(Refused, match="on hold"):
        evidence_requests.submit(row, by=world.owner)


def test_the_next_reference_passes_those_of_requests_out_of_sight_ten_4(world):
    at.draft(world)
    with as_(world.partner, world.firm):
        hidden = request_edits.draft(
            world.engagement, {"title": "Board minutes", "sensitivity": "restricted"},
            by=world.partner,
        )  # fmt: skip
    assert (hidden.ref, at.draft(world).ref) == ("R-002", "R-003")
    with as_(world.lead, world.firm), pytest.raises(Invalid, match="R-002 is taken"):
        request_edits.draft(world.engagement, {"title": "Another", "ref": "R-002"}, by=world.lead)
