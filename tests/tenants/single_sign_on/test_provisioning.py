"""SCIM 2.0 (RFC 7643, 7644): people come, get roles by their groups, and go at once (AUT-12)."""

from __future__ import annotations

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tenants.actions import (
    invitations,
    memberships,
    provisioning_groups,
    provisioning_tokens,
    single_sign_on,
)
from tenants.choices import InvitationStatus, MembershipStatus, Role
from tenants.errors import Invalid
from tenants.models import (
    ApiToken,
    Assignment,
    DirectoryGroup,
    DirectoryUser,
    Invitation,
    Membership,
    ProvisioningToken,
    TrailEntry,
)
from tenants.visibility import new_key
from tests import factories
from tests.conftest import as_
from tests.programs import Program, program_of
from tests.tenants.single_sign_on.conftest import Browser, connected, linked
from tests.tenants.single_sign_on.scim import Directory, directory_of


@pytest.fixture
def directory(world):
    """The client's directory; its administrator made the key."""
    return directory_of(world.client, world.client_organization)


@pytest.fixture
def elsewhere(world):
    """The directory of another organization."""
    return directory_of(world.outsider, world.other_client)


@pytest.fixture
def at_client(world):
    """What the client's administrator sees."""
    with as_(world.client, world.client_organization):
        yield world.client_organization


def membership(person) -> Membership:
    return Membership.objects.get(person=person)


def test_a_new_person_is_invited_with_the_plain_role_aut_12(
    directory, at_client, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        made = directory.add(
            "new.person@people.example", externalId="e-1", name={"givenName": "New"}, active=True
        )
    assert made.status_code == 201
    assert made.headers["Content-Type"] == "application/scim+json"
    assert made.headers["Location"] == made.data["meta"]["location"]
    assert made.headers["ETag"] == made.data["meta"]["version"] == 'W/"1"'
    invitation = Invitation.objects.get(email="new.person@people.example")
    assert (invitation.role, invitation.status) == (Role.CONTRIBUTOR, InvitationStatus.SENT)
    assert [letter.to for letter in mail.outbox] == [["new.person@people.example"]]
    assert TrailEntry.objects.filter(verb="provisioned").exists()
    assert made.data["emails"][0]["value"] == "new.person@people.example"


def joined(directory, at_client, email="new.person@people.example", **more):
    """Somebody the directory brought, who has accepted; (their id in SCIM, the person)."""
    key = directory.add(email, **more).data["id"]
    row = DirectoryUser.objects.get(pk=key)
    person = factories.person("New Person", email=email)
    with transaction.atomic(), as_(person, at_client):
        Invitation.objects.filter(pk=row.invitation_id).update(
            status=InvitationStatus.ACCEPTED, accepted_by=person
        )
    factories.member(at_client, Role.CONTRIBUTOR, person)
    return key, person


def test_deactivation_ends_sessions_and_tokens_at_the_next_request_aut_12(
    world, directory, at_client, openid
):
    key = directory.add(world.owner.email).data["id"]
    row = connected(world, openid, "oidc")
    linked(world, row, world.owner)
    browser, own = Browser(), Browser(world.owner)
    browser.signs_on(row)
    program = program_of(world.owner, at_client)
    page = reverse("tenants:engagement", args=[world.engagement.pk])
    assert {each.client.get(page).status_code for each in (browser, own)} == {200}
    assert program.get("me/").status_code == 200
    assert directory.switch(key, False).data["active"] is False
    assert browser.client.get(page).status_code == 302
    assert own.client.get(page).status_code == 403
    assert program.get("me/").status_code == 401
    assert membership(world.owner).status == MembershipStatus.ENDED
    with as_(world.lead, world.firm):
        assert not Assignment.objects.filter(person=world.owner).exists()
    assert TrailEntry.objects.filter(verb="deprovisioned").exists()
    assert "no longer belong" in Browser().signs_on(row).content.decode()


def test_coming_back_brings_neither_tokens_nor_engagements_back(world, directory, at_client):
    key = directory.add(world.owner.email).data["id"]
    program = program_of(world.owner, at_client)
    directory.switch(key, False)
    assert directory.switch(key, True).data["active"] is True
    assert membership(world.owner).status == MembershipStatus.ACTIVE
    assert membership(world.owner).role == Role.CONTRIBUTOR
    assert program.get("me/").status_code == 401
    with as_(world.owner, at_client):
        assert ApiToken.objects.exclude(revoked_at=None).count() == 1
    assert Browser(world.owner).client.get("/").status_code == 200


def test_deactivation_withdraws_an_invitation_that_is_under_way(directory, at_client):
    key = directory.add("new.person@people.example").data["id"]
    directory.switch(key, False)
    assert Invitation.objects.get().status == InvitationStatus.REVOKED
    directory.switch(key, True)
    assert Invitation.objects.filter(status=InvitationStatus.SENT).count() == 1


def test_removal_lets_go_and_forgets(world, directory, at_client):
    key = directory.add(world.owner.email).data["id"]
    assert directory.send("DELETE", f"Users/{key}").status_code == 204
    assert membership(world.owner).status == MembershipStatus.ENDED
    assert directory.get(f"Users/{key}").status_code == 404
    assert directory.send("DELETE", f"Users/{key}").status_code == 404


def test_somebody_inactive_is_not_invited(directory, at_client):
    assert directory.add("later@people.example", active=False).status_code == 201
    assert not Invitation.objects.exists()


def test_a_member_is_found_and_keeps_their_role(world, directory, at_client):
    directory.add(world.owner.email.upper())
    assert membership(world.owner).role == Role.CONTROL_OWNER
    assert not Invitation.objects.exists()


def test_the_highest_mapped_group_gives_the_role(world, directory, at_client):
    key, person = joined(directory, at_client)
    owners = directory.group("Control owners", key).data["id"]
    chiefs = directory.group("Chiefs", key).data["id"]
    assert membership(person).role == Role.CONTRIBUTOR  # a group gives nothing by itself
    with transaction.atomic():
        for group, role in ((owners, Role.CONTROL_OWNER), (chiefs, Role.EXECUTIVE)):
            row = DirectoryGroup.objects.select_related("organization").get(pk=group)
            provisioning_groups.set_role(row, role=role, by=world.client)
    assert membership(person).role == Role.EXECUTIVE
    directory.patch(f"Groups/{chiefs}", {"op": "remove", "path": f'members[value eq "{key}"]'})
    assert membership(person).role == Role.CONTROL_OWNER
    directory.send("DELETE", f"Groups/{owners}")
    assert membership(person).role == Role.CONTRIBUTOR


def test_no_group_makes_administrators_unless_the_mapping_says_so_aut_12(
    world, directory, at_client
):
    key, person = joined(directory, at_client)
    group = directory.group("Administrators", key).data["id"]
    directory.patch(f"Groups/{group}", {"op": "replace", "value": {"displayName": "client_admin"}})
    assert membership(person).role == Role.CONTRIBUTOR
    body = {"op": "add", "path": "roles", "value": [{"value": "client_admin"}]}
    assert directory.patch(f"Users/{key}", body).status_code == 200
    assert membership(person).role == Role.CONTRIBUTOR
    row = DirectoryGroup.objects.select_related("organization").get(pk=group)
    with transaction.atomic():
        provisioning_groups.set_role(row, role=Role.CLIENT_ADMIN, by=world.client)
    assert membership(person).role == Role.CLIENT_ADMIN
    with transaction.atomic(), pytest.raises(Invalid):
        provisioning_groups.set_role(row, role=Role.PARTNER, by=world.client)


def test_the_maker_of_the_key_stays_out_of_reach_aut_12(world, directory, at_client):
    key = directory.add(world.client.email).data["id"]
    refused = directory.switch(key, False)
    assert refused.status_code == 400
    assert refused.data["scimType"] == "mutability"
    assert membership(world.client).status == MembershipStatus.ACTIVE
    group = directory.group("Everybody", key).data["id"]
    row = DirectoryGroup.objects.select_related("organization").get(pk=group)
    with transaction.atomic():
        provisioning_groups.set_role(row, role=Role.CONTRIBUTOR, by=world.client)
    assert membership(world.client).role == Role.CLIENT_ADMIN
    assert directory.get(f"Users/{key}").data["active"] is True


def test_who_breaks_out_stays_out_of_reach_aut_12(world, directory, at_client, openid):
    other = factories.member(at_client, Role.CLIENT_ADMIN)
    row = connected(world, openid, "oidc")
    with transaction.atomic(), as_(other, at_client):
        single_sign_on.demand(row, by=other, second_factor=True)
    key = directory.add(other.email).data["id"]
    refused = directory.switch(key, False)
    assert refused.status_code == 409
    assert "gets in if single sign-on fails" in refused.data["detail"]
    with transaction.atomic():
        single_sign_on.release(row, by=world.client)
    assert directory.switch(key, False).status_code == 200


def test_a_key_ends_with_its_makers_rights_and_by_revocation_acc_14(world, directory, at_client):
    other = factories.member(at_client, Role.CLIENT_ADMIN)
    assert directory.get("Users").status_code == 200
    with transaction.atomic(), as_(other, at_client):
        memberships.change_role(membership(world.client), role=Role.EXECUTIVE, by=other)
    assert directory.get("Users").status_code == 401
    theirs = directory_of(other, at_client)
    assert theirs.get("Users").status_code == 200
    with transaction.atomic(), as_(other, at_client):
        token = ProvisioningToken.objects.select_related("organization").get(person=other)
        provisioning_tokens.revoke(token, by=other)
    assert theirs.get("Users").status_code == 401


def test_a_key_opens_scim_alone_and_nothing_else_opens_scim(world, directory, at_client):
    assert Program(directory.secret).get("me/").status_code == 401
    assert (
        Client(headers={"Authorization": f"Bearer {directory.secret}"}).get("/").status_code == 302
    )
    token = program_of(world.client, at_client).secret
    for secret in ("", token, directory.secret[:-1] + "A", "tmd_x"):
        answer = Directory(secret).get("Users")
        assert answer.status_code == 401
        assert answer.data["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    session = Client()
    session.force_login(world.client, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert session.get("/scim/v2/Users").status_code == 401


def test_a_key_is_kept_as_a_hash_alone_api_1(world, directory, at_client):
    row = ProvisioningToken.objects.get()
    assert directory.secret.startswith("tmd_")
    assert directory.secret not in str(vars(row))
    with pytest.raises(PermissionDenied), transaction.atomic(), as_(world.owner, at_client):
        provisioning_tokens.create(at_client, name="x", by=world.owner)


ADDRESSES = [(kind, method) for kind in ("Users", "Groups")
             for method in ("GET", "PUT", "PATCH", "DELETE")]  # fmt: skip
BODIES = {
    "Users": {"userName": "stolen@people.example"},
    "Groups": {"displayName": "Stolen"},
}


@pytest.mark.parametrize(("kind", "method"), ADDRESSES)
def test_what_is_another_organizations_is_absent_aut_12_acc_4(
    directory, elsewhere, at_client, kind, method
):
    key = directory.add("hidden@people.example").data["id"]
    group = directory.group("Hidden", key).data["id"]
    theirs = key if kind == "Users" else group
    body: dict = {"Operations": [{"op": "replace", "path": "externalId", "value": "x"}]}
    body = body if method == "PATCH" else BODIES[kind] if method == "PUT" else None
    before = list(DirectoryUser.objects.values()), list(DirectoryGroup.objects.values())
    foreign = elsewhere.send(method, f"{kind}/{theirs}", body)
    absent = elsewhere.send(method, f"{kind}/{new_key()}", body)
    assert (foreign.status_code, foreign.data) == (absent.status_code, absent.data)
    assert foreign.status_code == 404
    assert (list(DirectoryUser.objects.values()), list(DirectoryGroup.objects.values())) == before
    assert directory.send("GET", f"{kind}/{theirs}").status_code == 200


def test_lists_filters_and_names_of_another_organization_tell_nothing_aut_12(
    directory, elsewhere, at_client
):
    key = directory.add("hidden@people.example", externalId="e-9").data["id"]
    directory.group("Hidden", key)
    for query in ("", "?filter=userName eq \"hidden@people.example\"", f'?filter=id eq "{key}"',
                  '?filter=externalId eq "e-9"'):  # fmt: skip
        assert elsewhere.get(f"Users{query}").data["totalResults"] == 0
    assert elsewhere.get('Groups?filter=displayName eq "Hidden"').data["totalResults"] == 0
    assert elsewhere.add("hidden@people.example").status_code == 201  # a name is free elsewhere
    assert elsewhere.group("Hidden").status_code == 201
    foreign, absent = (elsewhere.group("Grab", each) for each in (key, str(new_key())))
    assert (foreign.status_code, foreign.data) == (absent.status_code, absent.data)
    assert foreign.status_code == 404


def test_an_address_of_another_organizations_member_is_only_invited_aut_12(
    world, directory, at_client
):
    made = directory.add(world.rival.email)
    assert made.status_code == 201
    assert Invitation.objects.get().email == world.rival.email
    directory.switch(made.data["id"], False)
    with as_(world.rival, world.other_firm):
        assert membership(world.rival).status == MembershipStatus.ACTIVE
    assert Browser(world.rival).client.get("/").status_code == 200


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ('filter=userName eq "B@people.example"', ["b@people.example"]),
        ('filter=externalId eq "e-a"', ["a@people.example"]),
        ('filter=emails[type eq "work"].value eq "c@people.example"', ["c@people.example"]),
        ('filter=urn:ietf:params:scim:schemas:core:2.0:User:userName eq "a@people.example"',
         ["a@people.example"]),
        ('filter=active eq true and externalId eq "e-b"', ["b@people.example"]),
        ('filter=active eq "False"', []),
        ("startIndex=2&count=1", ["b@people.example"]),
        ("startIndex=0&count=-1", []),
        ("count=0", []),
    ],
)  # fmt: skip
def test_users_are_filtered_and_paged(directory, query, names):
    for letter in "abc":
        directory.add(f"{letter}@people.example", externalId=f"e-{letter}")
    found = directory.get(f"Users?{query}")
    assert found.status_code == 200
    assert [each["userName"] for each in found.data["Resources"]] == names
    assert found.data["itemsPerPage"] == len(names)
    if "filter" not in query:
        assert found.data["totalResults"] == 3


@pytest.mark.parametrize(
    "query",
    ['userName sw "a"', 'password eq "x"', "userName", 'userName eq "a" or active eq true',
     'userName eq', 'userName eq true', 'userName eq "a" and', "organization__name eq \"x\"",
     'userName eq "\\u0000"', 'userName eq "\\ud800"', "x" * 1200],
)  # fmt: skip
def test_other_filters_are_refused_as_such(directory, query):
    found = directory.client.get(
        "/scim/v2/Users", {"filter": query}, headers={"Authorization": f"Bearer {directory.secret}"}
    )
    assert found.status_code == 400
    assert found.json()["scimType"] == "invalidFilter"


OPERATIONS = [
    ({"op": "Replace", "path": "displayName", "value": "Nell"}, "displayName", "Nell"),
    ({"op": "Add", "path": "externalId", "value": "e-2"}, "externalId", "e-2"),
    ({"op": "replace", "value": {"displayName": "Nell"}}, "displayName", "Nell"),
    ({"op": "replace", "path": "name.givenName", "value": "Nell"}, "name",
     {"givenName": "Nell", "formatted": "Nell"}),
    ({"op": "replace", "value": {"name.familyName": "Finch"}}, "name",
     {"familyName": "Finch", "formatted": "Finch"}),
    ({"op": "replace", "path": "name", "value": {"givenName": "N", "familyName": "F"}}, "name",
     {"givenName": "N", "familyName": "F", "formatted": "N F"}),
    ({"op": "Replace", "path": "active", "value": "False"}, "active", False),
    ({"op": "replace", "path": 'emails[type eq "work"].value', "value": "z@people.example"},
     "emails", [{"value": "z@people.example", "type": "work", "primary": True}]),
    ({"op": "remove", "path": "externalId"}, "externalId", None),
    ({"op": "add", "path": "title", "value": "Chief"}, "title", None),
    ({"op": "replace", "value": {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
     {"department": "Tax"}}}, "active", True),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "name", "value"), OPERATIONS)
def test_a_patch_as_the_big_providers_send_it(directory, operation, name, value):
    key = directory.add("a@people.example", externalId="e-1").data["id"]
    answer = directory.patch(f"Users/{key}", operation)
    assert answer.status_code == 200, answer.data
    assert answer.data.get(name) == value
    assert directory.get(f"Users/{key}").data == answer.data


WRONG = [
    ({"op": "explode", "path": "active"}, "invalidSyntax"),
    ({"op": "remove"}, "noTarget"),
    ({"op": "remove", "path": "userName"}, "mutability"),
    ({"op": "replace", "path": "shoeSize", "value": 3}, "invalidPath"),
    ({"op": "replace", "path": "active", "value": "perhaps"}, "invalidValue"),
    ({"op": "replace", "path": "userName", "value": 3}, "invalidValue"),
    ({"op": "replace", "path": "userName", "value": ""}, "invalidValue"),
    ({"op": "replace", "path": "emails", "value": [{"value": "nowhere"}]}, "invalidValue"),
    ({"op": "replace", "path": 3, "value": "x"}, "invalidPath"),
    ("replace", "invalidSyntax"),
]


@pytest.mark.parametrize(("operation", "kind"), WRONG)
def test_a_wrong_patch_is_refused_in_scims_words_and_changes_nothing(directory, operation, kind):
    key = directory.add("a@people.example").data["id"]
    before = directory.get(f"Users/{key}").data
    answer = directory.patch(f"Users/{key}", {"op": "add", "path": "externalId", "value": "new"},
                             operation)  # fmt: skip
    assert answer.status_code == 400
    assert answer.data["scimType"] == kind
    assert answer.data["status"] == "400"
    assert directory.get(f"Users/{key}").data == before


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"userName": 1}', b'{"userName": "x"}',
                                  b'{"a": 1, "a": 2}', b"\xff", b"[" * 100,
                                  b'{"userName": "a@people.example", "emails": [3]}'])  # fmt: skip
def test_a_wrong_body_is_refused_in_scims_words(directory, at_client, body):
    answer = directory.send("POST", "Users", body)
    assert answer.status_code == 400, answer.data
    assert answer.data["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert not DirectoryUser.objects.exists()


def test_a_name_is_taken_once(directory):
    assert directory.add("a@people.example").status_code == 201
    again = directory.add("A@people.example")
    assert (again.status_code, again.data["scimType"]) == (409, "uniqueness")
    assert directory.group("Staff").status_code == 201
    assert directory.group("staff").data["scimType"] == "uniqueness"


def test_put_says_everything_anew(directory):
    key = directory.add("a@people.example", externalId="e-1", displayName="A").data["id"]
    answer = directory.send("PUT", f"Users/{key}", {"userName": "b@people.example"})
    assert answer.data["userName"] == "b@people.example"
    assert "externalId" not in answer.data
    assert answer.headers["ETag"] == 'W/"2"'


def test_versions_guard_against_lost_changes(directory):
    made = directory.add("a@people.example")
    path, change = f"Users/{made.data['id']}", {"op": "add", "path": "displayName", "value": "A"}
    assert directory.get(path, If_None_Match='W/"1"').status_code == 304
    assert directory.patch(path, change, If_Match='W/"7"').status_code == 412
    assert directory.patch(path, change, If_Match='W/"1"').headers["ETag"] == 'W/"2"'
    assert directory.get(path, If_None_Match='W/"1"').status_code == 200
    assert directory.send("DELETE", path, If_Match='W/"1"').status_code == 412


def test_members_come_and_go(directory):
    a, b = (directory.add(f"{each}@people.example").data["id"] for each in "ab")
    group = directory.group("Staff").data["id"]

    def members(*operations):
        answer = directory.patch(f"Groups/{group}", *operations)
        assert answer.status_code == 200, answer.data
        return {each["value"] for each in answer.data["members"]}

    assert members({"op": "Add", "path": "members", "value": [{"value": a}, {"value": b}]}) == {
        a,
        b,
    }
    assert members({"op": "Remove", "path": "members", "value": [{"value": a}]}) == {b}
    assert members({"op": "replace", "path": "members", "value": [{"value": a}]}) == {a}
    assert members({"op": "remove", "path": "members"}) == set()
    assert members({"op": "add", "value": {"members": [{"value": b}]}}) == {b}
    renamed = {"op": "replace", "value": {"id": group, "displayName": "People"}}
    assert members(renamed) == {b}
    shown = directory.get(f"Groups/{group}?excludedAttributes=members").data
    assert shown["displayName"] == "People"
    assert "members" not in shown
    found = directory.get(f'Groups?filter=members.value eq "{b}"').data
    assert found["totalResults"] == 1
    put = directory.send("PUT", f"Groups/{group}", {"displayName": "Staff", "members": []})
    assert put.data["members"] == []
    assert directory.get(f"Users/{b}").data.get("groups") == []


def test_the_service_describes_itself(directory):
    config = directory.get("ServiceProviderConfig").data
    assert config["patch"] == {"supported": True}
    assert config["etag"] == {"supported": True}
    types = directory.get("ResourceTypes").data["Resources"]
    assert {each["endpoint"] for each in types} == {"/Users", "/Groups"}
    for each in directory.get("Schemas").data["Resources"]:
        assert directory.get(f"Schemas/{each['id']}").data == each
    assert directory.get("ResourceTypes/User/").data["name"] == "User"
    for path in ("Schemas/x", "ResourceTypes/Cat", "Bulk", "Users/not-an-id", "Me"):
        answer = directory.get(path)
        assert (answer.status_code, answer.data["status"]) == (404, "404")


def test_only_what_was_asked_for_is_shown(directory):
    directory.add("a@people.example", displayName="A")
    (shown,) = directory.get("Users?attributes=userName").data["Resources"]
    assert set(shown) == {"schemas", "id", "meta", "userName"}


def test_lists_cost_the_same_for_one_and_for_many(directory, django_assert_max_num_queries):
    for number in range(12):
        directory.add(f"p{number}@people.example")
    with django_assert_max_num_queries(16):
        assert directory.get("Users").data["itemsPerPage"] == 12


def test_an_invitation_a_person_sent_is_replaced_by_the_directorys(world, directory, at_client):
    with transaction.atomic():
        invitations.invite(
            at_client, email="a@people.example", role=Role.EXECUTIVE, by=world.client
        )
    assert directory.add("a@people.example").status_code == 201
    open_ones = Invitation.objects.filter(status=InvitationStatus.SENT)
    assert [each.role for each in open_ones] == [Role.CONTRIBUTOR]
