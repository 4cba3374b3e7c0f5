"""A client that is here already, and a second firm: nothing is learned before it agrees (TEN-4)."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tenants.models import Introduction, Relationship, TrailEntry
from tests.access.probing import plain
from tests.conftest import as_
from tests.factories import engagement, person
from tests.programs import program_of

ASK = "/clients/ask/"


def asked(world: SimpleNamespace, browser: Client, callbacks: Any, email: str = "") -> str:
    """The link of a letter the rival firm's partner sends."""
    before = len(mail.outbox)
    with callbacks(execute=True):
        answer = browser.post(ASK, {"email": email or world.client.email})
    assert answer.status_code == 302
    (letter,) = mail.outbox[before:]
    assert "Tallowbrook" not in letter.subject + str(letter.body)
    return re.findall(r"/introductions/\S+", str(letter.body))[0]


@pytest.fixture
def letter_link(world, browser_of, django_capture_on_commit_callbacks) -> str:
    return asked(world, browser_of("rival"), django_capture_on_commit_callbacks)


def knows(world: SimpleNamespace) -> bool:
    with as_(world.rival, world.other_firm):
        return Relationship.objects.filter(client=world.client_organization).exists()


def verbs_of(organization: Any) -> set[str]:
    return {entry.verb for entry in TrailEntry.objects.filter(organization_id=organization.pk)}


def test_the_clients_administrator_agrees_and_the_firm_opens_an_engagement(
    world, browser_of, letter_link, django_capture_on_commit_callbacks
):
    admin = browser_of("client")
    page = admin.get(letter_link).content.decode()
    assert "Quill &amp; Stone LLP asks to work with you" in page
    assert not knows(world)
    with django_capture_on_commit_callbacks(execute=True):
        assert admin.post(letter_link, {"answer": "agree"}).status_code == 302
    assert mail.outbox[-1].to == [world.rival.email]
    assert knows(world)
    assert "Tallowbrook Payroll" in browser_of("rival").get("/clients/").content.decode()
    with as_(world.client, world.client_organization):
        assert TrailEntry.objects.filter(
            verb="firm_taken_on", organization_id=world.client_organization.pk
        ).exists()
    with as_(world.rival, world.other_firm):
        verbs = {
            entry.verb for entry in TrailEntry.objects.filter(organization_id=world.other_firm.pk)
        }
        assert {"client_asked", "client_agreed"} <= verbs
    opened = engagement(world.other_firm, world.client_organization, world.rival)
    with as_(world.rival, world.other_firm):
        assert opened.client == world.client_organization
    assert admin.get(letter_link).status_code == 404


def test_refused_looks_like_unanswered_to_the_firm_and_like_nothing_to_the_link(
    world, browser_of, letter_link, django_capture_on_commit_callbacks
):
    rival, admin = browser_of("rival"), browser_of("client")
    unanswered = rival.get("/clients/").content.decode()
    assert admin.post(letter_link, {"answer": "refuse"}).status_code == 302
    assert _plain(rival.get("/clients/").content.decode()) == _plain(unanswered)
    assert len(mail.outbox) == 1
    admin.get("/")  # which says that it is gone
    gone, invented = admin.get(letter_link), admin.get("/introductions/tmc_invented/")
    assert gone.status_code == invented.status_code == 404
    assert _plain(gone.content.decode()) == _plain(invented.content.decode())
    with as_(world.rival, world.other_firm):
        assert Introduction.objects.get().status == "sent"
        verbs = {
            entry.verb for entry in TrailEntry.objects.filter(organization_id=world.other_firm.pk)
        }
        assert "firm_refused" not in verbs
    with as_(world.client, world.client_organization):
        assert "firm_refused" in verbs_of(world.client_organization)
    assert not knows(world)


def _plain(page: str) -> str:
    return re.sub(r"/introductions/\w+/?", "", plain(page))


def test_a_known_and_an_unknown_address_are_asked_alike_aut_3(
    world, browser_of, django_capture_on_commit_callbacks
):
    rival = browser_of("rival")
    known = asked(world, rival, django_capture_on_commit_callbacks)
    unknown = asked(world, rival, django_capture_on_commit_callbacks, "nobody@people.example")
    subjects = {letter.subject for letter in mail.outbox}
    assert len(subjects) == 1
    assert len(known) == len(unknown)
    page = rival.get("/clients/").content.decode()
    assert page.count("good until") == 2


@pytest.mark.parametrize("who", ["outsider", "colleague", "anonymous"])
def test_a_letter_is_for_the_one_it_was_written_to_alone_aut_9(world, browser_of, letter_link, who):
    browser = browser_of(who)
    status = 302 if who == "anonymous" else 404
    assert browser.get(letter_link).status_code == status
    assert browser.post(letter_link, {"answer": "agree"}).status_code == status
    assert not knows(world)


@pytest.mark.parametrize("how", ["expired", "withdrawn"])
def test_an_expired_or_withdrawn_letter_is_none(world, browser_of, letter_link, how):
    with as_(world.rival, world.other_firm):
        letter = Introduction.objects.get()
        if how == "expired":
            Introduction.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    if how == "withdrawn":
        address = reverse("tenants:withdraw_introduction", args=[letter.pk])
        assert "Withdraw the letter?" in browser_of("rival").get(address).content.decode()
        assert browser_of("rival").post(address).status_code == 302
    answer = browser_of("client").get(letter_link)
    assert answer.status_code == 404
    assert browser_of("client").post(letter_link, {"answer": "agree"}).status_code == 404
    assert not knows(world)


def test_only_an_administrator_of_a_client_answers(
    world, browser_of, django_capture_on_commit_callbacks
):
    rival = browser_of("rival")
    link = asked(world, rival, django_capture_on_commit_callbacks, world.owner.email)
    page = browser_of("owner").get(link).content.decode()
    assert "Only the administrator of a client answers" in page
    assert browser_of("owner").post(link, {"answer": "agree"}).status_code == 403
    link = asked(world, rival, django_capture_on_commit_callbacks, world.lead.email)
    assert browser_of("lead").post(link, {"answer": "agree"}).status_code == 403
    assert not knows(world)


def test_programs_ask_list_answer_and_withdraw(world, django_capture_on_commit_callbacks):
    rival = program_of(world.rival, world.other_firm)
    admin = program_of(world.client, world.client_organization)
    with django_capture_on_commit_callbacks(execute=True):
        made = rival.post("introductions/", {"email": world.client.email})
    assert (made.status_code, made.json()["status"]) == (201, "sent")
    assert rival.post("introductions/", {"email": world.client.email}).status_code == 409
    secret = re.findall(r"/introductions/(\w+)/", str(mail.outbox[-1].body))[0]
    other = program_of(world.outsider, world.other_client)
    body = {"secret": secret, "answer": "agree"}
    assert other.post("introductions/answer/", body).status_code == 404
    assert admin.get("introductions/").json()["total"] == 0
    assert admin.post("introductions/answer/", body).status_code == 204
    shown = rival.get(f"introductions/{made.json()['id']}/").json()
    assert (shown["status"], shown["client"]["name"]) == ("accepted", "Tallowbrook Payroll")
    assert rival.delete(f"introductions/{shown['id']}/").status_code == 409
    assert admin.post("introductions/", {"email": "x@people.example"}).status_code == 403


def test_an_address_nobody_has_may_join_nobody(world):
    stranger = person("Stranger Danger")
    browser = Client()
    browser.force_login(stranger, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert browser.get("/introductions/tmc_invented/").status_code == 403  # belongs to nobody yet
