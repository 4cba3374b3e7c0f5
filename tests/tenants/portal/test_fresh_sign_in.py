"""Dangerous acts ask once more who it is, and lose nothing of what was being done (AUT-7)."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.urls import reverse

from tenants.models import ApiToken, Membership, User
from tests.conftest import as_
from tests.factories import PASSWORD

CONFIRM = "/accounts/reauthenticate/"
TOKEN = {"name": "Collector", "days": "30"}


def stale(client: Client) -> Client:
    """The same browser, a quarter of an hour after signing in."""
    session = client.session
    session["about"] = {**session["about"], "at": session["about"]["at"] - 900}
    session.save()
    return client


def dangerous(world: Any) -> dict[str, tuple[str, dict[str, Any]]]:
    """What asks for a fresh sign-in: address and form."""
    with as_(world.client, world.client_organization):
        row = Membership.objects.get(person=world.owner)
    role = reverse("tenants:member_role", args=[row.pk])
    return {
        "token": ("/settings/tokens/new/", TOKEN),
        "e-mail": ("/settings/email/", {"email": "new@people.example"}),
        "app": ("/settings/security/app/", {"code": "000000"}),
        "passkey": ("/settings/security/passkeys/", {"name": "x", "credential": "{}"}),
        "codes": ("/settings/security/codes/", {}),
        "factor": ("/settings/security/factors/1/remove/", {}),
        "role": (role, {"role": "executive", "version": 1}),
        "invitation": ("/people/invite/", {"email": "n@people.example", "role": "contributor"}),
        "policy": ("/settings/policy/", {"second_factor": "everybody"}),
    }


@pytest.mark.parametrize(
    "what",
    ["token", "e-mail", "app", "passkey", "codes", "factor", "role", "invitation", "policy"],
)
def test_a_dangerous_act_asks_for_a_fresh_sign_in_aut_7(world, browser_of, what):
    """A session signed in just now is not asked; one of a quarter of an hour ago is."""
    path, form = dangerous(world)[what]
    fresh = browser_of("client").post(path, form)
    assert CONFIRM not in fresh.headers.get("Location", "")
    answer = stale(browser_of("client")).post(path, form)
    assert answer.headers["Location"].startswith(f"{CONFIRM}?next=")


def test_what_was_being_done_is_done_after_the_password_aut_7(world, client_admin):
    stale(client_admin)
    way = client_admin.post("/settings/tokens/new/", TOKEN).headers["Location"]
    page = client_admin.get(way).content.decode()
    assert "Is it still you?" in page
    wrong = client_admin.post(way, {"password": "wrong horse battery staple"})
    assert "not your password" in wrong.content.decode()
    with as_(world.client, world.client_organization):
        assert not ApiToken.objects.exists()
    done = client_admin.post(way, {"password": PASSWORD})
    assert "tmk_" in done.content.decode()
    with as_(world.client, world.client_organization):
        assert ApiToken.objects.get().name == "Collector"
    assert client_admin.post("/settings/tokens/new/", TOKEN).status_code == 200  # for some minutes


def test_a_code_alone_is_no_fresh_sign_in_where_there_is_a_password_aut_7(world, client_admin):
    TOTP.activate(world.client, "JBSWY3DPEHPK3PXP")
    stale(client_admin)
    answer = client_admin.get("/accounts/reauthenticate/code/?next=/settings/tokens/new/")
    assert answer.headers["Location"].startswith(CONFIRM)


def test_wrong_passwords_count_here_too_aut_4(world, client_admin):
    stale(client_admin)
    for _ in range(6):
        client_admin.post(CONFIRM, {"password": "wrong horse battery staple"})
    page = client_admin.post(CONFIRM, {"password": PASSWORD}).content.decode()
    assert "Too many tries failed" in page


def test_no_next_leads_away_from_here_hdr_9(world, client_admin):
    stale(client_admin)
    for outside in ("https://evil.example/", "//evil.example/", "/\\evil.example"):
        answer = client_admin.post(f"{CONFIRM}?next={outside}", {"password": PASSWORD})
        assert "evil" not in answer.headers.get("Location", "")
    assert User.objects.filter(pk=world.client.pk).exists()
