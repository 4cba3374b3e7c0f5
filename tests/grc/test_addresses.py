"""Only our own name is believed, printed and redirected to (HDR-8, HDR-9)."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import pytest
from django.core import mail
from django.urls import reverse

from tests.access.scenes import work_off
from tests.grc.conftest import EVIDENCE, SITE, Secure, browser_of, secure_program

OURS = {urlsplit(SITE).netloc, urlsplit(EVIDENCE).netloc}
EVIL = "evil.test"
NAME = urlsplit(SITE).netloc
HOSTS = (
    EVIL, f"{NAME}:8443", f"{NAME}.", f"{NAME}.{EVIL}", f"{EVIL}#{NAME}", f"{NAME}@{EVIL}", "",
    f"{NAME}, {EVIL}", f"x.{NAME}", "localhost", "127.0.0.1", f"{NAME}:0", f"{NAME}:https", "*",
)  # fmt: skip
FORWARDED = (
    {"X-Forwarded-Host": EVIL}, {"X-Forwarded-Server": EVIL}, {"X-Host": EVIL},
    {"Forwarded": f"host={EVIL};proto=http"}, {"X-Original-URL": f"https://{EVIL}/"},
    {"X-Rewrite-URL": "/settings/"}, {"X-Forwarded-Proto": "http"}, {"X-Forwarded-Port": "8443"},
    {"X-HTTP-Method-Override": "POST"}, {"X-Forwarded-Prefix": f"//{EVIL}"},
)  # fmt: skip
NEXT = (
    f"https://{EVIL}/", f"//{EVIL}/", f"///{EVIL}", f"\\\\{EVIL}", f"/\\{EVIL}", f"https:{EVIL}",
    f"https:/{EVIL}", f" https://{EVIL}", f"\thttps://{EVIL}", f"http://{NAME}@{EVIL}/",
    f"https://{NAME}.{EVIL}/", "javascript:alert(1)", "data:text/html,x", f"%2f%2f{EVIL}",
    f"/%09/{EVIL}", f"\x00//{EVIL}", f"http://{NAME}:8443/", "//", f"https://{EVIL}%2f@{NAME}",
)  # fmt: skip
OWN_NEXT = ("/engagements/", "/settings/profile/?x=1")


SENDS = {"hx-redirect", "hx-location", "hx-push-url", "hx-replace-url"}
"""Headers that send htmx elsewhere."""


def foreign(text: str) -> set[str]:
    """The hosts that addresses in a page or letter name, but for our own."""
    return set(re.findall(r"https?://([^/\s\"'<>]+)", text)) - OURS - {"www.w3.org"}


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_that_is_not_exactly_ours_is_refused_hdr_8(outside: Any, db: Any, host: str) -> None:
    refused = browser_of().get("/accounts/login/", headers={"Host": host})
    assert refused.status_code == 400
    assert EVIL not in refused.content.decode()
    for ours in (NAME, f"{NAME}:443", NAME.upper()):
        assert browser_of().get("/accounts/login/", headers={"Host": ours}).status_code == 200


@pytest.mark.parametrize("headers", FORWARDED, ids=str)
def test_forwarded_headers_name_no_host_hdr_8(
    outside: Any, people: SimpleNamespace, headers: dict[str, str]
) -> None:
    browser, page = browser_of(people.lead), ""
    for path in ("/", "/accounts/password/reset/", "/api/v1/docs/", "/nowhere"):
        page += browser.get(path, headers=headers).content.decode()
    listed = secure_program(people.lead, people.firm)
    found = listed.send("GET", "people/?limit=1", None, **{
        name.replace("-", "_"): value for name, value in headers.items()
    })  # fmt: skip
    assert found.json()["next"].startswith(f"{SITE}/api/v1/people/?")
    people.lead.set_password("a long enough passphrase")
    people.lead.save(update_fields=["password"])
    fields = {"email": people.lead.email}
    sent = Secure().post("/accounts/password/reset/", fields, headers=headers)
    work_off()
    assert sent.status_code == 302
    assert urlsplit(urljoin(SITE, sent["Location"])).netloc == NAME
    letter = str(mail.outbox[0].body)
    assert f"{SITE}/accounts/password/reset/key/" in letter
    assert not foreign(page) | foreign(letter) | foreign(found.content.decode())


@pytest.mark.parametrize("wanted", NEXT, ids=ascii)
def test_next_leads_to_own_paths_only_hdr_9(
    outside: Any, people: SimpleNamespace, wanted: str
) -> None:
    """At sign-in, at sign-out and for one who is signed in already."""
    people.lead.set_password("a long enough passphrase")
    people.lead.save(update_fields=["password"])
    for own in (wanted, *OWN_NEXT[:1]):
        browser = browser_of()
        fields = {"login": people.lead.email, "password": "a long enough passphrase", "next": own}
        answers = [
            browser.post("/accounts/login/", fields),
            browser.get(f"/accounts/login/?next={quote(own)}"),
            browser.post("/accounts/logout/", {"next": own}),
        ]
        for answer in answers:
            target = urljoin(SITE, answer.get("Location", "/"))
            assert urlsplit(target).scheme == "https"
            assert urlsplit(target).netloc in OURS
    assert answers[2]["Location"] == OWN_NEXT[0], "while an own path is followed"


def test_htmx_is_sent_to_own_paths_only_hdr_9() -> None:
    """What a page sends htmx to is made by `reverse`, never from what a request says."""
    root, found = Path(__file__).resolve().parents[2], []
    for app in ("tenants", "audits", "evidence", "grc"):
        for path in (root / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                target = node.targets[0] if isinstance(node, ast.Assign) else None
                name = getattr(getattr(target, "slice", None), "value", "")
                if isinstance(name, str) and name.lower() in SENDS:
                    found.append((path.name, ast.unparse(node.value)))
    assert found == [("imports.py", "about.columns_url if needs_a_look else about.url")]
    assert reverse("evidence:imports", args=["01970000-0000-7000-8000-000000000000"])[0] == "/"


def test_text_is_marked_safe_in_the_reviewed_places_only_hdr_10() -> None:
    root, found = Path(__file__).resolve().parents[2], {}
    marks = re.compile(
        r"mark_safe|format_html|SafeString|SafeText|\|\s*safe(?:seq)?\b|autoescape off|html_safe"
    )
    for app in ("tenants", "audits", "evidence", "grc"):
        for path in (root / app).rglob("*"):
            read = path.suffix in {".py", ".html", ".txt"} and "static" not in path.parts
            hits = set(marks.findall(path.read_text(encoding="utf-8"))) if read else set()
            found |= {str(path.relative_to(root)): hits} if hits else {}
    pages = {name: hits for name, hits in found.items() if not name.endswith(".txt")}
    kit = {"format_html", "SafeString"}  # which escapes its values, and the type it gives
    assert pages == {"tenants/templatetags/kit.py": kit}
    assert set().union(*(found[name] for name in found.keys() - pages.keys())) == {
        "autoescape off"
    }, "letters are plain text"
