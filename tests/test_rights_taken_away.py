"""A right taken away is refused at the next request or chunk, whatever carried it (ACC-12)."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test import Client

from evidence import downloads
from evidence.actions import package_building, packages
from evidence.choices import PackageStatus
from evidence.storage import evidence_store
from tenants import acting
from tenants.actions import assignments
from tenants.permissions import P
from tests import factories, taking_away
from tests.conftest import as_
from tests.evidence import packages as packing
from tests.evidence.requests import draft, path, sent, submitted, upload
from tests.programs import Program, program_of

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
MIB = 2**20
PARALLEL = 20
EVERY = {**taking_away.OF_THE_PERSON, **taking_away.OF_THE_TOKEN}


@pytest.fixture
def cast(world: SimpleNamespace) -> SimpleNamespace:
    """The world, with an administrator of the firm."""
    return taking_away.with_administrator(world)


def browser_of(person: Any) -> Client:
    browser = Client()
    browser.force_login(person, backend=BACKEND)
    return browser


def engagement_page(world: Any) -> str:
    return f"/engagements/{world.engagement.pk}/"


# --- the next request ------------------------------------------------------------------------


@pytest.mark.parametrize("how", taking_away.OF_THE_PERSON)
def test_the_next_page_of_an_open_session_is_refused_acc_13(cast, how):
    browser, other = browser_of(cast.senior), browser_of(cast.lead)
    assert browser.get(engagement_page(cast)).status_code == 200
    taking_away.OF_THE_PERSON[how](cast)
    refused = browser.get(engagement_page(cast))
    sent_to_sign_in = refused.status_code == 302 and "/accounts/login/" in refused["Location"]
    assert sent_to_sign_in or refused.status_code in (403, 404)
    assert cast.engagement.title not in refused.content.decode()
    assert other.get(engagement_page(cast)).status_code == 200


@pytest.mark.parametrize("how", EVERY)
def test_the_next_call_of_a_token_is_refused_acc_14(cast, how):
    program, other = program_of(cast.senior, cast.firm), program_of(cast.lead, cast.firm)
    address = f"engagements/{cast.engagement.pk}/"
    assert program.get(address).status_code == 200
    EVERY[how](cast)
    assert program.get(address).status_code in (401, 404)
    assert program.post("packages/", {"engagement": str(cast.engagement.pk)}).status_code in (
        400, 401, 404,
    )  # fmt: skip
    assert other.get(address).status_code == 200


def test_a_demoted_person_s_token_makes_no_move_of_the_old_role_acc_14(cast):
    program = program_of(cast.senior, cast.firm)
    first, second = draft(cast), draft(cast, title="Second")
    assert program.post(path(first, "send")).status_code == 200
    taking_away.demoted(cast)
    assert program.post(path(second, "send")).status_code == 403
    assert program.get(path(second)).status_code == 200


def test_a_closed_opening_is_closed_at_the_next_request_acc_13(cast):
    program = program_of(cast.auditor, cast.firm)
    rows = [draft(cast, title=f"Request {number}") for number in range(3)]
    assert program.post(path(rows[0], "send")).status_code == 403
    with as_(cast.lead, cast.firm), transaction.atomic():
        opening = assignments.open_to(
            cast.engagement, person=cast.auditor, permission=P.SEND_REQUEST,
            reason="Lena is on leave.", by=cast.lead,
        )  # fmt: skip
    assert program.post(path(rows[1], "send")).status_code == 200
    with as_(cast.lead, cast.firm), transaction.atomic():
        assignments.close(opening, by=cast.lead)
    assert program.post(path(rows[2], "send")).status_code == 403


@pytest.mark.parametrize("how", EVERY)
def test_the_signed_link_to_the_next_page_shows_nothing_more_acc_13(cast, how):
    for number in range(3):
        draft(cast, title=f"Canary {number}")
    program = program_of(cast.senior, cast.firm)
    following = program.get("evidence-requests/?limit=1").json()["next"]
    assert program.get(following).json()["results"]
    EVERY[how](cast)
    answer = program.get(following)
    assert answer.status_code in (200, 401)
    assert b"Canary" not in answer.content


@pytest.mark.parametrize("how", EVERY)
def test_a_transaction_that_begins_later_in_the_same_request_sees_nothing_acc_12(cast, how):
    """What a long request does after its bytes have come, such as an upload."""
    program_of(cast.senior, cast.firm)
    with as_(cast.senior, cast.firm), transaction.atomic():
        token = cast.senior.tokens.get()
    actor = acting.Actor(cast.senior.pk, cast.firm.pk, presented=token.secret_hash)
    with acting.acting(actor), transaction.atomic():
        assert type(cast.engagement).objects.filter(pk=cast.engagement.pk).exists()
    EVERY[how](cast)
    with acting.acting(actor), transaction.atomic():
        assert not type(cast.engagement).objects.filter(pk=cast.engagement.pk).exists()


def test_an_upload_whose_token_was_revoked_on_the_way_keeps_nothing_acc_13(cast):
    row = sent(cast)
    cast.senior, cast.firm = cast.owner, cast.client_organization  # whose right is taken
    program = program_of(cast.senior, cast.firm)
    address = f"{path(row, 'files')}?name=vendors.csv"
    plain = {"Content_Type": "application/octet-stream"}
    assert program.post(address, b"first", **plain).status_code == 201
    receive = evidence_store().__class__.receive

    def slowly(self: Any, *args: Any, **kwargs: Any) -> Any:
        received = receive(self, *args, **kwargs)
        taking_away.token_revoked(cast)
        return received

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evidence_store().__class__, "receive", slowly)
        assert program.post(address, b"second", **plain).status_code == 404
    assert len(list(evidence_store().listing())) == 1


# --- 20 at once ------------------------------------------------------------------------------


def comments_of(program: Program, row: Any, stop: Event, told: list[Any]) -> None:
    """Write until told to stop: (when it was asked, whether it was done)."""
    own = Program(program.secret)
    while not stop.is_set():
        began = time.monotonic()
        answer = own.post(path(row, "messages"), {"text": "x"})
        told.append((began, answer.status_code == 201))
    connection.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["membership ended", "assignment ended", "token revoked"])
def test_none_of_twenty_that_began_after_the_commit_succeeds_acc_12(cast, how):
    row = submitted(cast)
    program = program_of(cast.senior, cast.firm)
    told: list[tuple[float, bool]] = []
    stop = Event()
    threads = [Thread(target=comments_of, args=(program, row, stop, told)) for _ in range(PARALLEL)]
    for thread in threads:
        thread.start()
    wait_for(lambda: sum(done for _, done in list(told)) >= PARALLEL)
    EVERY[how](cast)
    committed = time.monotonic()
    wait_for(lambda: sum(began > committed for began, _ in list(told)) >= PARALLEL)
    stop.set()
    for thread in threads:
        thread.join()
    after = [done for began, done in told if began > committed]
    before = [done for began, done in told if began <= committed]
    assert len(after) >= PARALLEL
    assert not any(after)
    assert sum(before) >= PARALLEL


def wait_for(question: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.01)


# --- downloads that go on --------------------------------------------------------------------


def session_ended(world: SimpleNamespace, browser: Client) -> None:
    """Signed out, as from another window of the same browser."""
    browser.session.flush()


def large(world: Any, size_bytes: int) -> Any:
    """A file of so many bytes that the firm was given."""
    row = submitted(world)
    linked = upload(
        world, factories.arrange(row, status="open"), content=bytes(size_bytes), name="big.bin"
    )
    factories.arrange(linked, handed_over_at=row.submitted_at)
    return linked


def counted(answer: Any, take: Callable[[], object]) -> tuple[int, bool]:
    """Bytes that left, and whether the rest was cut, when `take` happens after the first piece."""
    sent, chunks = 0, iter(answer.streaming_content)
    try:
        for chunk in chunks:
            if not sent:
                take()
            sent += len(chunk)
    except downloads.DownloadCut:
        return sent, True
    return sent, False


@pytest.mark.parametrize("how", [*EVERY, "nothing"])
def test_a_download_by_a_program_is_cut_within_16_mib_acc_13(cast, how):
    linked = large(cast, 24 * MIB)
    program = program_of(cast.senior, cast.firm)
    address = f"evidence-links/{linked.pk}/download/"
    take = EVERY.get(how, taking_away.nothing)
    sent, cut = counted(program.get(address), lambda: take(cast))
    if how == "nothing":
        assert (sent, cut) == (24 * MIB, False)
        return
    assert cut
    assert sent <= 16 * MIB
    resumed = program.get(address, Range=f"bytes={sent}-")
    assert resumed.status_code in (401, 404)


@pytest.mark.parametrize("how", [*taking_away.OF_THE_PERSON, "signed out", "nothing"])
def test_a_download_in_a_browser_is_cut_within_16_mib_acc_13(cast, how, monkeypatch):
    monkeypatch.setattr(downloads, "ASK_AGAIN_BYTES", 2 * MIB)
    linked = large(cast, 4 * MIB)
    browser = browser_of(cast.senior)
    here = f"/engagements/{cast.engagement.pk}/requests/{linked.evidence_request_id}"
    take = {**taking_away.OF_THE_PERSON, "nothing": taking_away.nothing}.get(how)
    answer = browser.get(f"{here}/files/{linked.pk}/")
    assert answer.status_code == 200, answer
    sent, cut = counted(answer, lambda: take(cast) if take else session_ended(cast, browser))
    assert (sent, cut) == ((4 * MIB, False) if how == "nothing" else (2 * MIB, True))


def test_a_file_withdrawn_while_it_leaves_is_cut(cast, monkeypatch):
    monkeypatch.setattr(downloads, "ASK_AGAIN_BYTES", 2 * MIB)
    linked = large(cast, 4 * MIB)

    def withdraw() -> None:
        owner = program_of(cast.owner, cast.client_organization)
        body = {"note": "The wrong file."}
        done = owner.post(f"evidence-links/{linked.pk}/withdraw/", body)
        assert done.status_code == 200, done.content

    answer = program_of(cast.senior, cast.firm).get(f"evidence-links/{linked.pk}/download/")
    assert counted(answer, withdraw) == (2 * MIB, True)


def test_a_package_on_its_way_is_cut_when_the_role_no_longer_downloads_any(cast, monkeypatch):
    monkeypatch.setattr(downloads, "ASK_AGAIN_BYTES", 2 * MIB)
    packing.answered(cast, bytes(4 * MIB), "big.bin")
    package = packing.assembled(cast)
    program, partner = program_of(cast.senior, cast.firm), program_of(cast.partner, cast.firm)
    address = f"packages/{package.pk}/download/"
    whole = counted(partner.get(address), lambda: None)
    assert whole == (package.size_bytes, False)
    assert counted(program.get(address), lambda: taking_away.demoted(cast)) == (2 * MIB, True)
    assert program.get(address).status_code == 403


# --- packages that are being assembled -------------------------------------------------------


def no_longer_builds(world: Any) -> None:
    """The manager who asked works as a senior from now on."""
    with as_(world.partner, world.firm), transaction.atomic():
        assignments.assign(
            world.engagement, person=world.lead, role="senior", by=world.partner
        )  # fmt: skip


def at_the_start(world: Any, patch: pytest.MonkeyPatch) -> None:
    no_longer_builds(world)


def while_it_is_written(world: Any, patch: pytest.MonkeyPatch) -> None:
    entries_of = package_building.entries_of

    def then_taken(*args: Any) -> Any:
        no_longer_builds(world)
        return entries_of(*args)

    patch.setattr(package_building, "entries_of", then_taken)
    patch.setattr("django.conf.settings.LEASE_SECONDS", 0)  # asked after every file


def before_it_is_published(world: Any, patch: pytest.MonkeyPatch) -> None:
    write_archive = package_building.write_archive

    def then_taken(*args: Any, **kwargs: Any) -> Any:
        written = write_archive(*args, **kwargs)
        no_longer_builds(world)
        return written

    patch.setattr(package_building, "write_archive", then_taken)


@pytest.mark.parametrize("when", [at_the_start, while_it_is_written, before_it_is_published])
def test_a_package_whose_asker_lost_the_right_is_not_published_acc_14(cast, when, monkeypatch):
    packing.answered(cast, b"the evidence")
    package = packing.asked_for(cast)
    with monkeypatch.context() as patch:
        when(cast, patch)
        packing.work_off()
    failed = packing.again(package)
    assert (failed.status, failed.storage_key) == (PackageStatus.FAILED, "")
    assert "Somebody who may can try again" in failed.problem
    assert not list(evidence_store().listing(str(cast.firm.pk)))
    with as_(cast.partner, cast.firm):
        packages.retry(failed, by=cast.partner)
    packing.work_off()
    ready = packing.again(package)
    assert (ready.status, ready.requested_by_id) == (PackageStatus.READY, cast.partner.pk)


def test_a_suspended_person_s_package_is_not_assembled_acc_14(cast):
    package = packing.asked_for(cast)
    cast.senior = cast.lead
    taking_away.person_suspended(cast)
    packing.work_off()
    assert packing.again(package).status == PackageStatus.FAILED


# --- mail ------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [*taking_away.OF_THE_PERSON, "nothing"])
def test_no_mail_goes_to_somebody_whose_right_has_ended_acc_13(cast, how):
    from tenants import notices
    from tests.evidence.actions.test_reminders import digest_of

    row = submitted(cast)
    with acting.on_behalf_of_the_engagement(cast.engagement.pk):
        notices.tell("evidence.submitted", row.pk, row.engagement_id, [cast.senior.pk], period="1")
    {**taking_away.OF_THE_PERSON, "nothing": taking_away.nothing}[how](cast)
    digest_of(cast.senior, cast.firm)
    told = [letter for letter in mail.outbox if letter.to == [cast.senior.email]]
    assert len(told) == (1 if how == "nothing" else 0)
