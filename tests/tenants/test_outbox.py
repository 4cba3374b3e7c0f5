"""Work of the outbox: under one actor, safe to run twice, parked and told when it fails."""

from __future__ import annotations

import random
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from threading import Thread
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core import mail
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from evidence.actions import evidence_requests, leftovers, request_talk
from evidence.storage import evidence_store, object_key
from grc.celery import app
from tenants import acting, notices, outbox, tasks
from tenants.models import Digest, Notice, OutboxEntry, TrailEntry
from tests.conftest import as_
from tests.evidence import packages as packing
from tests.evidence.requests import returned, submitted

SYSTEM = acting.Actor(system=True)


def everything_happened(world: SimpleNamespace) -> None:
    """Moves of every kind, talk, a file withdrawn, a package asked for: their work is waiting."""
    row = returned(world)
    with as_(world.owner, world.client_organization), transaction.atomic():
        request_talk.comment(row, text="Which quarter?", by=world.owner)
    proposed = submitted(world, title="Second")
    with as_(world.owner, world.client_organization), transaction.atomic():
        evidence_requests.recall(proposed, by=world.owner)
    packing.asked_for(world)


def due_now() -> list[UUID]:
    """All work that is not done, made due, held by nobody."""
    with acting.acting(SYSTEM):
        rows = OutboxEntry.objects.filter(done_at=None)
        rows.update(due_at=timezone.now() - timedelta(seconds=1), leased_until=None)
        return list(rows.values_list("pk", flat=True))


def left_behind(world: SimpleNamespace) -> dict[str, Any]:
    """What work leaves: notices, entries, bytes, letters."""
    with acting.on_behalf_of_the_engagement(world.engagement.pk):
        told = sorted(map(str, Notice.objects.values_list("person", "kind", "subject", "period")))
        entries = TrailEntry.objects.filter(engagement_id=world.engagement.pk).count()
    stored = sorted(each.key for each in evidence_store().listing())
    return {
        "notices": told, "entries": entries, "stored": stored,
        "letters": sorted(str(each.to) for each in mail.outbox),
    }  # fmt: skip


def test_work_delivered_ten_times_shuffled_is_done_once_tsk_5(world):
    everything_happened(world)
    chance = random.Random(5)
    while waiting := due_now():
        deliveries = waiting * 10
        chance.shuffle(deliveries)
        for pk in deliveries:
            tasks.perform(str(pk))
    once = left_behind(world)
    assert once["notices"]
    assert once["letters"]
    assert len(once["letters"]) == len(set(once["letters"]))
    with acting.acting(SYSTEM):  # a finished worker's word was lost: all of it again
        OutboxEntry.objects.update(done_at=None)
    again = due_now()
    chance.shuffle(again)
    for pk in again:
        tasks.perform(str(pk))
    assert left_behind(world) == once


def test_a_task_without_context_does_nothing_tsk_11(world):
    row = submitted(world)
    package = packing.asked_for(world)
    before = left_behind(world)
    for name, task in outbox.TASKS.items():
        for subject in (row.pk, package.pk, world.engagement.pk):
            lease = outbox.Lease(uuid4(), name, subject, 1, acting.NOBODY)
            with suppress(Exception), acting.acting(acting.NOBODY), transaction.atomic():
                task.work(lease)
                lease.finish()
                pytest.fail(f"{name} found something to do for nobody")
    assert left_behind(world) == before
    assert not mail.outbox


FAULTS = [MemoryError(), SoftTimeLimitExceeded(), RuntimeError("a crash"), ConnectionError()]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
def test_work_that_fails_five_times_is_parked_and_told_tsk_6(world, monkeypatch, capsys, fault):
    tried = []

    def fails(lease: outbox.Lease) -> None:
        tried.append(lease.fence)
        raise fault

    monkeypatch.setitem(outbox.TASKS, "tests.fails", outbox.Task("tests.fails", fails))
    with as_(world.lead, world.firm), transaction.atomic():
        outbox.enqueue("tests.fails", engagement_id=world.engagement.pk)
    for _ in range(outbox.MOST_ATTEMPTS + 2):
        for pk in due_now():
            tasks.perform(str(pk))
    assert tried == [1, 2, 3, 4, 5]
    with acting.acting(SYSTEM):
        row = OutboxEntry.objects.get(task="tests.fails")
    assert row.parked_at is not None
    assert row.last_error == type(fault).__name__
    call_command("parked_work")
    assert f"tests.fails  {type(fault).__name__}" in capsys.readouterr().out
    call_command("parked_work", "--retry", str(row.pk))
    with acting.acting(SYSTEM):
        assert str(row.pk) in map(str, outbox.waiting())


def test_a_hint_carries_an_id_and_nothing_else_tsk_2(world, monkeypatch):
    monkeypatch.undo()
    sent: list[Any] = []
    monkeypatch.setattr("celery.current_app.send_task", lambda *a, **k: sent.append((a, k)))
    pk = uuid4()
    outbox.hint([pk], wait=outbox.settings.LONGEST_HINT_SECONDS)
    (name, arguments), options = sent[0]
    assert (name, arguments) == (outbox.PERFORM, [str(pk)])
    assert options["countdown"] <= 300  # TSK-8
    assert set(options) == {"countdown", "expires", "retry"}


def test_the_broker_speaks_json_and_keeps_no_result_tsk_14():
    assert (app.conf.task_serializer, app.conf.accept_content) == ("json", ["json"])
    assert app.conf.task_ignore_result
    assert not app.conf.result_backend


def test_a_task_has_a_soft_and_a_hard_limit_and_a_cap_on_memory_tsk_7():
    assert 0 < app.conf.task_soft_time_limit < app.conf.task_time_limit
    assert app.conf.worker_max_memory_per_child > 0


def test_a_task_that_eats_memory_is_stopped_before_the_machine_is_tsk_7():
    code = "from grc.celery import cap_memory; cap_memory(); bytearray(3 << 30)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr.rstrip().endswith("MemoryError")


def test_the_work_of_an_organization_asks_for_its_people_s_mail(world):
    """As the mail of checkpoints of its own book does, without an engagement."""
    here = world.client_organization
    with acting.acting(acting.Actor(organization_id=here.pk)), transaction.atomic():
        notices.plan_digests(None, [(world.client.pk, here.pk)])
    with acting.acting(SYSTEM):
        asked = OutboxEntry.objects.filter(task=notices.DIGEST, person_id=world.client.pk)
        assert asked.count() == 2  # for today and for tomorrow


# --- a mail server that breaks at every step ---------------------------------------------------


class BreakingServer:
    """Speaks SMTP as far as `at`, then drops the line or says no; keeps what was given whole."""

    ANSWERS = {"EHLO": "250 here", "HELO": "250 here", "MAIL": "250 ok", "RCPT": "250 ok",
               "DATA": "354 go on", "QUIT": "221 bye"}  # fmt: skip

    def __init__(self, at: str, says: str = "") -> None:
        self.at, self.says, self.kept = at, says, 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._listening.accept()
                with suppress(OSError), line, line.makefile("rwb", buffering=0) as talk:
                    self._speak(talk)

    def _speak(self, talk: Any) -> None:
        if self.at == "greeting" and not self._answer(talk, "greeting", ""):
            return
        talk.write(b"220 here\r\n")
        for asked in iter(talk.readline, b""):
            verb = asked[:4].decode().upper()
            if not self._answer(talk, verb, self.ANSWERS.get(verb, "250 ok")):
                return
            if verb == "DATA" and self.at != "DATA":
                while talk.readline() not in (b".\r\n", b""):
                    pass
                self.kept += 1
                if not self._answer(talk, "kept", "250 kept"):
                    return

    def _answer(self, talk: Any, step: str, usual: str) -> bool:
        """Whether the talk goes on."""
        if step != self.at:
            talk.write(f"{usual}\r\n".encode())
            return True
        if self.says:
            talk.write(f"{self.says}\r\n".encode())
        return bool(self.says)


@pytest.fixture
def breaking(settings: Any) -> Iterator[Any]:
    """A server that breaks where a test says; letters go to it."""
    made: list[BreakingServer] = []

    def at(step: str, says: str = "") -> BreakingServer:
        made.append(BreakingServer(step, says))
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", made[-1].port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_TIMEOUT = 5
        return made[-1]

    yield at
    for server in made:
        server.close()


@pytest.mark.parametrize(
    ("step", "says", "status", "kept"),
    [
        ("greeting", "", "unknown", 0), ("EHLO", "", "unknown", 0), ("MAIL", "", "unknown", 0),
        ("MAIL", "451 later", "refused", 0), ("RCPT", "", "unknown", 0),
        ("RCPT", "550 nobody here", "refused", 0), ("DATA", "", "unknown", 0),
        ("DATA", "554 no", "refused", 0), ("kept", "", "unknown", 1),
        ("kept", "550 spam", "refused", 1), ("QUIT", "", "sent", 1), ("nowhere", "", "sent", 1),
    ],
)  # fmt: skip
def test_a_mail_goes_once_wherever_the_server_breaks_tsk_10(
    world, breaking, step, says, status, kept
):
    from tests.evidence.actions.test_reminders import digest_of

    row = submitted(world)
    server = breaking(step, says)
    for period in ("1", "2"):  # what comes later that day sends no second mail
        with acting.on_behalf_of_the_engagement(world.engagement.pk):
            notices.tell(
                "evidence.submitted", row.pk, row.engagement_id, [world.senior.pk], period=period
            )
        digest_of(world.senior, world.firm)
    with as_(world.senior, world.firm):
        assert [digest.status for digest in Digest.objects.all()] == [status]
    assert server.kept == kept


# --- bytes whose writer was killed -------------------------------------------------------------


def test_bytes_that_no_row_names_go_after_a_day_and_no_others_upl_19(world):
    packing.answered(world, b"the evidence")
    package = packing.assembled(world)
    store = evidence_store()
    named = {each.key for each in store.listing()}
    lost = object_key(world.client_organization.pk, uuid4())
    with store.writing(lost) as draft:
        draft.write(b"their writer was killed before the row")
    leftovers.clear_unnamed_bytes()
    assert {each.key for each in store.listing()} == {*named, lost}
    leftovers.clear_unnamed_bytes(0)
    assert {each.key for each in store.listing()} == named
    assert package.storage_key in named
