"""Who is reminded of what, once; and the one mail of a day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from evidence.actions import evidence_requests, reminders, request_edits
from evidence.rules.business_days import shifted
from evidence.rules.reminding import LADDER
from tenants import acting, outbox
from tenants.actions.digests import mail_digest
from tenants.models import Digest, Notice, OutboxEntry
from tests.conftest import as_
from tests.factories import arrange

TODAY = date(2026, 11, 18)


def sent(world, **fields):
    """A request of the owner that the client has."""
    with as_(world.lead, world.firm):
        row = request_edits.draft(
            world.engagement,
            {"title": "Vendor register", "owner": world.owner, "covers_all_scope": True,
             "due_on": TODAY, "contributors": [world.contributor.pk], **fields},
            by=world.lead,
        )  # fmt: skip
        return evidence_requests.send(row, by=world.lead)


def climb(world, today=TODAY):
    """The ladder of one morning; returns who was reminded."""
    with acting.on_behalf_of_the_engagement(world.engagement.pk):
        reminders.remind(world.engagement, today)
        rows = Notice.objects.filter(kind=reminders.REMINDER)
        return {row.person_id: row.period for row in rows}


def people(world, *names):
    return {getattr(world, name).pk for name in names}


@pytest.mark.parametrize(
    ("offset", "who"),
    [
        (-5, ("owner",)),
        (-1, ("owner",)),
        (0, ("owner", "contributor")),
        (1, ("owner",)),
        (3, ("owner", "client")),
        (5, ("owner", "client", "senior", "executive")),
        (10, ("owner", "client", "senior", "executive", "lead")),
    ],
)
def test_each_rung_reminds_its_people_rq_05(world, offset, who):
    sent(world)
    assert set(climb(world, shifted(TODAY, offset))) == people(world, *who)


def test_a_second_climb_on_the_same_day_adds_nothing_tsk_9(world):
    sent(world)
    first = climb(world)
    assert climb(world) == first
    with acting.on_behalf_of_the_engagement(world.engagement.pk):
        assert Notice.objects.filter(kind=reminders.REMINDER).count() == 2


def test_no_day_between_rungs_reminds_anybody(world):
    sent(world)
    days = {shifted(TODAY, rung.offset) for rung in LADDER}
    quiet = [
        TODAY + timedelta(days=n) for n in range(-20, 25) if TODAY + timedelta(days=n) not in days
    ]
    assert not any(climb(world, day) for day in quiet)


@pytest.mark.parametrize(
    ("status", "reminds"),
    [
        ("open", True), ("in_progress", True), ("returned", True), ("reopened", True),
        ("submitted", False), ("under_review", False), ("na_proposed", False),
        ("accepted", False), ("withdrawn", False), ("not_applicable", False),
    ],
)  # fmt: skip
def test_the_clock_runs_only_while_the_client_is_to_act(world, status, reminds):
    arrange(sent(world), status=status)
    assert bool(climb(world)) is reminds


def test_nobody_is_reminded_while_the_engagement_is_on_hold(world):
    sent(world)
    world.engagement.status = "on_hold"
    assert not climb(world)


def test_a_changed_due_date_has_its_own_ladder(world):
    row = sent(world)
    climb(world)
    later = shifted(TODAY, 2)
    with as_(world.lead, world.firm):
        from evidence.actions import due_dates

        due_dates.change_due_date(row, due_on=later, by=world.lead)
    assert climb(world, later)[world.owner.pk].startswith(str(later))


def test_a_restricted_request_reminds_named_people_only(world):
    sent(world, sensitivity="restricted")
    reminded = climb(world, shifted(TODAY, 5))
    assert set(reminded) == people(world, "owner")


def digest_of(who, organization):
    """Perform the person's digest that waits now."""
    with acting.acting(acting.Actor(system=True)):
        rows = OutboxEntry.objects.filter(person_id=who.pk, done_at=None)
        rows.update(due_at=timezone.now() - timedelta(seconds=1))
        keys = list(rows.values_list("pk", flat=True))
    for key in keys:
        lease = outbox.claim(key)
        with acting.acting(lease.actor):
            mail_digest(lease)


def test_one_mail_a_day_tells_a_person_everything_that_is_new(world):
    for number in range(3):
        sent(world, title=f"Request {number}", due_on=timezone.localdate() + timedelta(days=3))
    with acting.on_behalf_of_the_engagement(world.engagement.pk):
        from evidence.tasks import people as concerned
        from tenants import notices

        for row in world.engagement.evidence_requests.all():
            notices.tell(
                "evidence.sent", row.pk, row.engagement_id, concerned.answering(row), period="1"
            )
    digest_of(world.owner, world.client_organization)
    digest_of(world.owner, world.client_organization)
    to_owner = [letter for letter in mail.outbox if letter.to == [world.owner.email]]
    assert len(to_owner) == 1
    assert "3 things wait for you" in to_owner[0].subject
    assert all(f"Request {number}" in to_owner[0].body for number in range(3))
    with as_(world.owner, world.client_organization):
        assert [digest.status for digest in Digest.objects.all()] == ["sent"]
        assert not Notice.objects.filter(digest=None).exists()


def test_what_no_longer_matters_is_not_mailed(world):
    row = sent(world)
    climb(world)
    arrange(row, status="accepted")
    digest_of(world.owner, world.client_organization)
    assert not mail.outbox
