"""Signing in by e-mail and password, and out again."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import PASSWORD

LOGIN = "/accounts/login/"


def sign_in(client: Client, email: str, password: str = PASSWORD):
    """Send the form of the sign-in page."""
    return client.post(LOGIN, {"login": email, "password": password})


def test_a_person_signs_in_by_form_and_out_by_button(world):
    client = Client(enforce_csrf_checks=True)
    page = client.get(LOGIN)
    assert page.status_code == 200
    form = {
        "login": world.lead.email.upper(),
        "password": PASSWORD,
        "csrfmiddlewaretoken": client.cookies["tickmark-csrf"].value,
    }
    assert client.post(LOGIN, form).headers["Location"] == "/"
    home = client.get("/")
    assert "Lena" in home.content.decode()
    assert home.headers["Cache-Control"] == "no-store, private"
    assert client.get("/accounts/logout/").status_code == 200  # asks, changes nothing (HDR-7)
    assert client.get("/").status_code == 200
    form["csrfmiddlewaretoken"] = client.cookies["tickmark-csrf"].value
    assert client.post("/accounts/logout/", form).status_code == 302
    assert client.get("/").headers["Location"] == f"{LOGIN}?next=/"


OUR_PAGE = {"HTTP_SEC_FETCH_SITE": "same-origin"}


def test_a_form_without_its_token_is_refused_hdr_6(world):
    answer = Client(enforce_csrf_checks=True).post(
        LOGIN, {"login": world.lead.email, "password": PASSWORD}, **OUR_PAGE
    )
    assert answer.status_code == 403
    assert "open too long" in answer.content.decode()


def test_known_and_unknown_addresses_are_refused_alike_aut_3(world):
    answers = [
        sign_in(Client(), email, "wrong horse battery staple").content.decode()
        for email in (world.lead.email, "nobody@people.example")
    ]
    known, unknown = (text.partition("<form")[2].split('name="login"')[0] for text in answers)
    assert "do not fit together" in answers[0]
    assert "do not fit together" in answers[1]
    assert len(known) == len(unknown)


@pytest.mark.parametrize("path", [
    "/accounts/email/", "/accounts/confirm-email/", "/accounts/password/set/", "/accounts/2fa/",
    "/accounts/3rdparty/", "/nowhere/",
])  # fmt: skip
def test_pages_that_are_not_offered_are_absent(lead, path):
    assert lead.get(path).status_code == 404


def test_nobody_signs_up_without_an_invitation_aut_9(db):
    form = {"email": "new@people.example", "password1": PASSWORD, "password2": PASSWORD}
    answer = Client().post("/accounts/signup/", form)
    assert "Sign Up Closed" in answer.content.decode()


@pytest.mark.parametrize("path", ["/accounts/password/change/", "/accounts/password/reset/"])
def test_the_pages_of_the_password_are_ours(lead, path):
    text = lead.get(path).content.decode()
    assert "tm-plain-card" in text
    assert "style=" not in text


def test_a_person_without_an_organization_is_told_so(world, browser_of):
    from tests.factories import person

    stranger = person("Stray Person")
    client = Client()
    client.force_login(stranger, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.get("/")
    assert answer.status_code == 403
    assert "You belong to no organization" in answer.content.decode()


def test_one_switches_to_an_organization_of_ones_own_only(world, lead):
    from tenants.choices import Role
    from tests.factories import member

    switch = reverse("tenants:switch_organization")
    assert lead.get(switch).status_code == 405
    for unknown in (world.other_client.pk, "nonsense", ""):
        assert lead.post(switch, {"organization": str(unknown)}).status_code == 404
    member(world.other_firm, Role.STAFF, world.lead)
    assert lead.post(switch, {"organization": str(world.other_firm.pk)}).status_code == 302
    assert "Quill &amp; Stone LLP" in lead.get("/").content.decode()
    assert lead.get(reverse("tenants:engagement", args=[world.engagement.pk])).status_code == 404
