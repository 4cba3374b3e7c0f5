"""What became of a daily mail, for whoever manages the people (TSK-10)."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.utils import timezone

from tenants import acting, notices, outbox
from tenants.actions import digests
from tenants.choices import DigestStatus as S
from tenants.choices import Role
from tenants.models import Digest, TrailEntry
from tests.conftest import as_
from tests.evidence.requests import submitted
from tests.factories import member
from tests.programs import program_of


@pytest.fixture
def news(world):
    """Tells the senior something new, so that a mail is due; the firm has an administrator."""
    row = submitted(world)
    world.admin = member(world.firm, Role.FIRM_ADMIN, name="Admin Person")

    def tell(period):
        with acting.on_behalf_of_the_engagement(world.engagement.pk):
            notices.tell(
                "evidence.submitted", row.pk, row.engagement_id, [world.senior.pk], period=period
            )

    return tell


def mailed(world, news, monkeypatch, status, period="1"):
    """A day's mail to the senior, which the mail server answers with `status`."""
    monkeypatch.setattr(digests, "_send", lambda *letter: status)
    news(period)
    with as_(world.senior, world.firm):
        digests.mail_digest(SimpleNamespace(finish=lambda: None))


def a_day_goes_by(world, **columns):
    with as_(world.senior, world.firm):
        Digest.objects.update(day=timezone.localdate() - timedelta(days=2), **columns)


def told(world):
    with as_(world.admin, world.firm):
        rows = TrailEntry.objects.filter(verb__startswith="mail_", subject_id=world.senior.pk)
        return list(rows.order_by("at").values_list("verb", "person_name"))


def shown(world, who):
    """What the people's list says of the senior's mail to somebody of the firm."""
    rows = program_of(who, world.firm).get("people/").json()["results"]
    return next(r["mail_trouble"] for r in rows if r["person"]["id"] == str(world.senior.pk))


@pytest.mark.parametrize(
    ("status", "words"),
    [(S.SENT, None), (S.REFUSED, "refused"), (S.UNKNOWN, "outcome unknown")],
)
def test_administrators_see_whose_mail_does_not_arrive(
    world,
    news,
    monkeypatch,
    browser_of,
    status,
    words,
):
    mailed(world, news, monkeypatch, status)
    assert shown(world, world.admin) == words
    assert shown(world, world.lead) is None
    pages = {who: browser_of(who).get("/people/").content.decode() for who in ("admin", "lead")}
    assert (f"Daily mail {words}" in pages["admin"]) == (words is not None)
    assert "Daily mail" not in pages["lead"]
    history = browser_of("admin").get("/settings/history/").content.decode()
    assert ("the daily mail" in history or "got the daily mail" in history) == (words is not None)


def test_a_mail_that_arrives_again_ends_it_and_is_told_once(world, news, monkeypatch):
    for days, status in ((9, S.REFUSED), (8, S.SENT), (7, S.SENT)):
        mailed(world, news, monkeypatch, status, str(days))
        _earlier(world, days)
    with as_(world.senior, world.firm):
        assert Digest.objects.count() == 3
    assert told(world) == [("mail_refused", "Tickmark"), ("mail_again", "Tickmark")]
    assert shown(world, world.admin) is None


def _earlier(world, days):
    with as_(world.senior, world.firm):
        today = timezone.localdate(timezone=world.firm.zone)
        Digest.objects.filter(day=today).update(day=today - timedelta(days=days))


def test_a_mail_whose_worker_was_killed_is_found_with_the_next_one(world, news, monkeypatch):
    mailed(world, news, monkeypatch, S.SENT)
    a_day_goes_by(world, status=S.SENDING, finished_at=None)
    assert told(world) == []
    news("2")
    with as_(world.senior, world.firm), transaction.atomic():
        assert digests.claim() is not None
        assert set(Digest.objects.values_list("status", flat=True)) == {S.UNKNOWN, S.SENDING}
    assert told(world) == [("mail_unknown", "Tickmark")]
    assert shown(world, world.admin) == "outcome unknown"


def test_a_mail_that_cannot_be_made_is_given_up_and_told(world, news):
    news("1")
    with acting.acting(acting.Actor(system=True)), transaction.atomic():
        entry = outbox.OutboxEntry.objects.filter(task=notices.DIGEST).first()
        outbox.OutboxEntry.objects.filter(pk=entry.pk).update(
            attempts=outbox.MOST_ATTEMPTS, due_at=timezone.now() - timedelta(minutes=1)
        )
        person = entry.person_id
    assert outbox.claim(entry.pk) is None
    with acting.acting(acting.Actor(system=True)), transaction.atomic():
        parked = outbox.OutboxEntry.objects.get(task=f"{notices.DIGEST}.parked")
    assert parked.person_id == person
    lease = outbox.claim(parked.pk)
    with acting.acting(lease.actor), transaction.atomic():
        outbox.TASKS[lease.task].work(lease)
    assert told(world) == [("mail_given_up", "Tickmark")]
    assert shown(world, world.admin) == "given up"
