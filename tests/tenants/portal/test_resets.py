"""A forgotten password, a changed one, and what each of them ends."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tenants import acting, outbox, tasks
from tenants.models import Session, TrailEntry, User
from tests.access.probing import LITERAL
from tests.conftest import as_
from tests.factories import PASSWORD

RESET, CHANGE = "/accounts/password/reset/", "/accounts/password/change/"
NEW = "seven green kettles sing"
SET = {"password1": NEW, "password2": NEW}
CHANGED = {"oldpassword": PASSWORD, **SET}


def work_off() -> None:
    """Do what waits, as the worker would."""
    with acting.acting(acting.Actor(system=True)), transaction.atomic():
        waiting = list(outbox.waiting())
    for pk in waiting:
        tasks.perform(str(pk))


def asked_link(email: str) -> str:
    """The link that an address gets that asks for one."""
    Client().post(RESET, {"email": email})
    work_off()
    (link,) = re.findall(r"/accounts/password/reset/key/\S+", str(mail.outbox[-1].body))
    return str(link)


def form_of(client: Client, link: str) -> str:
    """Where the form is to which a link leads."""
    return str(client.get(link, follow=True).redirect_chain[-1][0])


def test_a_forgotten_password_is_set_anew_once_and_nobody_is_signed_in_by_it_aut_8(world):
    client = Client()
    link = asked_link(world.lead.email)
    form = form_of(client, link)
    assert client.post(form, {"password1": "short", "password2": "short"}).status_code == 200
    assert client.post(form, SET).status_code == 302
    assert client.get("/").status_code == 302  # asked to sign in
    assert not Client().login(email=world.lead.email, password=PASSWORD)
    assert Client().login(email=world.lead.email, password=NEW)
    assert "no longer works" in Client().get(link, follow=True).content.decode()


def test_a_second_use_of_an_open_form_is_refused_aut_8(world):
    """Two browsers opened the same link before either sent the form."""
    first, second = Client(), Client()
    link = asked_link(world.lead.email)
    forms = form_of(first, link), form_of(second, link)
    assert first.post(forms[0], SET).status_code == 302
    other = {"password1": "nine blue teapots hum", "password2": "nine blue teapots hum"}
    assert "no longer works" in second.post(forms[1], other).content.decode()
    assert Client().login(email=world.lead.email, password=NEW)


def test_a_link_that_is_used_while_a_form_is_being_saved_is_refused_aut_8(world, monkeypatch):
    """The check before the form passed; the one that holds the row does not."""
    from tenants.portal.account_forms import NewPasswordForm

    def saving(person: User) -> Any:
        form = NewPasswordForm(SET, user=person, temp_key=key)
        assert form.is_valid()
        return form

    key = asked_link(world.lead.email).rstrip("/").partition("-")[2]
    one, other = (saving(User.objects.get(pk=world.lead.pk)) for _ in range(2))
    one.save()
    with pytest.raises(Exception, match="used already"):
        other.save()


@pytest.mark.parametrize("change", ["password", "email", "factor", "time", "nothing"])
def test_whatever_it_would_replace_ends_a_link_aut_6(world, change, monkeypatch):
    link = asked_link(world.lead.email)
    person = User.objects.get(pk=world.lead.pk)
    if change == "password":
        person.set_password("nine blue teapots hum")
    elif change == "email":
        person.email = "lena.new@people.example"
    elif change == "factor":
        from allauth.mfa.totp.internal.auth import TOTP

        TOTP.activate(person, "JBSWY3DPEHPK3PXP")
    elif change == "time":
        from django.contrib.auth.tokens import PasswordResetTokenGenerator as Tokens

        now = Tokens._now
        hour = timezone.timedelta(hours=1, seconds=5)
        monkeypatch.setattr(Tokens, "_now", lambda self: now(self) + hour)
    person.save()
    page = Client().get(link, follow=True).content.decode()
    assert ("no longer works" in page) == (change != "nothing")


def test_a_link_is_no_other_persons_aut_8(world):
    link = asked_link(world.lead.email)
    theirs = link.replace(world.lead.pk.hex, world.partner.pk.hex)
    assert theirs != link
    assert "no longer works" in Client().get(theirs, follow=True).content.decode()


def test_known_and_unknown_addresses_ask_for_a_link_alike_aut_3(world):
    """The same answer by the same statements; the worker finds out whose address it is."""
    answers, shapes = [], []
    for email in (world.lead.email, "nobody@people.example"):
        with CaptureQueriesContext(connection) as queries:
            answers.append(Client().post(RESET, {"email": email}))
        shapes.append([LITERAL.sub("?", re.sub(r"'[^']*'", "?", one["sql"])) for one in queries])
    assert answers[0].status_code == answers[1].status_code == 302
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert shapes[0] == shapes[1]
    work_off()
    assert [letter.to for letter in mail.outbox] == [[world.lead.email]]


def test_an_account_without_a_password_gets_no_link_aut_13(world):
    """A service, or somebody of single sign-on: no letter makes a password out of nothing."""
    User.objects.filter(pk=world.lead.pk).update(password="!")
    Client().post(RESET, {"email": world.lead.email})
    work_off()
    assert not mail.outbox
    assert not Client().login(email=world.lead.email, password="!")


@pytest.mark.parametrize("how", ["changed", "reset"])
def test_a_new_password_ends_other_sessions_and_tells_the_person_aut_6(
    world, lead, browser_of, how, django_capture_on_commit_callbacks
):
    other, rival = browser_of("lead"), browser_of("rival")
    with django_capture_on_commit_callbacks(execute=True):
        if how == "changed":
            answer = lead.post(CHANGE, CHANGED)
            assert answer.headers["Location"] == reverse("tenants:security")
        else:
            client = Client()
            client.post(form_of(client, asked_link(world.lead.email)), SET)
    assert other.get("/").status_code == 302
    assert lead.get("/").status_code == (200 if how == "changed" else 302)
    assert rival.get("/").status_code == 200
    letter = mail.outbox[-1]
    assert letter.to == [world.lead.email]
    assert letter.subject == "Your Tickmark account was changed"
    with as_(world.lead, world.firm):
        assert TrailEntry.objects.filter(verb=f"password_{how}").count() == 1


def test_a_new_password_gives_this_browser_a_new_session_id_aut_5(world, lead):
    before = lead.cookies["tickmark"].value
    lead.post(CHANGE, CHANGED)
    assert lead.cookies["tickmark"].value != before
    stale = Client()
    stale.cookies["tickmark"] = before
    assert stale.get("/").status_code == 302
    assert Session.objects.filter(person=world.lead).count() == 1


def test_a_wrong_present_password_changes_nothing_and_counts_aut_4(world, lead):
    for _ in range(5):
        answer = lead.post(CHANGE, {**CHANGED, "oldpassword": "wrong horse battery staple"})
        assert "not your present password" in answer.content.decode()
    assert "Wait" in lead.post(CHANGE, CHANGED).content.decode()
    assert Client().login(email=world.lead.email, password=PASSWORD)
