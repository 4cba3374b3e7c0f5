"""What nobody needs any more goes, a bounded number at a time; what is needed stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from tenants import acting, outbox
from tenants.actions import housekeeping
from tenants.models import IdempotentAnswer, OutboxEntry
from tenants.visibility import new_key
from tests.conftest import as_

SYSTEM = acting.Actor(system=True)


@pytest.fixture
def answers(world):
    """One answer past its day, and one that a retry may still ask for."""
    now = timezone.now()
    with as_(world.client, world.client_organization), transaction.atomic():
        for key, hours in (("old", 25), ("young", 23)):
            IdempotentAnswer.objects.create(
                organization=world.client_organization, person=world.client, route="/", key=key,
                fingerprint="0" * 64, status=201, body=b"Words of the client",
                created_at=now - timedelta(hours=hours),
            )  # fmt: skip


def test_answers_past_their_day_go_and_younger_ones_stay_api_4(world, answers):
    housekeeping.forget_kept_answers()
    with as_(world.client, world.client_organization), transaction.atomic():
        assert [each.key for each in IdempotentAnswer.objects.all()] == ["young"]


def test_the_system_sees_no_answer_before_its_time_is_over_ten_6(answers):
    with acting.acting(SYSTEM), transaction.atomic():
        assert [each.key for each in IdempotentAnswer.objects.all()] == ["old"]


def test_one_run_removes_a_bounded_number(world, answers, monkeypatch):
    monkeypatch.setattr(housekeeping, "MOST_AT_ONCE", 0)
    housekeeping.forget_kept_answers()
    with as_(world.client, world.client_organization), transaction.atomic():
        assert IdempotentAnswer.objects.count() == 2


def _work(world, **columns):
    """A piece of work of the engagement, as the system has it."""
    entry = OutboxEntry(engagement_id=world.engagement.pk, task="tests.work", subject=new_key())
    for name, value in columns.items():
        setattr(entry, name, value)
    with acting.acting(SYSTEM), transaction.atomic():
        OutboxEntry.objects.bulk_create([entry])
    return entry


def test_work_done_weeks_ago_goes_and_all_other_work_stays(world):
    now = timezone.now()
    long_ago = now - timedelta(days=housekeeping.KEPT_WORK_DAYS, hours=1)
    gone = _work(world, done_at=long_ago)
    kept = {_work(world, done_at=now).pk, _work(world, parked_at=long_ago).pk, _work(world).pk}
    housekeeping.forget_done_work()
    with acting.acting(SYSTEM), transaction.atomic():
        left = set(OutboxEntry.objects.filter(task="tests.work").values_list("pk", flat=True))
    assert left == kept
    assert gone.pk not in left


def test_work_that_is_not_done_is_never_deleted_tsk_1(world):
    entry = _work(world)
    with (
        acting.acting(SYSTEM),
        pytest.raises(Exception, match="stays in the outbox"),
        transaction.atomic(),
    ):
        OutboxEntry.objects.filter(pk=entry.pk).delete()


def test_people_put_work_in_and_see_their_own_alone_ten_6(world):
    """Task names and ids of an engagement are for its tasks; a colleague learns nothing of it."""
    with as_(world.lead, world.firm), transaction.atomic():
        outbox.enqueue("tests.work", engagement_id=world.engagement.pk, subject=new_key())
        outbox.enqueue("tests.own", organization_id=world.firm.pk, person_id=world.lead.pk)
        assert _seen() == ["tests.own"]
    for who, where in (
        (world.colleague, world.firm),
        (world.senior, world.firm),
        (world.client, world.client_organization),
    ):
        with as_(who, where), transaction.atomic():
            assert _seen() == []
    with acting.acting(acting.Actor(engagement_id=world.engagement.pk)), transaction.atomic():
        assert _seen() == ["tests.work"]


def _seen():
    tasks = OutboxEntry.objects.filter(task__startswith="tests.").values_list("task", flat=True)
    return sorted(tasks)


def test_nobody_puts_work_into_a_foreign_engagement_ten_6(world):
    with (
        as_(world.rival, world.other_firm),
        pytest.raises(Exception, match="row-level security"),
        transaction.atomic(),
    ):
        outbox.enqueue("tests.work", engagement_id=world.engagement.pk)
    assert connection.is_usable()


def test_both_are_done_by_beat_every_quarter_of_an_hour():
    registered = {name: seconds for name, (seconds, _) in outbox.PERIODIC.items()}
    assert registered["tenants.forget_kept_answers"] == 900
    assert registered["tenants.forget_done_work"] == 900
