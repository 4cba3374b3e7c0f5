"""No form works without its token or from another website; nothing typed is lost (HDR-6)."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tenants.models import Organization
from tenants.visibility import new_key
from tests.access.probing import BACKEND, FORM
from tests.access.routes import WORDS, all_routes

ROOT = Path(__file__).resolve().parents[2]
FROM_US = {
    "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Origin": "http://testserver",
}  # fmt: skip
ACCOUNTS = ("login", "logout", "password/reset", "password/change")
CALLS = (
    "audits:paper_opened", "audits:library_check", "audits:library_check_one",
    "evidence:import_choose", "evidence:request_new",
    "evidence:request_edit",
)  # fmt: skip
"""What templates name in hx-post; a test below compares."""
REFUSED = ("Send it once more", "did not come from a page of Tickmark", "older than your sign-in")
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


def strict(person: Any = None) -> Client:
    """A browser whose forms are checked as a real one's are."""
    found = Client(enforce_csrf_checks=True, raise_request_exception=False)
    if person is not None:
        found.force_login(person, backend=BACKEND)
    return found


def token_of(browser: Client, path: str = "/settings/tokens/new/") -> str:
    """The token that a page of theirs carries."""
    found = TOKEN.search(browser.get(path).content.decode())
    assert found
    return found[1]


def refused(response: Any) -> bool:
    """Whether the answer is the refusal of a form without a good token."""
    said = response.content.decode()
    return response.status_code == 403 and any(words in said for words in REFUSED)


def forms(*, htmx: bool) -> list[str]:
    """The address of every form, or htmx call, of the portal, for records that are not there."""
    names = {name: str(new_key()) for route in all_routes() for name, _ in route.ids}
    words = {name: WORDS.get(name, "x")[0] for route in all_routes() for name in route.words}
    found = {r.name: r.address({**names, **words}) for r in all_routes() if not r.api}
    if htmx:
        return [found[name] for name in CALLS]
    return [*found.values(), *(f"/accounts/{page}/" for page in ACCOUNTS)]


def test_every_htmx_call_that_changes_something_is_listed_above() -> None:
    calls = [
        call
        for app in ("tenants", "audits", "evidence", "grc")
        for path in (ROOT / app).glob("templates/**/*.html")
        for call in re.findall(r'hx-(?:post|put|patch|delete)="([^"]+)"', path.read_text())
    ]
    assert sorted(calls) == [*["{% url "] * 4, "{{ find_url }}"], "and find_url is new or edit"


@pytest.mark.parametrize("htmx", [False, True])
def test_every_form_and_htmx_call_needs_the_session_s_own_fresh_token_hdr_6(
    world: SimpleNamespace, htmx: bool
) -> None:
    browser, other = strict(world.lead), strict(world.client)
    token_of(browser)
    stale = token_of(browser)
    browser.cookies["tickmark-csrf"] = token_of(other)[:32]  # as signing in again sets a new one
    fresh = token_of(browser)
    headers = {**FROM_US, **({"HX-Request": "true"} if htmx else {})}
    tokens = {"none": "", "foreign": "x" * 64, "stale": stale}
    passed = []
    for path in forms(htmx=htmx):
        for kind, token in tokens.items():
            given = {"X-CSRFToken": token} if htmx else {}
            body = FORM if htmx else {**FORM, "csrfmiddlewaretoken": token}
            if not refused(browser.post(path, body, headers={**headers, **given})):
                passed.append(f"{path} with a token that is {kind}")
    assert not passed, "\n".join(passed)
    body = {"organization": str(world.firm.pk)}
    given = {"X-CSRFToken": fresh} if htmx else {}
    sent = browser.post(
        "/switch-organization/", {**body, **({} if htmx else {"csrfmiddlewaretoken": fresh})},
        headers={**headers, **given},
    )  # fmt: skip
    assert sent.status_code == 302, "the same call with a fresh token"


def test_a_form_of_ours_is_sent_again_with_all_that_was_typed_hdr_6(world: SimpleNamespace) -> None:
    browser = strict(world.lead)
    typed = {"name": 'Larch "& <b>Sons', "time_zone": "America/Chicago"}
    page = browser.post("/clients/new/", typed, headers=FROM_US)
    assert refused(page)
    assert not Organization.objects.filter(name=typed["name"]).exists()
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode()))
    assert fields["name"] == "Larch &quot;&amp; &lt;b&gt;Sons"
    again = {**typed, "csrfmiddlewaretoken": fields["csrfmiddlewaretoken"]}
    assert browser.post("/clients/new/", again, headers=FROM_US).status_code == 302


def test_passwords_and_files_are_asked_for_anew_hdr_6(world: SimpleNamespace) -> None:
    browser = strict()
    login = {"login": "lead@firm.example", "password": "a secret of theirs"}
    page = browser.post("/accounts/login/", login, headers=FROM_US).content.decode()
    assert "a secret of theirs" not in page
    assert 'value="lead@firm.example"' in page
    assert '<input class="form-control" type="password" id="again-password" name="password"' in page
    browser = strict(world.client)
    given = {"file": SimpleUploadedFile("list.csv", b"a,b"), "note": "for October"}
    page = browser.post(reverse("audits:library_import"), given, headers=FROM_US).content.decode()
    assert 'enctype="multipart/form-data"' in page
    assert 'type="file" id="again-file" name="file"' in page
    assert 'value="for October"' in page


def test_one_who_signed_out_meanwhile_is_told_to_sign_in_first_hdr_6(
    world: SimpleNamespace,
) -> None:
    page = strict().post("/clients/new/", {"name": "Larch"}, headers=FROM_US).content.decode()
    assert "Sign in</a> in another tab first" in page
    signed_in = strict(world.lead).post("/clients/new/", {"name": "Larch"}, headers=FROM_US)
    assert "Sign in</a> in another tab first" not in signed_in.content.decode()


FOREIGN = (
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors", "Origin": "https://evil.test"},
    {"Origin": "https://evil.test"},
    {"Origin": "null"},
)


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_form_of_another_website_is_refused_and_not_offered_again_hdr_6(
    world: SimpleNamespace, headers: dict[str, str]
) -> None:
    """Even with a good token; the same form from our own page is carried out."""
    browser = strict(world.lead)
    body = {"organization": str(world.firm.pk), "csrfmiddlewaretoken": token_of(browser)}
    foreign = browser.post("/switch-organization/", body, headers=headers)
    assert foreign.status_code == 403
    assert "Send it once more" not in foreign.content.decode()
    assert str(world.firm.pk) not in foreign.content.decode()
    assert browser.post("/switch-organization/", body, headers=FROM_US).status_code == 302


READS = (
    ("cross-site", "navigate", "document", 200),  # a link in a letter
    ("none", "navigate", "document", 200),
    ("same-origin", "cors", "empty", 200),
    ("cross-site", "navigate", "iframe", 403),
    ("cross-site", "no-cors", "image", 403),
    ("cross-site", "no-cors", "script", 403),
    ("same-site", "cors", "empty", 403),
)


@pytest.mark.parametrize(("site", "mode", "dest", "status"), READS)
def test_another_website_may_link_to_a_page_and_load_none_hdr_6(
    world: SimpleNamespace, site: str, mode: str, dest: str, status: int
) -> None:
    headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}
    browser = strict(world.lead)
    assert browser.get("/engagements/", headers=headers).status_code == status
    api = browser.get("/api/v1/me/", headers=headers)
    assert api.status_code == (403 if status == 403 else 401)
    assert api["Content-Type"] == "application/problem+json"
