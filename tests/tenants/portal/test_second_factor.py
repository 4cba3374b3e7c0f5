"""The second factor: asked for by policy, added, used once, removed."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse

from tenants import acting
from tenants.actions import factors, tokens
from tenants.choices import Role, SecondFactor
from tenants.errors import Refused
from tenants.models import Organization, TrailEntry, User
from tenants.portal.second_factor import ENROLMENT
from tenants.visibility import new_key
from tests.access.routes import NAMED, patterns
from tests.conftest import as_
from tests.factories import PASSWORD, member

LOGIN, CODE = "/accounts/login/", "/accounts/code/"
OWED, APP = "/settings/security/needed/", "/settings/security/app/"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOW = 1_790_000_000.0


@pytest.fixture
def clock(monkeypatch) -> SimpleNamespace:
    """The phone's and the server's time."""
    at = SimpleNamespace(now=NOW)
    monkeypatch.setattr(factors, "time", SimpleNamespace(time=lambda: at.now))
    return at


def code(clock: Any, steps: int = 0, seed: str = SEED) -> str:
    """What an app shows, some steps from now."""
    return format_hotp_value(hotp_value(seed, int(clock.now) // 30 + steps))


@pytest.fixture
def real(world) -> User:
    """The manager, with an address that is nobody's of the sample."""
    User.objects.filter(pk=world.lead.pk).update(email="lena@harbourfinch.test")
    return User.objects.get(pk=world.lead.pk)


@pytest.fixture
def with_app(real) -> User:
    """The manager with an authenticator app."""
    TOTP.activate(real, SEED)
    return real


def by_password(who: User, to: str = "/") -> Client:
    """A browser after the password."""
    client = Client()
    client.post(LOGIN, {"login": who.email, "password": PASSWORD, "next": to})
    return client


def asks(organization: Organization, whom: SecondFactor) -> None:
    with acting.inside(organization.pk):
        Organization.objects.filter(pk=organization.pk).update(second_factor=whom)


def addresses() -> list[tuple[str, str]]:
    """(name, address) of every route that a browser's session opens, with ids of nothing."""
    fill = {"uuid": str(new_key()), "int": "7"}
    return [
        (name, "/" + NAMED.sub(lambda found: fill.get(found.group(1), "x"), pattern))
        for name, pattern, _ in patterns()
        if not pattern.startswith(("api/", "scim/")) and "^" not in pattern
    ]


def test_no_route_but_enrolment_opens_without_the_second_factor_that_is_asked_for_aut_1(real, lead):
    """Every route of the site, asked for and written to; with a factor the same ones open."""
    found, shut = addresses(), set()
    assert len(found) > 100
    for name, path in found:
        for answer in (lead.get(path), *([] if "logout" in name else [lead.post(path)])):
            if answer.headers.get("Location") == OWED:
                shut.add(name)
            else:
                assert name in ENROLMENT, (name, answer.status_code)
    assert shut >= {"tenants:home", "tenants:engagement", "account_change_password", ""}
    TOTP.activate(real, SEED)
    assert lead.get("/").status_code == 200
    assert not [path for _, path in found if lead.get(path).headers.get("Location") == OWED]


def test_the_gate_leads_back_to_where_one_was_going_aut_1(world, real, lead, clock):
    where = reverse("tenants:engagement", args=[world.engagement.pk])
    assert lead.get(where).headers["Location"] == OWED
    assert "Harbour &amp; Finch LLP asks for a second factor" in lead.get(OWED).content.decode()
    lead.get(APP)
    page = lead.post(APP, {"code": code(clock, seed=lead.session["app_secret"])})
    assert f'href="{where}"' in page.content.decode()
    assert lead.get(where).status_code == 200


@pytest.mark.parametrize(
    ("policy", "who", "status"),
    [
        ("administrators", "client", 302), ("administrators", "owner", 200),
        ("everybody", "owner", 302), ("nobody", "client", 200),
    ],
)  # fmt: skip
def test_the_policy_says_of_whom_a_second_factor_is_asked_aut_1(
    world, browser_of, policy, who, status
):
    asks(world.client_organization, SecondFactor(policy))
    User.objects.filter(pk=getattr(world, who).pk).update(email="someone@tallowbrook.test")
    assert browser_of(who).get("/").status_code == status


def test_a_firm_asks_everybody_and_a_client_its_administrators_from_the_start_aut_1(world):
    kept = [Organization(name="").second_factor]
    for place, who in ((world.firm, world.lead), (world.client_organization, world.client)):
        with as_(who, place):
            kept.append(Organization.objects.get(pk=place.pk).second_factor)
    assert kept == ["everybody", "everybody", "administrators"]


def test_who_has_two_organizations_meets_the_policy_of_the_one_acted_in_aut_1(world, real):
    asks(world.firm, SecondFactor.NOBODY)
    member(world.other_firm, Role.STAFF, real)
    browser = by_password(real)
    assert browser.get("/").status_code == 200
    switch = reverse("tenants:switch_organization")
    browser.post(switch, {"organization": world.other_firm.pk})
    assert browser.get("/").headers["Location"] == OWED


def test_a_sample_person_on_loopback_is_let_in_and_told_so_aut_1(lead):
    """Elsewhere nobody knows these addresses (tests/tenants/test_sample_people.py)."""
    assert "let in without a second factor" in lead.get("/").content.decode()
    page = lead.get("/settings/security/").content.decode()
    assert "sample account on this machine: it is let in without a second factor" in page


def test_a_token_is_made_with_the_second_factor_and_works_without_one_aut_1(world, real):
    with as_(real, world.firm):
        with pytest.raises(Refused, match="asks for a second factor"):
            tokens.create(world.firm, name="x", by=real)
        TOTP.activate(real, SEED)
        _, secret = tokens.create(world.firm, name="x", by=real)
        Authenticator.objects.all().delete()
    header = {"Authorization": f"Bearer {secret}"}
    assert Client().get("/api/v1/me/", headers=header).status_code == 200


def test_an_administrator_sets_the_policy_with_a_fresh_sign_in_aut_1(
    world, client_admin, browser_of
):
    form = {"second_factor": "everybody"}
    assert browser_of("owner").post("/settings/policy/", form).status_code == 403
    assert client_admin.post("/settings/policy/", {"second_factor": "some"}).status_code == 400
    assert client_admin.post("/settings/policy/", form).status_code == 302
    with as_(world.client, world.client_organization):
        row = Organization.objects.get(pk=world.client_organization.pk)
        entry = TrailEntry.objects.get(verb="second_factor_asked")
    assert row.second_factor == "everybody"
    assert (entry.before, entry.after) == ("administrators", "everybody")


def test_signing_in_takes_password_and_code_and_a_new_session_id_aut_5(with_app, clock):
    browser = by_password(with_app, to="/settings/")
    assert (
        browser.get("/").headers["Location"].startswith(LOGIN)
    )  # the password alone opens nothing
    before = browser.session.session_key
    answer = browser.post(CODE, {"code": code(clock)})
    assert answer.headers["Location"] == "/settings/"
    assert browser.session.session_key != before
    assert browser.get("/").status_code == 200
    with as_(with_app, _firm_of(with_app)):
        entry = TrailEntry.objects.filter(verb="signed_in").first()
    assert entry.detail["ways"] == ["password", "totp"]


@pytest.mark.parametrize(
    ("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_clock_may_be_half_a_minute_off_and_no_more(with_app, clock, steps, taken):
    assert (factors.use_code(with_app, code(clock, steps)) is not None) == taken


def test_a_code_works_once_also_after_the_cache_was_lost_aut_10(with_app, clock):
    """Not again, and none from before it either; the next one does."""
    from django.core.cache import cache

    earlier, used = code(clock, -1), code(clock)
    assert by_password(with_app).post(CODE, {"code": used}).status_code == 302
    cache.clear()
    for again in (used, earlier):
        answer = by_password(with_app).post(CODE, {"code": again})
        assert "wrong or was used already" in answer.content.decode()
    clock.now += 30
    assert by_password(with_app).post(CODE, {"code": code(clock)}).status_code == 302


def test_the_code_that_adds_an_app_does_not_sign_in_as_well_aut_10(real, lead, clock):
    lead.get(APP)
    seed = lead.session["app_secret"]
    assert lead.post(APP, {"code": code(clock, seed=seed)}).status_code == 200
    answer = by_password(real).post(CODE, {"code": code(clock, seed=seed)})
    assert answer.status_code == 200
    clock.now += 30
    answer = by_password(real).post(CODE, {"code": code(clock, seed=seed)})
    assert answer.status_code == 302


def test_a_recovery_code_works_once_aut_10(with_app, clock):
    with as_(with_app, _firm_of(with_app)):
        codes = factors.make_recovery_codes(with_app, by=with_app)
    assert len(set(codes)) == 10
    assert by_password(with_app).post(CODE, {"code": codes[3]}).status_code == 302
    again = by_password(with_app).post(CODE, {"code": codes[3]})
    assert "used already" in again.content.decode()
    assert by_password(with_app).post(CODE, {"code": codes[4]}).status_code == 302
    assert factors.codes_left(with_app) == 8


def test_wrong_codes_count_with_wrong_passwords_aut_4(with_app, clock):
    browser = by_password(with_app)
    for _ in range(6):
        browser.post(CODE, {"code": "000000"})
    assert "Too many" in browser.post(CODE, {"code": code(clock)}).content.decode()
    assert "Too many" in Client().post(
        LOGIN, {"login": with_app.email, "password": PASSWORD}
    ).content.decode()  # fmt: skip


def test_a_wrong_code_adds_no_app(real, lead, clock):
    page = lead.get(APP)
    assert "data:image/svg+xml;base64," in page.content.decode()
    answer = lead.post(APP, {"code": "000000"})
    assert answer.status_code == 400
    assert "not the code the app shows" in answer.content.decode()
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("what", ["added", "removed"])
def test_another_factor_ends_other_sessions_and_is_told_aut_6(
    real, browser_of, clock, what, django_capture_on_commit_callbacks
):
    asks(_firm_of(real), SecondFactor.NOBODY)
    if what == "removed":
        TOTP.activate(real, SEED)
    here, other = browser_of("lead"), browser_of("lead")
    here.get(APP)
    before = here.session.session_key
    with django_capture_on_commit_callbacks(execute=True):
        if what == "added":
            here.post(APP, {"code": code(clock, seed=here.session["app_secret"])})
        else:
            key = Authenticator.objects.get(type="totp").pk
            here.post(reverse("tenants:factor_remove", args=[key]))
    assert here.get("/").status_code == 200
    assert here.session.session_key != before
    assert other.get("/").status_code == 302
    letters = [letter for letter in mail.outbox if letter.to == [real.email]]
    assert f"was {what} " in letters[0].body
    with as_(real, _firm_of(real)):
        assert TrailEntry.objects.filter(verb=f"factor_{what}").count() == 1


def test_the_last_factor_stays_where_the_organization_asks_for_one_aut_1(with_app, lead):
    address = reverse("tenants:factor_remove", args=[Authenticator.objects.get().pk])
    answer = lead.post(address)
    assert answer.status_code == 400
    assert "Add another one first" in answer.content.decode()
    asks(_firm_of(with_app), SecondFactor.NOBODY)
    assert lead.post(address).status_code == 302
    assert not Authenticator.objects.exists()


def test_a_factor_of_another_is_absent(with_app, browser_of):
    address = reverse("tenants:factor_remove", args=[Authenticator.objects.get().pk])
    for who in ("partner", "rival"):
        assert browser_of(who).post(address).status_code == 404
    assert Authenticator.objects.exists()


def test_a_reset_password_leaves_the_second_factor_aut_8(with_app, clock):
    from tests.tenants.portal.test_resets import SET, asked_link, form_of

    client = Client()
    client.post(form_of(client, asked_link(with_app.email)), SET)
    answer = client.post(LOGIN, {"login": with_app.email, "password": SET["password1"]})
    assert answer.headers["Location"] == CODE
    assert client.get("/").status_code == 302
    assert client.post(CODE, {"code": code(clock)}).status_code == 302
    assert client.get("/").status_code == 200


def test_seeds_and_recovery_codes_lie_sealed_in_the_database_dat_3(real, lead, clock):
    lead.get(APP)
    seed = lead.session["app_secret"]
    page = lead.post(APP, {"code": code(clock, seed=seed)}).content.decode()
    codes = re.findall(r"<li>(\d{8})</li>", page)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(a::text, ' ') FROM mfa_authenticator a")
        stored = cursor.fetchone()[0]
    assert len(codes) == 10
    assert not [secret for secret in (seed, *codes) if secret in stored]


def test_recovery_codes_are_shown_once(with_app, lead):
    page = lead.post("/settings/security/codes/").content.decode()
    codes = re.findall(r"<li>(\d{8})</li>", page)
    assert len(codes) == 10
    later = "".join(
        lead.get(f"/settings/security/{path}").content.decode() for path in ("", "codes/")
    )
    assert not [one for one in codes if one in later]
    assert "10 of 10 left" in later


def test_the_operator_takes_lost_factors_away(with_app, browser_of):
    from django.core.management import call_command

    session = browser_of("lead")
    call_command("remove_factors", with_app.email, reason="lost phone and codes")
    assert not Authenticator.objects.exists()
    assert session.get("/").status_code == 302
    with as_(with_app, _firm_of(with_app)):
        entry = TrailEntry.objects.get(verb="factor_removed")
    assert "lost phone and codes" in entry.detail["what"]


def _firm_of(who: User) -> Organization:
    with acting.acting(acting.Actor(person_id=who.pk)):
        return Organization.objects.get(memberships__person=who)
