"""Through a real provider on this machine: who gets in, and what is refused (AUT-9 to AUT-11)."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import transaction
from django.test import Client

from tenants.actions import identities, invitations, single_sign_on
from tenants.choices import Role
from tenants.models import Identity, Membership, SpentAssertion, TrailEntry, User
from tests import factories
from tests.conftest import as_
from tests.identity.serving import PEOPLE
from tests.tenants.single_sign_on.conftest import Browser, connected, linked

PROTOCOLS = ("oidc", "saml")


@pytest.fixture(params=PROTOCOLS)
def provider(request):
    """Each kind of provider in turn: (its process, its protocol)."""
    return request.getfixturevalue("openid" if request.param == "oidc" else "saml"), request.param


def code_of(answer) -> str:
    """The words of a refusal on a page."""
    return answer.content.decode()


def is_in(browser: Browser, name: str) -> bool:
    """Whether the browser is signed in and works for the organization of that name."""
    page = browser.client.get("/")
    return page.status_code == 200 and name in page.content.decode()


def test_a_linked_member_signs_on_and_works_in_that_organization(world, provider):
    row = connected(world, *provider)
    linked(world, row, world.owner)
    browser = Browser()
    before = browser.client.session.session_key
    answer = browser.signs_on(row)
    assert answer.status_code == 302, code_of(answer)
    assert is_in(browser, "Tallowbrook Payroll")
    assert browser.client.session.session_key != before  # AUT-5
    assert not Browser().signs_on(row, "bo").client.session.get("_auth_user_id")


TWISTS = {
    "oidc": {
        "wrong_audience": "for another program", "two_audiences": "for another program",
        "other_party": "for another program", "wrong_issuer": "from another issuer",
        "wrong_nonce": "answers another sign-in", "no_nonce": "lacks a claim",
        "no_subject": "lacks a claim", "no_end": "lacks a claim", "expired": "has expired",
        "not_yet": "compare the clocks", "unsigned": "not signed", "shared_secret": "not signed",
        "other_key": "signature is not", "swapped_signature": "signature is not",
        "no_signature": "signature is not",
    },
    "saml": {
        "wrong_audience": "for another program", "no_audience": "for another program",
        "wrong_issuer": "from another issuer", "wrong_request": "for this sign-in now",
        "unsolicited": "answers another sign-in", "wrong_recipient": "for this sign-in now",
        "expired": "has expired", "unsigned": "not signed", "other_key": "signature is not",
        "tampered": "signature is not", "swapped_signature": "signature is not",
        "wrapped": "cannot be", "wrapped_inside": "cannot be", "two_assertions": "cannot be",
        "transient": "lasting subject",
    },
}  # fmt: skip
CASES = [(protocol, twist) for protocol, twists in TWISTS.items() for twist in twists]


@pytest.mark.parametrize(("protocol", "twist"), CASES)
def test_an_answer_with_one_fault_is_refused_and_the_same_without_it_is_not_aut_11(
    request, world, protocol, twist
):
    process = request.getfixturevalue("openid" if protocol == "oidc" else "saml")
    row = connected(world, process, protocol)
    linked(world, row, world.owner)
    linked(world, row, world.contributor, "bo")
    process.control(twist=twist)
    refused = Browser().signs_on(row)
    assert refused.status_code == 409
    assert TWISTS[protocol][twist] in code_of(refused)
    assert "_auth_user_id" not in refused.client.session
    process.control(twist="")
    assert Browser().signs_on(row).status_code == 302


def test_another_tenants_address_opens_nothing_and_links_nobody_aut_11(world, provider):
    process, protocol = provider
    row = connected(world, process, protocol)
    linked(world, row, world.owner)
    for victim in (world.rival, world.lead, world.client):
        stranger = {**PEOPLE["ada"], "sub": "s-unknown", "email": victim.email}
        process.control(people={"ada": stranger})
        answer = Browser().signs_on(row)
        assert answer.status_code == 409
        assert "Nobody here is linked" in code_of(answer)
    process.control(people={"ada": {**PEOPLE["ada"], "email": world.rival.email}})
    browser = Browser()
    assert browser.signs_on(row).status_code == 302  # the subject alone counts …
    assert browser.client.session["_auth_user_id"] == str(world.owner.pk)  # … and is the owner's
    with as_(world.client, world.client_organization):
        assert Identity.objects.count() == 1


def test_a_subject_of_one_organizations_provider_is_nobody_in_anothers_aut_11(world, openid):
    row = connected(world, openid, "oidc")
    with transaction.atomic(), as_(world.outsider, world.other_client):
        theirs = single_sign_on.connect_openid(
            world.other_client, issuer=openid.address, client_id=row.client_id,
            secret="a client secret of the provider", by=world.outsider,
        )  # fmt: skip
        single_sign_on.note_tested(theirs, by=world.outsider)
        single_sign_on.switch_on(theirs, by=world.outsider)
    linked(world, row, world.owner)
    assert Browser().signs_on(row).status_code == 302
    answer = Browser().signs_on(theirs)
    assert answer.status_code == 409
    assert "Nobody here is linked" in code_of(answer)


def test_an_answer_for_one_organizations_door_is_refused_at_anothers(world, openid):
    row = connected(world, openid, "oidc")
    linked(world, row, world.owner)
    browser = Browser()
    back = browser.returns_by_code(browser.leaves(f"/sso/{row.sign_in_name}/"))
    with transaction.atomic(), as_(world.outsider, world.other_client):
        theirs = single_sign_on.connect_openid(
            world.other_client, issuer=openid.address, client_id=row.client_id, secret="x",
            by=world.outsider,
        )  # fmt: skip
        single_sign_on.note_tested(theirs, by=world.outsider)
        single_sign_on.switch_on(theirs, by=world.outsider)
    crossed = browser.client.get(back.replace(row.sign_in_name, theirs.sign_in_name))
    assert crossed.status_code == 409
    assert "not begun here" in code_of(crossed)


def test_a_code_is_used_once_aut_10(world, openid):
    openid.control(generous=True)  # a provider that would take its codes again
    row = connected(world, openid, "oidc")
    linked(world, row, world.owner)
    browser = Browser()
    back = browser.returns_by_code(browser.leaves(f"/sso/{row.sign_in_name}/"))
    session = dict(browser.client.session.items())
    assert browser.client.get(back).status_code == 302
    assert "not begun here" in code_of(browser.client.get(back))  # the state is gone
    thief = Browser()
    thief.client.get("/sso/")
    stolen = thief.client.session
    stolen.update(session)  # even with the state as it was
    stolen.save()
    thief.client.cookies["tickmark"] = stolen.session_key
    answer = thief.client.get(back)
    assert answer.status_code == 409
    assert "used already" in code_of(answer)


def test_an_assertion_is_used_once_aut_10(world, saml):
    row = connected(world, saml, "saml")
    linked(world, row, world.owner)
    browser = Browser()
    path, form = browser.returns_by_post(browser.leaves(f"/sso/{row.sign_in_name}/"))
    session = dict(browser.client.session.items())
    assert browser.hand_in(path, form).status_code == 302
    thief = Browser()
    assert "not begun here" in code_of(thief.hand_in(path, form))
    stolen = thief.client.session
    stolen.update(session)
    stolen.save()
    thief.client.cookies["tickmark"] = stolen.session_key
    assert "used already" in code_of(thief.hand_in(path, form))


@pytest.mark.django_db(transaction=True)
def test_of_many_uses_at_once_one_wins_aut_10(world, openid):
    row = connected(world, openid, "oidc")
    claims = _claims(row)

    def use(_):
        from django.db import connection

        try:
            identities.spend(row, claims)
        except identities.SignInRefused:
            return 0
        else:
            return 1
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(use, range(24))) == 1


def _claims(row, **more):
    from datetime import UTC, datetime, timedelta

    from tenants.federation.claims import Claims

    values = {"subject": "s-ada-001", "once": "code x", "until": datetime.now(UTC)}
    values["until"] += timedelta(minutes=5)
    return Claims(issuer=row.issuer, **{**values, **more})


def test_used_assertions_are_kept_until_they_would_have_expired(world, openid):
    from datetime import UTC, datetime, timedelta

    row = connected(world, openid, "oidc")
    identities.spend(row, _claims(row, until=datetime.now(UTC) - timedelta(seconds=1)))
    identities.spend(row, _claims(row, once="code y"))
    with as_(world.client, world.client_organization):
        assert SpentAssertion.objects.count() == 1


def test_a_state_of_another_browser_opens_nothing(world, provider):
    """Nobody can be signed in as somebody else by a link that was made for another browser."""
    row = connected(world, *provider)
    linked(world, row, world.owner)
    target = Browser().leaves(f"/sso/{row.sign_in_name}/")
    victim = Browser()
    if row.protocol == "oidc":
        answer = victim.client.get(victim.returns_by_code(target))
    else:
        answer = victim.hand_in(*victim.returns_by_post(target))
    assert "not begun here" in code_of(answer)
    assert "_auth_user_id" not in victim.client.session


def test_unknown_and_switched_off_names_are_answered_alike_aut_3(world, openid):
    row = connected(world, openid, "oidc", on=False)
    answers = [
        Client().post("/sso/", {"name": name}) for name in (row.sign_in_name, "harbour-finch")
    ]
    assert {each.status_code for each in answers} == {400}
    pages = [each.content.decode().partition("<form")[2] for each in answers]
    assert pages[0].replace(row.sign_in_name, "X").count("no sign-in under this name") == 1
    assert len(pages[0]) - len(row.sign_in_name) == len(pages[1]) - len("harbour-finch")
    doors = [Client().get(f"/sso/{name}/") for name in (row.sign_in_name, "harbour-finch")]
    assert {each.status_code for each in doors} == {404}
    assert "Tallowbrook" not in "".join(each.content.decode() for each in doors)


def test_the_name_of_a_sign_in_cannot_be_guessed_from_the_organization(world, openid):
    row = connected(world, openid, "oidc")
    start, _, tail = row.sign_in_name.rpartition("-")
    assert start == "tallowbrook-payroll"
    assert len(tail) == 6


def test_somebody_who_left_no_longer_gets_in(world, provider):
    from tenants.actions import memberships

    row = connected(world, *provider)
    linked(world, row, world.owner)
    browser = Browser()
    browser.signs_on(row)
    assert is_in(browser, "Tallowbrook Payroll")
    with transaction.atomic(), as_(world.client, world.client_organization):
        memberships.end(Membership.objects.get(person=world.owner), by=world.client)
    assert browser.client.get("/").status_code == 302  # the session is over at once
    assert "no longer belong" in code_of(Browser().signs_on(row))


def test_a_session_by_one_organizations_provider_reaches_no_other_aut_11(world, openid):
    """Whoever runs a provider could be any of its members: elsewhere that is worth nothing."""
    row = connected(world, openid, "oidc")
    linked(world, row, world.owner)
    factories.member(world.other_firm, Role.STAFF, world.owner)
    browser = Browser()
    browser.signs_on(row)
    switch = {"organization": str(world.other_firm.pk)}
    assert browser.client.post("/switch-organization/", switch).status_code == 404
    assert "Quill" not in browser.client.get("/settings/profile/").content.decode()
    own = Browser(world.owner)
    assert own.client.post("/switch-organization/", switch).status_code == 302


@pytest.mark.parametrize("path", ["/accounts/password/change/", "/accounts/password/set/"])
def test_a_session_by_a_provider_changes_nothing_of_the_account(world, openid, path):
    row = connected(world, openid, "oidc")
    linked(world, row, world.owner)
    browser = Browser()
    browser.signs_on(row)
    answer = browser.client.get(path)
    assert answer.status_code == 403
    assert "Your organization signed you in" in code_of(answer)
    assert browser.client.post("/accounts/logout/").status_code == 302


def test_switching_off_ends_the_sessions_it_began(world, openid):
    row = connected(world, openid, "oidc")
    linked(world, row, world.owner)
    browser, own = Browser(), Browser(world.owner)
    browser.signs_on(row)
    assert is_in(browser, "Tallowbrook")
    with transaction.atomic(), as_(world.client, world.client_organization):
        single_sign_on.switch_off(row, by=world.client)
    assert browser.client.get("/").status_code == 302
    assert is_in(own, "Tallowbrook")


def invited(world, email="ada@people.example") -> str:
    """The secret of an invitation by the client's administrator."""
    with transaction.atomic(), as_(world.client, world.client_organization):
        return invitations.invite(
            world.client_organization, email=email, role=Role.CONTRIBUTOR, by=world.client
        ).secret


def test_an_invited_person_joins_by_signing_on_and_is_linked_aut_9(world, provider):
    row, browser = connected(world, *provider), Browser()
    secret = invited(world)
    assert "Join by signing in with" in code_of(browser.client.get(f"/invitations/{secret}/"))
    answer = browser.signs_on(row, path=f"/invitations/{secret}/sso/")
    assert answer.status_code == 302, code_of(answer)
    person = User.objects.get(email="ada@people.example")
    assert person.name == "Ada Lindqvist"
    assert not person.has_usable_password()
    with as_(world.client, world.client_organization):
        assert Identity.objects.get().subject == PEOPLE["ada"]["sub"]
        assert Membership.objects.get(person=person).role == Role.CONTRIBUTOR
        assert TrailEntry.objects.filter(verb="linked", person_id=person.pk).exists()
    assert is_in(browser, "Tallowbrook Payroll")
    assert Browser().signs_on(row).status_code == 302
    assert Browser().client.post(f"/invitations/{secret}/sso/").status_code == 409  # used


def test_the_invitation_of_one_presented_by_another_is_refused_aut_9(world, provider):
    row = connected(world, *provider)
    secret = invited(world)
    answer = Browser().signs_on(row, "bo", path=f"/invitations/{secret}/sso/")
    assert "signed you in as bo@people.example" in code_of(answer)
    assert not User.objects.filter(email="ada@people.example").exists()


def test_an_account_that_exists_is_joined_by_its_owner_alone_aut_9(world, openid):
    row = connected(world, openid, "oidc")
    factories.person("Ada Before", email="ada@people.example")
    answer = Browser().signs_on(row, path=f"/invitations/{invited(world)}/sso/")
    assert "has an account already" in code_of(answer)
    with as_(world.client, world.client_organization):
        assert not Identity.objects.exists()


def test_an_invitation_elsewhere_is_not_accepted_by_this_provider_aut_9(world, openid):
    connected(world, openid, "oidc")
    with transaction.atomic(), as_(world.outsider, world.other_client):
        other = invitations.invite(
            world.other_client, email="ada@people.example", role=Role.CLIENT_ADMIN,
            by=world.outsider,
        )  # fmt: skip
    assert Browser().client.post(f"/invitations/{other.secret}/sso/").status_code == 404


def test_a_signed_in_member_links_themself_once_aut_11(world, provider):
    row, browser = connected(world, *provider), Browser(world.owner)
    answer = browser.signs_on(row)
    assert answer.headers["Location"] == "/settings/profile/", code_of(answer)
    assert "Linked" in browser.client.get("/settings/profile/").content.decode()
    other = Browser(world.contributor).signs_on(row)
    assert "Somebody else is linked" in code_of(other)
    again = browser.signs_on(row, "bo")
    assert "linked as somebody else" in code_of(again)
    assert browser.client.post("/settings/profile/unlink/").status_code == 302
    assert browser.signs_on(row, "bo").status_code == 302


def test_a_stranger_to_the_organization_cannot_link(world, openid):
    row = connected(world, openid, "oidc")
    answer = Browser(world.rival).signs_on(row)
    assert answer.status_code == 409
    with as_(world.client, world.client_organization):
        assert not Identity.objects.exists()


def test_the_answer_of_a_saml_provider_is_escaped_on_its_way(world, saml):
    row = connected(world, saml, "saml")
    nasty = '"><script>alert(1)</script>'
    page = Client().post(
        f"/sso/{row.sign_in_name}/acs/", {"SAMLResponse": nasty, "RelayState": nasty}
    )
    assert "<script>alert" not in page.content.decode()


@pytest.mark.parametrize(
    "text",
    ["", "!!!", base64.b64encode(b"<a/>").decode(), base64.b64encode(b"no xml").decode(),
     base64.b64encode(b'<!DOCTYPE x [<!ENTITY y "z">]><x>&y;</x>').decode(),
     base64.b64encode(b"\xff\x00").decode()],
)  # fmt: skip
def test_what_is_no_saml_at_all_is_refused(world, saml, text):
    row, browser = connected(world, saml, "saml"), Browser()
    path, form = browser.returns_by_post(browser.leaves(f"/sso/{row.sign_in_name}/"))
    assert browser.hand_in(path, {**form, "SAMLResponse": text}).status_code == 409


def test_many_sign_ins_from_one_network_are_slowed_down(world, openid):
    row, client = connected(world, openid, "oidc"), Client()
    answers = [client.get(f"/sso/{row.sign_in_name}/callback/?state=x") for _ in range(31)]
    assert "not begun here" in code_of(answers[29])
    assert "Too many" in code_of(answers[30])
