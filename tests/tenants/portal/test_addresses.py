"""Signing in with another e-mail address."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from tenants import acting
from tenants.models import AddressChange, TrailEntry, User
from tests.conftest import as_
from tests.factories import PASSWORD

ASK, NEW = "/settings/email/", "lena.new@people.example"


@pytest.fixture
def asked(lead, django_capture_on_commit_callbacks):
    """Asks for an address in the manager's browser; answers the link's path."""

    def ask(email=NEW):
        with django_capture_on_commit_callbacks(execute=True):
            assert lead.post(ASK, {"email": email}).status_code == 302
        assert mail.outbox[-1].to == [email]
        return re.findall(r"/settings/email/tme_\w+/", str(mail.outbox[-1].body))[0]

    return ask


def test_the_link_changes_the_address_ends_other_sessions_and_tells_the_old_one_aut_6(
    world, lead, browser_of, asked, django_capture_on_commit_callbacks
):
    other, old = browser_of("lead"), world.lead.email
    link = asked()
    assert "Sign in as lena.new@people.example?" in lead.get(link).content.decode()
    assert User.objects.get(pk=world.lead.pk).email == old  # looking changes nothing (HDR-7)
    before = lead.session.session_key
    with django_capture_on_commit_callbacks(execute=True):
        assert lead.post(link).status_code == 302
    assert User.objects.get(pk=world.lead.pk).email == NEW
    assert lead.get("/").status_code == 200
    assert lead.session.session_key != before
    assert other.get("/").status_code == 302
    assert mail.outbox[-1].to == [old]
    assert Client().login(email=NEW, password=PASSWORD)
    assert not Client().login(email=old, password=PASSWORD)
    assert lead.post(link).status_code == 404  # once
    with as_(world.lead, world.firm):
        assert TrailEntry.objects.filter(verb="email_changed").count() == 1


def test_the_link_is_for_the_person_who_asked_aut_8(world, browser_of, asked):
    link = asked()
    for who in ("partner", "rival"):
        assert browser_of(who).get(link).status_code == 404
        assert browser_of(who).post(link).status_code == 404
    assert Client().get(link).status_code == 302
    assert browser_of("lead").get(link).status_code == 200


@pytest.mark.parametrize("what", ["hour", "again", "password", "nothing"])
def test_time_another_wish_and_a_new_password_end_the_link_aut_6(world, lead, asked, what):
    link = asked()
    if what == "hour":
        with acting.acting(acting.Actor(person_id=world.lead.pk)):
            AddressChange.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif what == "again":
        asked("lena.third@people.example")
    elif what == "password":
        form = {
            "oldpassword": PASSWORD,
            **dict.fromkeys(("password1", "password2"), "nine blue teapots hum"),
        }
        lead.post("/accounts/password/change/", form)
    assert lead.get(link).status_code == (200 if what == "nothing" else 404)


def test_an_address_that_has_an_account_is_asked_for_alike_and_never_taken_aut_3(
    world, lead, asked
):
    link = asked(world.rival.email)
    answer = lead.post(link)
    assert answer.status_code == 409
    assert User.objects.get(pk=world.lead.pk).email == world.lead.email


@pytest.mark.parametrize("email", ["", "no address", "own"])
def test_what_is_no_new_address_is_told_at_its_field(world, lead, email):
    answer = lead.post(ASK, {"email": world.lead.email if email == "own" else email})
    assert answer.status_code == 400
    assert "email" in answer.context["form"].errors
