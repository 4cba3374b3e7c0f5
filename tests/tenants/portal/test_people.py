"""The people of an organization, and accepting an invitation to it."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tenants import acting
from tenants.choices import Role
from tenants.models import Assignment, Invitation, Membership, User
from tests.conftest import as_
from tests.factories import PASSWORD, member

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
INVITE = "/people/invite/"


def membership_of(world: SimpleNamespace, who: Any) -> Membership:
    with as_(world.client, world.client_organization):
        return Membership.objects.get(person=who)


def invited(world: SimpleNamespace, browser: Client, sent_links: Any, **form: str) -> str:
    """The link of an invitation that the browser's person sends."""
    form = {"email": "new@people.example", "name": "", "role": "contributor", **form}
    (link,) = sent_links(lambda: browser.post(INVITE, form))
    return str(link)


def test_an_administrator_invites_and_withdraws(world, client_admin, sent_links):
    link = invited(world, client_admin, sent_links)
    page = client_admin.get("/people/").content.decode()
    assert "new@people.example" in page
    again = client_admin.post(INVITE, {"email": "new@people.example", "role": "executive"})
    assert again.status_code == 400
    assert "already invited" in again.content.decode()
    with as_(world.client, world.client_organization):
        sent = Invitation.objects.get()
    address = reverse("tenants:withdraw_invitation", args=[sent.pk])
    assert client_admin.post(address).status_code == 302
    assert client_admin.post(address).status_code == 404
    answer = Client().get(link)
    assert answer.status_code == 409
    assert "was withdrawn" in answer.content.decode()


@pytest.mark.parametrize("form", [
    {"email": "no address", "role": "contributor"},
    {"email": "new@people.example", "role": "partner"},
    {"email": "new@people.example", "role": ""},
])  # fmt: skip
def test_an_invitation_that_makes_no_sense_is_told_at_its_field(world, client_admin, form):
    answer = client_admin.post(INVITE, form)
    assert answer.status_code == 400
    assert answer.context["form"].errors


def test_a_role_is_changed_and_a_membership_ended(world, client_admin, browser_of):
    row = membership_of(world, world.owner)
    address = reverse("tenants:member_role", args=[row.pk])
    assert client_admin.post(address, {"role": "executive", "version": 1}).status_code == 302
    assert membership_of(world, world.owner).role == "executive"
    assert client_admin.post(address, {"role": "contributor", "version": 1}).status_code == 412
    owner = browser_of("owner")
    assert owner.get("/").status_code == 200
    address = reverse("tenants:member_end", args=[row.pk])
    assert "End the membership of Owner Person?" in client_admin.get(address).content.decode()
    assert client_admin.post(address, {"version": 2}).status_code == 302
    assert owner.get("/").status_code == 403
    assert client_admin.get(address).status_code == 404


def test_ones_own_membership_is_another_administrators_to_change(world, client_admin):
    row = membership_of(world, world.client)
    for name, form in (("member_role", {"role": "executive"}), ("member_end", {})):
        answer = client_admin.post(reverse(f"tenants:{name}", args=[row.pk]), form)
        assert answer.status_code == 400
        assert "Ask another administrator" in answer.content.decode()


@pytest.mark.parametrize(("who", "status"), [("owner", 403), ("lead", 403), ("outsider", 404)])
def test_changing_people_is_for_their_own_administrators(world, browser_of, who, status):
    row = membership_of(world, world.contributor)
    for name in ("member_role", "member_end"):
        address = reverse(f"tenants:{name}", args=[row.pk])
        assert browser_of(who).post(address, {"role": "executive"}).status_code == status
    assert membership_of(world, world.contributor).role == "contributor"
    assert "Invited" not in browser_of("owner").get("/people/").content.decode()


def test_somebody_new_makes_an_account_and_joins_with_the_link(world, client_admin, sent_links):
    link = invited(world, client_admin, sent_links, name="Pat Ops")
    newcomer = Client()
    page = newcomer.get(link)
    assert "Client Person invites new@people.example" in page.content.decode()
    assert page.context["form"].initial["name"] == "Pat Ops"
    form = {"name": "Pat Ops", "password": "seven green kettles sing"}
    assert newcomer.post(link, form).headers["Location"] == "/"
    assert "Pat" in newcomer.get("/").content.decode()
    assert Client().login(email="new@people.example", password="seven green kettles sing")
    again = Client().get(link)
    assert again.status_code == 409
    assert "used already" in again.content.decode()


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("too short", "at least 15"),
        ("new@people.example", "too similar"),
        ("", "required"),
        ("x" * 129, "at most 128"),
    ],
)
def test_a_weak_password_makes_no_account_aut_2(world, client_admin, sent_links, password, says):
    link = invited(world, client_admin, sent_links)
    answer = Client().post(link, {"name": "Pat", "password": password})
    assert answer.status_code == 400
    assert says in str(answer.context["form"].errors["password"])
    assert not User.objects.filter(email="new@people.example").exists()


def test_an_address_with_an_account_signs_in_first_aut_9(world, client_admin, sent_links):
    link = invited(world, client_admin, sent_links, email=world.rival.email)
    stranger = Client()
    page = stranger.get(link).content.decode()
    assert f"/accounts/login/?next={link}" in page
    assert 'name="password"' not in page
    stranger.post(link, {"name": "Thief", "password": "seven green kettles sing"})
    assert not Client().login(email=world.rival.email, password="seven green kettles sing")
    login = {"login": world.rival.email, "password": PASSWORD, "next": link}
    assert stranger.post("/accounts/login/", login).headers["Location"] == link
    assert stranger.post(link).headers["Location"] == "/"
    assert "Tallowbrook Payroll" in stranger.get("/").content.decode()


def test_nobody_joins_the_client_of_their_own_firm_ac_06(
    world, client_admin, sent_links, browser_of
):
    link = invited(world, client_admin, sent_links, email=world.colleague.email)
    answer = browser_of("colleague").post(link)
    assert answer.status_code == 409
    assert "AC-06" in answer.content.decode()
    with as_(world.client, world.client_organization):
        assert Invitation.objects.get().status == "sent"
        assert not Membership.objects.filter(person=world.colleague).exists()


def test_an_invitation_is_not_for_another_who_is_signed_in_aut_9(
    world, client_admin, sent_links, browser_of
):
    link = invited(world, client_admin, sent_links)
    other = browser_of("outsider")
    for answer in (other.get(link), other.post(link)):
        assert answer.status_code == 409
        assert "for another address" in answer.content.decode()
    with as_(world.client, world.client_organization):
        assert Invitation.objects.get().status == "sent"


def test_accepting_gives_the_place_on_the_engagement_too(world, client_admin, sent_links):
    form = {"email": "new@people.example", "name": "", "role": "control_owner"}
    address = reverse("tenants:engagement_invite", args=[world.engagement.pk])
    (link,) = sent_links(lambda: client_admin.post(address, form))
    newcomer = Client()
    newcomer.post(link, {"name": "Pat Ops", "password": "seven green kettles sing"})
    shown = reverse("tenants:engagement", args=[world.engagement.pk])
    assert newcomer.get(shown).status_code == 200
    with as_(world.lead, world.firm):
        place = Assignment.objects.get(person__email="new@people.example")
    assert place.role == Role.CONTROL_OWNER


def test_an_expired_or_invented_link_opens_nothing(world, client_admin, sent_links):
    link = invited(world, client_admin, sent_links)
    with acting.inside(world.client_organization.pk):
        Invitation.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert Client().get(link).status_code == 409
    assert Client().get(link[:-3] + "xx/").status_code == 404
    assert Client().get("/invitations/tmi_nonsense/").status_code == 404


def test_the_people_page_costs_the_same_number_of_queries_for_few_and_many(
    world, client_admin, django_assert_max_num_queries
):
    with django_assert_max_num_queries(11) as few:
        client_admin.get("/people/")
    for _ in range(20):
        member(world.client_organization, Role.CONTRIBUTOR)
    with django_assert_max_num_queries(11) as many:
        client_admin.get("/people/")
    assert len(few) == len(many)
