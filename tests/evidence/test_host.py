"""The evidence host: links that work once, grants for one object, nothing else (UPL-12, UPL-13)."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from evidence.actions import download_links, evidence_requests, files
from evidence.models import DownloadLink
from tenants.actions import assignments, memberships
from tenants.choices import Role
from tenants.models import ApiToken, Assignment, Membership, TrailEntry
from tests import factories
from tests.access.probing import BACKEND
from tests.access.routes import patterns
from tests.conftest import as_
from tests.evidence import requests
from tests.programs import program_of

SITE, HOST = "testserver", "files.testserver"
HTML = b"<script>alert(document.cookie)</script>" * 100
PRESERVED = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
    "Content-Type": "application/octet-stream",
    "ETag": f'"{hashlib.sha256(HTML).hexdigest()}"',
}


@pytest.fixture(autouse=True)
def two_hosts(settings: Any) -> None:
    """A site and an evidence host."""
    settings.EVIDENCE_ADDRESS = f"http://{HOST}"
    settings.ALLOWED_HOSTS = [SITE, HOST]


@pytest.fixture
def linked(world: SimpleNamespace) -> Any:
    """A page of HTML as evidence, handed over to the firm."""
    row = requests.sent(world)
    found = requests.upload(world, row, content=HTML, name="Zugänge.html")
    with transaction.atomic(), as_(world.owner, world.client_organization):
        evidence_requests.submit(row, by=world.owner)
    return found


def browser_of(person: Any) -> Client:
    """Signed in at the site; what it gets from the evidence host it sends there alone."""
    found = Client(raise_request_exception=False)
    found.force_login(person, backend=BACKEND)
    return found


class Visitor:
    """A browser at the evidence host, with the cookies of that host alone."""

    def __init__(self) -> None:
        self.client = Client(raise_request_exception=False, headers={"Host": HOST})

    def get(self, path: str, **headers: str) -> Any:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(path, headers={"Host": HOST, **sent})


def path_to(linked: Any) -> str:
    """Where the site has the file."""
    row = linked.evidence_request
    return f"/engagements/{row.engagement_id}/requests/{row.pk}/files/{linked.pk}/"


def led(browser: Client, linked: Any) -> str:
    """The path of the link to which the site leads."""
    answer = browser.get(path_to(linked))
    assert answer.status_code == 302, answer.content
    host, secret = answer["Location"].rsplit("/", 1)
    assert host == f"http://{HOST}"
    return f"/{secret}"


def bytes_of(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def downloads_in_the_trail(world: SimpleNamespace) -> int:
    """How often the trail knows of one."""
    with as_(world.lead, world.firm):
        return TrailEntry.objects.filter(verb__endswith="downloaded").count()


def test_the_site_leads_to_the_bytes_and_the_evidence_host_gives_them_upl_12(
    world: SimpleNamespace, linked: Any
) -> None:
    visitor = Visitor()
    answer = visitor.get(led(browser_of(world.auditor), linked))
    assert answer.status_code == 200
    assert bytes_of(answer) == HTML
    assert {name: answer[name] for name in PRESERVED} == PRESERVED
    assert answer["Content-Disposition"].startswith("attachment; ")
    cookie = visitor.client.cookies["tickmark-evidence"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert cookie["domain"] == ""
    assert set(visitor.client.cookies) == {"tickmark-evidence"}


def test_a_link_works_once_upl_13(world: SimpleNamespace, linked: Any) -> None:
    link, first, second = led(browser_of(world.auditor), linked), Visitor(), Visitor()
    assert first.get(link).status_code == 200
    replayed = second.get(link)
    assert (replayed.status_code, second.client.cookies) == (404, {})
    assert first.get(link).status_code == 200, "the browser that opened it may ask on"


def test_a_link_lives_a_minute_and_a_grant_no_longer_than_a_session_upl_13(
    world: SimpleNamespace, linked: Any
) -> None:
    browser, visitor = browser_of(world.auditor), Visitor()
    old, used, fresh = (led(browser, linked) for _ in range(3))
    assert visitor.get(used).status_code == 200
    with as_(world.auditor, world.firm):
        rows = DownloadLink.objects.all()
        rows.filter(link_hash=download_links.hash_of(old[1:])).update(
            made_at=timezone.now() - timedelta(seconds=61)
        )
    assert [visitor.get(path).status_code for path in (old, used, fresh)] == [404, 200, 200]
    with as_(world.auditor, world.firm):
        rows.exclude(opened_at=None).update(opened_at=timezone.now() - timedelta(hours=12))
    assert [visitor.get(path).status_code for path in (used, fresh)] == [404, 404]
    assert visitor.get(led(browser, linked)).status_code == 200


def test_a_grant_opens_its_one_object_alone_upl_13(world: SimpleNamespace, linked: Any) -> None:
    other = requests.upload(
        world, requests.sent(world), content=b"other", name="other.txt"
    )  # the auditor does not see it: it was not handed over
    visitor = Visitor()
    assert visitor.get(led(browser_of(world.auditor), linked)).status_code == 200
    theirs = led(browser_of(world.owner), other)
    foreign = Visitor()
    assert foreign.get(theirs).status_code == 200
    assert visitor.get(theirs).status_code == 404
    for path in (path_to(linked), path_to(other), f"/{other.pk}", "/", f"/{'x' * 60}"):
        assert visitor.get(path).status_code == 404


def test_a_cut_download_goes_on_in_ranges_upl_13(world: SimpleNamespace, linked: Any) -> None:
    link, visitor = led(browser_of(world.auditor), linked), Visitor()
    first = bytes_of(visitor.get(link, Range="bytes=0-99"))
    again = visitor.get(link, Range="bytes=100-", If_Range=PRESERVED["ETag"])
    assert again.status_code == 206
    assert first + bytes_of(again) == HTML
    assert visitor.get(link, Range="bytes=" + ",".join(["0-"] * 1000)).status_code == 416


def _sign_out(world: SimpleNamespace, browser: Client) -> None:
    browser.post("/accounts/logout/")


def _change_password(world: SimpleNamespace, browser: Client) -> None:
    world.auditor.set_password("another long enough passphrase")
    world.auditor.save(update_fields=["password"])


def _take_off(world: SimpleNamespace, browser: Client) -> None:
    with as_(world.lead, world.firm):
        row = Assignment.objects.get(engagement=world.engagement, person=world.auditor)
        assignments.unassign(row, by=world.lead)


def _end_membership(world: SimpleNamespace, browser: Client) -> None:
    admin = factories.member(world.firm, Role.FIRM_ADMIN)
    with as_(admin, world.firm):
        row = Membership.objects.get(organization=world.firm, person=world.auditor)
        memberships.end(row, by=admin)


ENDS = {
    "signed out": _sign_out, "password changed": _change_password,
    "off the engagement": _take_off, "no member": _end_membership,
}  # fmt: skip


@pytest.mark.parametrize("what", ENDS)
def test_a_right_that_is_gone_ends_the_grant_at_the_next_range_upl_13(
    world: SimpleNamespace, linked: Any, what: str
) -> None:
    browser, visitor = browser_of(world.auditor), Visitor()
    opened, unused = led(browser, linked), led(browser, linked)
    assert visitor.get(opened, Range="bytes=0-9").status_code == 206
    ENDS[what](world, browser)
    for path in (opened, unused):
        refused = visitor.get(path, Range="bytes=10-19")
        assert refused.status_code in (403, 404)
        assert HTML[:20] not in refused.content


def test_a_file_withdrawn_meanwhile_is_not_given_out_upl_13(
    world: SimpleNamespace, linked: Any
) -> None:
    link, visitor = led(browser_of(world.auditor), linked), Visitor()
    assert visitor.get(link).status_code == 200
    with as_(world.client, world.client_organization):
        files.withdraw_file(linked, by=world.client, note="By mistake")
    assert visitor.get(link).status_code == 409


def test_a_program_follows_the_link_and_a_revoked_token_ends_it_upl_13(
    world: SimpleNamespace, linked: Any
) -> None:
    program, visitor = program_of(world.auditor, world.firm), Visitor()
    answer = program.get(f"evidence-links/{linked.pk}/download/")
    assert answer.status_code == 302
    path = answer["Location"].removeprefix(f"http://{HOST}")
    assert bytes_of(visitor.get(path)) == HTML
    with as_(world.auditor, world.firm):
        ApiToken.objects.update(revoked_at=timezone.now())
    assert visitor.get(path).status_code == 403


def test_head_tells_the_size_and_uses_nothing_up_upl_13(
    world: SimpleNamespace, linked: Any
) -> None:
    link, visitor = led(browser_of(world.auditor), linked), Visitor()
    told = visitor.client.head(link)
    assert (told.status_code, told["Content-Length"]) == (200, str(len(HTML)))
    assert not visitor.client.cookies
    assert visitor.get(link).status_code == 200


def test_the_evidence_host_serves_nothing_else_upl_12(world: SimpleNamespace, linked: Any) -> None:
    """Not one route of the site, static files and sign-in included, even to who is signed in."""
    browser, found = browser_of(world.lead), []
    paths = [f"/{pattern}" for _, pattern, _ in patterns()]
    paths += ["/static/css/tickmark.css", "/accounts/login/", "/healthz", "/favicon.ico", "//", "/"]
    for path in [*paths, path_to(linked)]:
        for method in ("GET", "POST"):
            answer = browser.generic(method, path, headers={"Host": HOST})
            if (answer.status_code, answer.content) != (404, b"There is nothing here.\n"):
                found.append((method, path, answer.status_code))
    assert not found
    assert browser.get("/healthz").status_code == 200, "the same path on the site"


def test_a_page_cannot_load_evidence_into_itself_upl_12(
    world: SimpleNamespace, linked: Any
) -> None:
    browser = browser_of(world.auditor)
    for dest, status in (("iframe", 404), ("image", 404), ("script", 404), ("document", 200)):
        assert Visitor().get(led(browser, linked), Sec_Fetch_Dest=dest).status_code == status


def test_every_byte_on_the_evidence_host_is_in_the_trail_and_no_link_is_ev_03(
    world: SimpleNamespace, linked: Any
) -> None:
    link, visitor = led(browser_of(world.auditor), linked), Visitor()
    assert downloads_in_the_trail(world) == 0
    visitor.get(link)
    assert downloads_in_the_trail(world) == 1


def test_database_and_links_of_others_hold_no_secret_upl_13(
    world: SimpleNamespace, linked: Any
) -> None:
    browser, visitor = browser_of(world.auditor), Visitor()
    link = led(browser, linked)
    visitor.get(link)
    key = visitor.client.cookies["tickmark-evidence"].value
    secrets = (link[1:], key, browser.cookies["tickmark"].value)
    with as_(world.auditor, world.firm):
        row = DownloadLink.objects.get()
        held = str({field.name: getattr(row, field.name) for field in row._meta.fields})
    assert not [secret for secret in secrets if secret in held]
    with as_(world.senior, world.firm):
        assert not DownloadLink.objects.exists(), "nobody else's"


@pytest.mark.parametrize("ended", [True, False])
def test_bytes_on_their_way_from_the_evidence_host_are_cut_acc_13(
    world: SimpleNamespace, linked: Any, monkeypatch: pytest.MonkeyPatch, ended: bool
) -> None:
    monkeypatch.setattr("evidence.downloads.ASK_AGAIN_BYTES", 1000)
    monkeypatch.setattr("evidence.storage.files.CHUNK_BYTES", 1000)
    browser = browser_of(world.auditor)
    answer = Visitor().get(led(browser, linked))
    chunks = iter(answer.streaming_content)
    assert len(next(chunks)) == 1000
    if ended:
        browser.session.flush()
        with pytest.raises(ConnectionResetError):
            next(chunks)
    else:
        assert sum(map(len, chunks)) == len(HTML) - 1000
