"""Sessions: their two ends, the list of them, and who may end which."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tenants.choices import Role
from tenants.models import Membership, Session, TrailEntry
from tenants.secrets import hash_of
from tests.conftest import as_
from tests.factories import PASSWORD, member

LOGIN = "/accounts/login/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def key_of(client: Client) -> str:
    return str(client.cookies["tickmark"].value)


def row_of(client: Client) -> Session:
    return Session.objects.get(key_hash=hash_of(key_of(client)))


def with_key(key: str) -> Client:
    """A browser that still has an old cookie."""
    client = Client()
    client.cookies["tickmark"] = key
    return client


def signed_in(who: Any, **headers: str) -> Client:
    """A browser that came by the form."""
    client = Client(headers=headers)
    client.get(LOGIN)
    answer = client.post(LOGIN, {"login": who.email, "password": PASSWORD})
    assert answer.headers["Location"] == "/"
    return client


@pytest.mark.parametrize(
    ("column", "minutes", "status"),
    [
        ("last_seen_at", 59, 200), ("last_seen_at", 60, 302),
        ("started_at", 12 * 60 - 1, 200), ("started_at", 12 * 60, 302),
    ],
)  # fmt: skip
def test_a_session_ends_after_an_idle_hour_and_after_twelve_aut_5(lead, column, minutes, status):
    """On the server: the cookie is still there."""
    moment = timezone.now() - timedelta(minutes=minutes, seconds=-1 if status == 200 else 1)
    Session.objects.filter(pk=row_of(lead).pk).update(**{column: moment})
    key = key_of(lead)
    assert with_key(key).get("/").status_code == status
    assert Session.objects.filter(key_hash=hash_of(key)).exists() == (status == 200)


def test_using_a_session_keeps_it_for_another_hour_and_no_longer_than_twelve_aut_5(lead):
    row = row_of(lead)
    long_ago = timezone.now() - timedelta(minutes=50)
    Session.objects.filter(pk=row.pk).update(last_seen_at=long_ago, started_at=long_ago)
    lead.get("/")
    seen = row_of(lead)
    assert timezone.now() - seen.last_seen_at < timedelta(minutes=1)
    assert seen.started_at == long_ago


def test_signing_in_gives_a_new_session_id_and_signing_out_ends_it_aut_5(world):
    client = Client()
    client.get(LOGIN)
    client.get("/settings/")  # leaves a session of nobody: where to go after signing in
    client.session.save()
    before = client.session.session_key
    client.cookies["tickmark"] = before
    client.post(LOGIN, {"login": world.lead.email, "password": PASSWORD})
    after = key_of(client)
    assert after != before
    assert with_key(before).get("/").status_code == 302
    answer = client.post("/accounts/logout/")
    assert '"cache"' in answer.headers["Clear-Site-Data"]  # HDR-4
    assert with_key(after).get("/").status_code == 302
    assert not Session.objects.filter(key_hash=hash_of(after)).exists()


def test_other_rights_come_with_a_new_session_id_aut_5(world, lead, client_admin, browser_of):
    """Another organization, or another role: the old id opens nothing."""
    member(world.other_firm, Role.STAFF, world.lead)
    old = key_of(lead)
    lead.get("/")
    lead.post(reverse("tenants:switch_organization"), {"organization": world.other_firm.pk})
    assert key_of(lead) != old
    assert with_key(old).get("/").status_code == 302
    owner = browser_of("owner")
    old, since = key_of(owner), row_of(owner).started_at
    with as_(world.client, world.client_organization):
        row = Membership.objects.get(person=world.owner)
    address = reverse("tenants:member_role", args=[row.pk])
    assert client_admin.post(address, {"role": "executive", "version": 1}).status_code == 302
    assert owner.get("/").status_code == 200
    assert key_of(owner) != old
    assert with_key(old).get("/").status_code == 302
    assert row_of(owner).started_at == since  # the twelve hours go on


def test_the_table_holds_no_key_and_no_content_that_reads_dat_3(lead):
    lead.get("/settings/security/app/")
    row, key = row_of(lead), key_of(lead)
    stored = f"{row.key_hash} {row.data} {row.device}"
    assert key not in stored
    assert lead.session["app_secret"] not in stored
    assert lead.session["_auth_user_hash"] not in stored


def test_a_person_sees_their_sessions_and_ends_one_or_all_others_aut_5(world, client_admin):
    here, laptop, phone = (signed_in(world.lead, user_agent=FIREFOX) for _ in range(3))
    page = here.get("/settings/security/").content.decode()
    assert page.count("Firefox on Linux") >= 3
    assert page.count("127.0.0.1") == 3
    assert page.count("This one") == 1
    address = reverse("tenants:session_end", args=[row_of(laptop).pk])
    assert client_admin.post(address).status_code == 404  # not hers to end
    assert laptop.get("/").status_code == 200
    assert here.post(address).status_code == 302
    assert laptop.get("/").status_code == 302
    assert phone.get("/").status_code == 200
    assert here.post(address).status_code == 404
    assert here.post(reverse("tenants:sessions_end")).status_code == 302
    assert phone.get("/").status_code == 302
    assert here.get("/").status_code == 200
    with as_(world.lead, world.firm):
        assert TrailEntry.objects.filter(verb="session_ended").count() == 2


@pytest.mark.parametrize(("who", "status"), [("client", 302), ("owner", 403), ("outsider", 404)])
def test_an_administrator_signs_a_member_out_everywhere_aut_5(world, browser_of, who, status):
    member_of = browser_of("contributor")
    with as_(world.client, world.client_organization):
        row = Membership.objects.get(person=world.contributor)
    answer = browser_of(who).post(reverse("tenants:member_sign_out", args=[row.pk]))
    assert answer.status_code == status
    assert member_of.get("/").status_code == (302 if status == 302 else 200)


def test_a_session_that_was_ended_is_not_brought_back_by_a_request_still_running(lead):
    """It saves its contents at its end, and finds the row gone."""
    from django.contrib.sessions.backends.base import UpdateError

    from tenants.sessions import SessionStore

    store = SessionStore(key_of(lead))
    store["x"] = 1
    Session.objects.all().delete()
    with pytest.raises(UpdateError):
        store.save()
    assert not Session.objects.exists()


def test_sessions_that_are_over_are_forgotten(world, browser_of):
    from tenants.actions.sessions import forget_sessions

    old, live = browser_of("lead"), browser_of("lead")
    hours = timezone.now() - timedelta(hours=13)
    Session.objects.filter(pk=row_of(old).pk).update(started_at=hours)
    forget_sessions()
    assert [row.pk for row in Session.objects.all()] == [row_of(live).pk]
