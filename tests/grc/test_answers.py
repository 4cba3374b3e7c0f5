"""Every answer carries the headers: all routes, all kinds of status, outside loopback too."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from tenants.visibility import new_key
from tests.access.probing import BACKEND, Caller
from tests.access.routes import OPEN, Route, all_routes, patterns
from tests.access.scenes import ids_of
from tests.access.sweeping import Scene, addresses
from tests.grc.conftest import browser_of, secure_program

HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=()",
    "Referrer-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Request-Id": "-",
}
"""Header of every answer → what stands in it, outside loopback."""


def missing(response: Any) -> dict[str, str]:
    """The headers that an answer lacks, with what it has instead."""
    found = {name: response.get(name, "absent") for name in HEADERS}
    return {name: value for name, value in found.items() if HEADERS[name] not in value}


@pytest.fixture
def caller(people: SimpleNamespace, outside: Any) -> Caller:
    """The manager at a browser and with a program, both speaking https to the site."""
    browser, program = browser_of(people.lead), secure_program(people.lead, people.firm)
    return Caller("lead", people.lead, people.firm, browser=browser, program=program)


def test_every_route_answers_with_the_headers_hdr_3_hdr_4(caller: Any, people: Any) -> None:
    scene, statuses, bare = Scene(people, ids_of(people)), set(), []
    for route in all_routes():
        for method in ("GET", "PUT") if route.api else ("GET",):
            response = _asked(caller, route, method, next(addresses(route, scene), absent(route)))
            statuses.add(response.status_code)
            if lacking := missing(response):
                bare.append(f"{method} {route.name} {response.status_code}: {lacking}")
            if "no-store" not in response.get("Cache-Control", ""):
                bare.append(f"{method} {route.name} {response.status_code} may be kept")
            if not route.api and not {"Cookie", "HX-Request"} <= _vary(response):
                bare.append(f"{method} {route.name} does not vary by who asks")
    assert not bare, "\n".join(bare)
    assert statuses >= {200, 403, 404, 405}, statuses


def _asked(caller: Caller, route: Route, method: str, values: Any) -> Any:
    if method == "GET":
        return caller.ask(route, method, values)
    return caller.program.send(method, route.address(values))


def absent(route: Route) -> dict[str, Any]:
    """An address of the route at which nothing is."""
    return {name: new_key() for name, _ in route.ids} | dict.fromkeys(route.words, "x")


def _vary(response: Any) -> set[str]:
    return {name.strip() for name in response.get("Vary", "").split(",")}


def test_what_no_view_answers_has_the_headers_too_hdr_3(
    people: Any, outside: Any, monkeypatch: Any, settings: Any
) -> None:
    """Pages for everybody, static files, redirects of the server, refusals, faults: all classes."""
    signed_in, nobody = browser_of(people.lead), browser_of()
    program = secure_program(people.lead, people.firm)
    answers = [nobody.get(f"/{pattern}") for name, pattern, _ in patterns() if name in OPEN]
    answers += [nobody.get(f"/accounts/{page}/") for page in ("login", "logout", "password/reset")]
    answers += [
        nobody.get("/static/css/tickmark.css"),
        nobody.get("/static/css/nothing.css"),
        nobody.get("/", headers={"Host": "elsewhere.test"}),
        nobody.get("/api/v1/me/", headers={"Host": "elsewhere.test"}),
        nobody.get("/api/v1/nowhere/"),
        nobody.get("/api/v1/me/"),
        nobody.get("/nowhere"),
        nobody.get("/"),
        nobody.post("/healthz"),
        program.get("me/", Accept="text/html"),
        program.post("clients/", b"x", Content_Type="text/plain"),
        program.send("POST", "clients/", {"name": "A"}),
        program.send("POST", "clients/", b"{" + b" " * 6 * 2**20, Idempotency_Key=str(uuid4())),
        program.send("PATCH", f"engagements/{people.engagement.pk}/", {"title": "B"}),
        program.send(
            "PATCH", f"engagements/{people.engagement.pk}/", {"title": "B"}, If_Match='"99"'
        ),
        program.post(f"engagements/{people.engagement.pk}/resume/"),
    ]  # fmt: skip
    css = next(each for each in answers if each.get("Content-Type", "").startswith("text/css"))
    assert b"".join(css.streaming_content)
    kept = {"If-Modified-Since": css["Last-Modified"]}
    answers.append(nobody.get("/static/css/tickmark.css", headers=kept))
    settings.API_RATES = {**settings.API_RATES, "token": 1}
    answers += [program.get("me/") for _ in range(3)]  # a minute may begin among them
    monkeypatch.setattr("tenants.portal.search.searching.found", _breaks, raising=False)
    monkeypatch.setattr("tenants.portal.search.render", _breaks)
    answers.append(signed_in.get("/search/?q=x"))
    settings.EVIDENCE_STORAGE = "nowhere"
    answers.append(nobody.get("/readyz"))
    bare = [
        f"{each.request['PATH_INFO']} {each.status_code}: {lacking}"
        for each in answers
        if (lacking := missing(each))
    ]
    assert not bare, "\n".join(bare)
    seen = {each.status_code for each in answers}
    assert seen >= {200, 302, 304, 400, 401, 404, 405, 406, 409, 412, 413, 415, 428, 429, 500, 503}


def _breaks(*args: Any, **kwargs: Any) -> Any:
    raise RuntimeError("planted")


def test_plain_http_is_sent_on_to_https_with_the_headers_hdr_3(outside: Any) -> None:
    browser = browser_of()
    browser.plain = True
    sent_on = browser.get("/accounts/login/")
    assert (sent_on.status_code, sent_on["Location"][:8]) == (301, "https://")
    assert set(missing(sent_on)) == {"Strict-Transport-Security"}, "which counts on https alone"


def test_on_loopback_only_hsts_is_left_out_hdr_3(client: Any, db: Any) -> None:
    assert set(missing(client.get("/accounts/login/"))) == {"Strict-Transport-Security"}


def test_the_page_policy_allows_own_files_and_nothing_inline_hdr_1(outside: Any, db: Any) -> None:
    one, two = (browser_of().get("/accounts/login/")["Content-Security-Policy"] for _ in range(2))
    rules = dict(part.strip().partition(" ")[::2] for part in one.split(";"))
    nonce = rules["script-src"].split()[-1]
    assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert rules["form-action"] == rules["connect-src"] == rules["font-src"] == "'self'"
    assert rules["script-src"] == rules["style-src"] == f"'self' {nonce}"
    assert nonce.startswith("'nonce-")
    assert nonce not in two
    assert not {"unsafe", "http:", "https:", "*"} & set(one.replace("-", " ").split())


def test_signing_out_has_the_browser_forget_hdr_4(people: Any, outside: Any) -> None:
    browser = browser_of(people.lead)
    assert "Clear-Site-Data" not in browser.get("/accounts/logout/")
    gone = browser.post("/accounts/logout/")
    assert gone["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert browser.get("/inbox/").status_code == 302


@pytest.mark.parametrize("local", [False, True])
def test_the_cookie_table_hdr_5(people: Any, request: Any, local: bool) -> None:
    prefix = "" if local else "__Host-"
    if not local:
        request.getfixturevalue("outside")
    browser = Client() if local else browser_of()
    browser.force_login(people.lead, backend=BACKEND)
    page = browser.get("/settings/tokens/new/")
    browser.post("/switch-organization/", {"organization": str(people.firm.pk)})
    assert page.status_code == 200
    assert set(browser.cookies) == {f"{prefix}tickmark", f"{prefix}tickmark-csrf"}
    for name, cookie in browser.cookies.items():
        assert bool(cookie["secure"]) is not local, name
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
        assert (cookie["path"], cookie["domain"]) == ("/", "")
