"""An administrator connects, tests, switches on and requires; secrets stay shut (AUT-7, DAT-3)."""

from __future__ import annotations

import io
import json
from ipaddress import ip_address

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.test import Client

from tenants import outbound, sealing, signed_on
from tenants.actions import single_sign_on
from tenants.choices import Role
from tenants.errors import Invalid, StaleVersion, Unreachable
from tenants.models import Identity, IdentityProvider, Organization, TrailEntry
from tenants.queries import connections
from tests import factories
from tests.conftest import as_
from tests.identity.certificates import certificate
from tests.identity.openid_provider import CLIENT, SECRET
from tests.programs import program_of
from tests.tenants.single_sign_on.conftest import Browser, connected, linked

PAGE = "/settings/single-sign-on/"


@pytest.fixture
def admin(world):
    return Browser(world.client)


@pytest.fixture
def at_client(world):
    with as_(world.client, world.client_organization):
        yield world.client_organization


def test_the_way_from_nothing_to_required_in_the_portal(world, admin, openid, at_client):
    form = {"issuer": openid.address, "client_id": CLIENT, "secret": SECRET}
    assert admin.client.post(f"{PAGE}openid/", form).status_code == 302
    page = admin.client.get(PAGE).content.decode()
    assert "Not tested yet" in page
    row = IdentityProvider.objects.get()
    assert connections.address_of(row, "callback") in page
    assert SECRET not in page
    early = admin.client.post(f"{PAGE}switch-on/", {"version": row.version})
    assert "Test the connection first" in early.content.decode()
    tested = admin.client.get(admin.returns_by_code(admin.leaves(f"{PAGE}test/")))
    assert "The connection works" in tested.content.decode()
    assert "s-ada-001" in tested.content.decode()
    assert not Identity.objects.exists()
    assert admin.client.session["_auth_user_id"] == str(world.client.pk)
    assert admin.client.post(f"{PAGE}switch-on/", {}).status_code == 302
    assert "People begin at" in admin.client.get(PAGE).content.decode()
    refused = admin.client.post(f"{PAGE}require/", {})
    assert "Sign in with your own passkey" in refused.content.decode()
    _shows_second_factor(admin)
    assert admin.client.post(f"{PAGE}require/", {}).status_code == 302
    assert Organization.objects.get(pk=at_client.pk).requires_single_sign_on
    verbs = set(TrailEntry.objects.filter(subject_type="identityprovider")
                .values_list("verb", flat=True))  # fmt: skip
    assert verbs == {"connected", "tested", "switched_on", "required"}


def _shows_second_factor(browser: Browser) -> None:
    """As allauth notes it once a passkey or a code was accepted."""
    session = browser.client.session
    session[signed_on.METHODS] = [{"method": "password"}, {"method": "mfa", "type": "totp"}]
    session.save()


@pytest.fixture
def required(world, openid):
    """The client's organization requires its provider; the administrator breaks out."""
    row = connected(world, openid, "oidc")
    linked(world, row, world.owner)
    with transaction.atomic(), as_(world.client, world.client_organization):
        return single_sign_on.demand(row, by=world.client, second_factor=True)


def test_a_password_no_longer_opens_an_organization_that_requires_it(world, required):
    own = Browser(world.owner)
    answer = own.client.get("/engagements/?q=x")
    assert answer.status_code == 403
    assert "asks for its own sign-in" in answer.content.decode()
    path = f"/sso/{required.sign_in_name}/"
    back = own.returns_by_code(own.leaves(path, next="/engagements/?q=x"))
    assert own.client.get(back).headers["Location"] == "/engagements/?q=x"
    assert own.client.get("/engagements/?q=x").status_code == 200


def test_requiring_it_leaves_ones_other_organizations_open(world, required):
    factories.member(world.other_firm, Role.STAFF, world.owner)
    own = Browser(world.owner)
    own.client.post("/switch-organization/", {"organization": str(world.client_organization.pk)})
    page = own.client.get("/").content.decode()
    assert "Work for Quill &amp; Stone LLP instead" in page
    own.client.post("/switch-organization/", {"organization": str(world.other_firm.pk)})
    assert own.client.get("/").status_code == 200


def test_one_administrator_breaks_out_with_their_own_second_factor(world, required):
    admin = Browser(world.client)
    assert admin.client.get(PAGE).status_code == 403
    _shows_second_factor(admin)
    assert admin.client.get(PAGE).status_code == 200
    with transaction.atomic(), as_(world.client, world.client_organization):
        other = factories.member(world.client_organization, Role.CLIENT_ADMIN)
    another = Browser(other)
    _shows_second_factor(another)
    assert another.client.get(PAGE).status_code == 403
    assert admin.client.post(f"{PAGE}release/", {}).status_code == 302
    assert another.client.get(PAGE).status_code == 200


def test_who_came_through_the_provider_cannot_take_the_place_of_breaking_out(world, openid):
    row = connected(world, openid, "oidc")
    linked(world, row, world.client)
    admin = Browser()
    admin.signs_on(row)
    _shows_second_factor(admin)
    assert admin.client.post(f"{PAGE}require/", {}).status_code == 400


def test_programs_go_on_while_it_is_required(world, required):
    program = program_of(world.owner, world.client_organization)
    assert program.get("me/").status_code == 200


def test_another_issuer_is_off_until_tested_and_forgets_nobody_it_should_not(world, required):
    with as_(world.client, world.client_organization), transaction.atomic():
        row = single_sign_on.connect_openid(
            world.client_organization, issuer="http://localhost:9", client_id=CLIENT, secret="new",
            by=world.client,
        )  # fmt: skip
        assert (row.is_on, row.tested_at, row.breaks_out) == (False, None, None)
        organization = Organization.objects.get(pk=world.client_organization.pk)
        assert not organization.requires_single_sign_on
    assert Browser(world.owner).client.get("/").status_code == 200


def test_a_new_secret_keeps_it_on_and_no_secret_keeps_the_old_one(world, openid, at_client):
    row = connected(world, openid, "oidc")
    for secret in ("", "another secret"):
        with transaction.atomic():
            row = single_sign_on.connect_openid(
                at_client, issuer=openid.address, client_id=CLIENT, secret=secret, by=world.client
            )
        assert row.is_on
    assert connections.client_of(row).secret == "another secret"
    with pytest.raises(StaleVersion), transaction.atomic():
        single_sign_on.switch_off(row, by=world.client, version=1)


def test_a_client_secret_is_sealed_in_its_column_and_opens_in_its_row_alone_dat_3(world, openid):
    row = connected(world, openid, "oidc")
    assert SECRET not in row.sealed_secret
    assert sealing.unseal(row.sealed_secret, f"identity_provider:{row.pk}") == SECRET
    with pytest.raises(sealing.SealBroken):
        sealing.unseal(row.sealed_secret, "identity_provider:another")


def test_no_page_trail_or_answer_tells_the_secret_dat_9(world, admin, openid, at_client):
    connected(world, openid, "oidc")
    program = program_of(world.client, at_client)
    shown = program.get("identity-providers/").content.decode()
    assert openid.address in shown
    pages = [admin.client.get(path).content.decode() for path in (PAGE, f"{PAGE}openid/")]
    trail = json.dumps(list(TrailEntry.objects.values("detail", "subject_label", "note")))
    assert not [text for text in (shown, *pages, trail) if SECRET in text or "gAAAA" in text]


def test_saml_is_connected_from_a_file_or_by_hand(world, admin, saml, at_client):
    file = io.BytesIO(saml.read("/metadata"))
    file.name = "metadata.xml"
    assert admin.client.post(f"{PAGE}saml/", {"metadata": file}).status_code == 302
    row = IdentityProvider.objects.get()
    assert (row.issuer, row.sso_url) == (f"{saml.address}/entity", f"{saml.address}/sso")
    by_hand = {"issuer": row.issuer, "sso_url": row.sso_url, "certificate": row.certificates}
    assert admin.client.post(f"{PAGE}saml/", by_hand).status_code == 302
    metadata = Client().get(f"/sso/{row.sign_in_name}/metadata/")
    assert connections.address_of(row, "acs") in metadata.content.decode()
    tested = admin.hand_in(*admin.returns_by_post(admin.leaves(f"{PAGE}test/")))
    assert "The connection works" in tested.content.decode()


BAD_METADATA = {
    "no xml": b"hello", "empty": b"<a/>", "doctype": b"<!DOCTYPE a><a/>",
    "entity": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    "file": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "large": b"<a>" + b"x" * 300_000 + b"</a>",
}  # fmt: skip


@pytest.mark.parametrize("content", BAD_METADATA.values(), ids=BAD_METADATA)
def test_metadata_that_is_none_is_refused(world, at_client, content):
    with pytest.raises(Invalid) as refused, transaction.atomic():
        single_sign_on.connect_saml(at_client, metadata=content, by=world.client)
    assert refused.value.field == "metadata"


def test_an_expired_certificate_is_refused(world, at_client):
    values = {"issuer": "https://idp.example/entity", "sso_url": "https://idp.example/sso"}
    with transaction.atomic():
        single_sign_on.connect_saml(at_client, certificate=certificate(), by=world.client, **values)
    with pytest.raises(Invalid, match="has expired"), transaction.atomic():
        single_sign_on.connect_saml(
            at_client, certificate=certificate(-2), by=world.client, **values
        )


def test_the_server_must_call_itself_by_the_issuer_that_was_written(world, openid, at_client):
    row = connected(world, openid, "oidc", on=False)
    single_sign_on.check(row, by=world.client)
    openid.control(issuer="https://elsewhere.example")
    with pytest.raises(Invalid, match="calls itself"):
        single_sign_on.check(row, by=world.client)


def test_only_administrators_set_it_up(world, openid):
    row = connected(world, openid, "oidc")
    for who in (world.owner, world.executive):
        with as_(who, world.client_organization), transaction.atomic():
            for act in (single_sign_on.switch_off, single_sign_on.disconnect, single_sign_on.check):
                with pytest.raises(PermissionDenied):
                    act(row, by=who)


def test_disconnecting_forgets_links_and_frees_everybody(world, required):
    with transaction.atomic(), as_(world.client, world.client_organization):
        single_sign_on.disconnect(required, by=world.client)
        assert not Identity.objects.exists()
        assert not IdentityProvider.objects.exists()
    assert Browser(world.owner).client.get("/").status_code == 200


def test_the_api_connects_and_switches_but_never_tests_or_requires(world, openid, at_client):
    program = program_of(world.client, at_client)
    body = {"protocol": "oidc", "issuer": openid.address, "client_id": CLIENT, "secret": SECRET}
    made = program.post("identity-providers/", body)
    assert made.status_code == 201, made.content
    path = f"identity-providers/{made.json()['id']}/"
    assert program.post("identity-providers/", body).status_code == 409
    assert program.post(f"{path}check/").status_code == 200
    assert program.post(f"{path}switch_on/").json()["code"] == "not_tested"
    with transaction.atomic():
        single_sign_on.note_tested(IdentityProvider.objects.select_related("organization").get(),
                                   by=world.client)  # fmt: skip
    assert program.post(f"{path}switch_on/").json()["is_on"] is True
    version = program.get(path).json()["version"]
    wrong = program.patch(path, {"issuer": "ftp://x"}, If_Match=f'"{version}"')
    assert (wrong.status_code, wrong.json()["field"]) == (400, "issuer")
    same = program.patch(path, {"secret": "x"}, If_Match=f'"{version}"')
    assert same.json()["is_on"] is True
    assert program.post(f"{path}switch_off/").json()["is_on"] is False
    assert program.post(f"{path}release/").status_code == 200
    version = program.get(path).json()["version"]
    assert program.delete(path, If_Match=f'"{version}"').status_code == 204


def test_keys_and_groups_by_api(world, at_client):
    program = program_of(world.client, at_client)
    made = program.post("directory-keys/", {"name": "Okta", "days": 30}).json()
    assert made["secret"].startswith("tmd_")
    header = {"Authorization": f"Bearer {made['secret']}"}
    group = Client().post("/scim/v2/Groups", json.dumps({"displayName": "Owners"}),
                          content_type="application/scim+json", headers=header)  # fmt: skip
    assert group.status_code == 201
    path = f"directory-groups/{group.json()['id']}/"
    changed = program.patch(path, {"role": "control_owner"}, If_Match='"1"').json()
    assert (changed["role"], changed["user_count"]) == ("control_owner", 0)
    assert program.patch(path, {"role": "partner"}, If_Match='"2"').status_code == 400
    assert program.delete(f"directory-keys/{made['id']}/").status_code == 204
    assert Client().get("/scim/v2/Users", headers=header).status_code == 401
    owner = program_of(world.owner, at_client)
    for address in ("identity-providers/", "directory-keys/", "directory-groups/"):
        assert owner.get(address).json()["results"] == []
    assert owner.post("directory-keys/", {"name": "x"}).status_code == 403


PRIVATE = [
    "10.0.0.1", "10.255.255.254", "172.16.0.1", "192.168.1.1", "127.0.0.1", "127.9.9.9", "0.0.0.0",
    "169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1",
    "::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "::ffff:10.0.0.1",
    "::ffff:169.254.169.254", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe", "2002:0a00:0001::1",
    "2002:7f00:0001::", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("address", PRIVATE)
def test_no_private_address_is_dialled(settings, monkeypatch, address):
    settings.LOCAL = False
    _resolves_to(monkeypatch, address)
    with pytest.raises(Invalid) as refused:
        outbound.get_json("https://login.idp.example/.well-known/openid-configuration")
    assert refused.value.code == "address_not_public"


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is(monkeypatch, settings, address):
    settings.LOCAL = False
    assert outbound.is_public(ip_address(address))
    _resolves_to(monkeypatch, address)
    assert ip_address(outbound.checked("login.idp.example", 443)) == ip_address(address)
    _resolves_to(monkeypatch, address, "10.0.0.1")  # one private answer spoils the name
    with pytest.raises(Invalid):
        outbound.checked("login.idp.example", 443)


def _resolves_to(monkeypatch, *addresses):
    found = [(0, 0, 0, "", (each, 443)) for each in addresses]
    monkeypatch.setattr("tenants.outbound.socket.getaddrinfo", lambda *a, **k: found)


def test_the_operator_allows_a_private_provider_by_name(settings, monkeypatch):
    settings.LOCAL, settings.SINGLE_SIGN_ON_HOSTS = False, {"login.corp.example"}
    _resolves_to(monkeypatch, "10.0.0.1")
    assert outbound.checked("login.corp.example", 443) == "10.0.0.1"
    with pytest.raises(Invalid):
        outbound.checked("other.corp.example", 443)


@pytest.mark.parametrize(
    "url",
    ["http://idp.example", "ftp://idp.example", "https://", "https://user:x@idp.example",
     "https://idp.example/#x", "//idp.example", "javascript:alert(1)", "https://[::1", "",
     "https://idp.example:port/"],
)  # fmt: skip
def test_only_https_addresses_are_taken(url):
    with pytest.raises(Invalid):
        outbound.check_address(url)


def test_plain_http_ends_at_loopback(settings):
    outbound.check_address("http://localhost:8080")
    settings.LOCAL = False
    with pytest.raises(Invalid):
        outbound.check_address("http://localhost:8080")


def test_redirects_and_silence_of_a_provider_are_refusals(openid_process):
    with pytest.raises(Unreachable, match="status 404"):
        outbound.get_json(f"{openid_process.address}/nowhere")
    with pytest.raises(Unreachable, match="no JSON"):
        outbound.get_json(f"{openid_process.address}/authorize")
    with pytest.raises(Unreachable, match="did not answer"):
        outbound.get_json("http://127.0.0.1:9/")
