"""Every page with a script planted in every text field: nothing changes by reading, nothing runs.

The pages are read once by plain requests, and then shown to a real browser as they were answered.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import models
from django.test import Client
from playwright.sync_api import Route as Asked

from tests import conftest
from tests.access import scenes
from tests.access.probing import BACKEND
from tests.access.routes import all_routes
from tests.access.sweeping import addresses
from tests.programs import program_of
from tests.stories.browser import TELL, chromium

pytestmark = [pytest.mark.xdist_group("crawl"), pytest.mark.django_db]
LONG = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}"
SHORT = "<svg onload=alert(3)>"
MARKS = ("onerror=alert(2)", "onload=alert(3)")
LEFT_ALONE = re.compile(
    r"hash|secret|storage_key|password|time_zone|content_type|task|route|codename|signature|kind$"
    r"|identifier|zone|factor|policy|data|device|sha256|crc|dedupe|request_id|subject_type|verb|address|head|root|seal|key"
)
"""Columns that hold no words of a person."""
WRITTEN_BY_READING = ("tenants_trail", "tenants_missedlook", "django_session", "tenants_session")
"""What reading may write: who saw evidence and who was refused, into the trail and its proofs; and
that a session is used."""
SINCE = "'last_used_at', 'last_seen_at', 'last_login'"
FORMS = (
    "tenants:client_new", "tenants:invite", "tenants:token_new", "tenants:engagement_new",
    "evidence:request_new", "evidence:comment", "audits:library_add", "evidence:due_date",
)  # fmt: skip
"""Forms sent with scripts in every field, which come back with their errors."""


@dataclass(frozen=True)
class Page:
    """One answer as a browser got it."""

    who: str
    path: str
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def is_html(self) -> bool:
        return self.headers.get("Content-Type", "").startswith("text/html")


def planted(model: type[models.Model]) -> Iterator[str]:
    """Put a script into every text of the model's rows that the database lets hold one."""
    table = model._meta.db_table
    for field in model._meta.local_concrete_fields:
        text = isinstance(field, models.CharField | models.TextField)
        if not text or field.choices or LEFT_ALONE.search(field.name):
            continue
        word = LONG if (field.max_length or 999) > 90 else SHORT
        value = f"'{word.replace(chr(39), chr(39) * 2)}' || right({model._meta.pk.column}::text, 8)"
        if isinstance(field, models.EmailField):
            value = f"right({model._meta.pk.column}::text, 12) || '@people.example'"
        try:
            settings.OWNER_CONNECTION.execute(f"UPDATE {table} SET {field.column} = {value}")
        except psycopg.Error:
            continue
        yield f"{table}.{field.column}"


def _holds_words(model: type[models.Model]) -> bool:
    """A table of people's words, emptied after the test."""
    ours = model._meta.app_label in ("tenants", "audits", "evidence")
    return ours and not model._meta.db_table.startswith(conftest.KEPT)


def checksums() -> dict[str, str]:
    """Table → hash of its rows, as the owner of the tables sees them."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        if not table.startswith(WRITTEN_BY_READING) and model._meta.managed:
            query = (
                f"SELECT md5(coalesce(string_agg(row, ',' ORDER BY row), '')) FROM (SELECT "
                f"(to_jsonb(t) - ARRAY[{SINCE}])::text AS row FROM {table} t) rows"
            )
            found[table] = settings.OWNER_CONNECTION.execute(query).fetchone()[0]
    return found


@pytest.fixture(scope="module")
def crawled(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any
) -> Iterator[SimpleNamespace]:
    """The rich world with its scripts, read by a manager and the client's administrator."""
    folder = tmp_path_factory.mktemp("crawl")
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        for name in ("EVIDENCE_DIR", "STATIC_ROOT"):
            (folder / name).mkdir()
            patch.setattr(settings, name, folder / name)
        patch.setattr("tenants.outbox.hint", lambda ids, wait=0.0: None)
        for name in ("API_RATES", "API_OPEN"):
            patch.setattr(settings, name, dict.fromkeys(getattr(settings, name), 0))
        world = copy.deepcopy(settings.WORLD)
        try:
            yield _crawled(world)
        finally:
            conftest.empty_tables()


def _crawled(world: SimpleNamespace) -> SimpleNamespace:
    scene = scenes.furnish(world, "home")
    program = program_of(world.lead, world.firm)
    owner = settings.OWNER_CONNECTION
    tables = [model._meta.db_table for model in apps.get_models() if model._meta.managed]
    for table in tables:
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    ours = [model for model in apps.get_models() if _holds_words(model)]
    fields = [name for model in ours for name in planted(model)]
    for table in tables:
        owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    people = {"lead": world.lead, "client": world.client}
    browsers = {name: Client(raise_request_exception=False) for name in people}
    for name, person in people.items():
        person.refresh_from_db()
        browsers[name].force_login(person, backend=BACKEND)
        browsers[name].get("/")
    before = checksums()
    extra = (f"/search/?q={quote(LONG)}", f"/{quote(LONG)}", f"/engagements/?client={quote(SHORT)}")
    paths = [*_paths(scene, api=False), *extra, "/accounts/login/"]
    shared = [path for path in paths if path.startswith(("/engagements/", "/controls/"))]
    pages = [
        _page(name, path, browsers[name].get(path))
        for name, asked in (("lead", paths), ("client", shared))
        for path in asked
    ]
    others = _read_otherwise(browsers["lead"], program, scene)
    return SimpleNamespace(
        fields=fields, pages=pages, others=others, before=before, after=checksums(),
        refused=list(_sent(browsers["lead"], scene)),
    )  # fmt: skip


def _paths(scene: Any, *, api: bool) -> Iterator[str]:
    """One address of each route that is read; of the page of a request, each there is."""
    for route in all_routes():
        if route.api is api and (not api or route.actions[0][0] == "GET"):
            every = None if route.name == "evidence:request" else 1
            for values in islice(addresses(route, scene), every):
                yield route.address(values)


def _page(name: str, path: str, response: Any) -> Page:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return Page(name, path, response.status_code, dict(response.items()), body)


def _read_otherwise(browser: Client, program: Any, scene: Any) -> list[int]:
    """HEAD or OPTIONS of every second page, GET or OPTIONS of every address of the API."""
    statuses = []
    for number, path in enumerate(islice(_paths(scene, api=False), 0, None, 2)):
        ask = browser.head if number % 2 else browser.options
        statuses.append(ask(path).status_code)
    for number, path in enumerate(_paths(scene, api=True)):
        response = program.send("GET" if number % 4 else "OPTIONS", path)
        b"".join(response.streaming_content) if response.streaming else None
        statuses.append(response.status_code)
    return statuses


def _sent(browser: Client, scene: Any) -> Iterator[Page]:
    """Forms with a script in every field."""
    by_name = {route.name: route for route in all_routes()}
    for name in FORMS:
        path = by_name[name].address(next(addresses(by_name[name], scene)))
        field = re.compile(r'<(?:input|textarea|select)[^>]* name="(\w+)"')
        names = field.findall(browser.get(path).content.decode())
        yield _page("lead", path, browser.post(path, dict.fromkeys(names, LONG)))


def test_reading_changes_nothing_hdr_7(crawled: SimpleNamespace) -> None:
    changed = [table for table, found in crawled.after.items() if crawled.before[table] != found]
    statuses = {page.status for page in crawled.pages} | set(crawled.others)
    assert not changed
    assert len(crawled.pages) + len(crawled.others) > 200
    assert 200 in statuses
    assert not {status for status in statuses if status >= 500}


def test_a_change_is_found_by_the_same_comparison_hdr_7(crawled: SimpleNamespace) -> None:
    with settings.OWNER_CONNECTION.transaction(force_rollback=True):
        settings.OWNER_CONNECTION.execute("UPDATE tenants_organization SET name = 'x' || name")
        now = checksums()
    assert [table for table in now if now[table] != crawled.after[table]] == [
        "tenants_organization"
    ]


def test_no_script_in_any_field_runs_on_any_page_hdr_1_hdr_10(crawled: SimpleNamespace) -> None:
    """Shown in Chromium as answered: no alert, no refused script, no address outside (SUP-3)."""
    every = [page for page in (*crawled.pages, *crawled.refused) if page.is_html]
    with_script = [page for page in every if any(mark.encode() in page.body for mark in MARKS)]
    pages = list({page.path: page for page in with_script}.values())
    wrong: list[str] = []
    with chromium() as browser:
        context = browser.new_context(base_url="http://localhost")
        context.add_init_script(TELL)
        window = context.new_page()
        now: list[Page] = []
        context.route("**/*", lambda asked: _fulfil(asked, now, wrong))
        window.on("dialog", lambda box: (wrong.append(f"{now[-1].path}: alert"), box.dismiss()))
        window.on("console", lambda said: _heard(said, now, wrong))
        window.on("pageerror", lambda error: wrong.append(f"{now[-1].path}: {error}"))
        for page in pages:
            now.append(page)
            window.goto(f"http://localhost{page.path}", wait_until="domcontentloaded")
        kept = window.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]")
        caught = len(wrong)
        broken = Page("x", "/", 200, {"Content-Type": "text/html"}, LONG.encode())
        now.append(broken)
        window.goto("http://localhost/")
        window.wait_for_function("document.readyState === 'complete'")
    assert not wrong[:caught], "\n".join(wrong[:caught])
    assert len(wrong) > caught, "a page without escape and policy is found out"
    paths_only = {"tickmark-theme", "htmx-current-path-for-history"}
    assert set(kept) <= paths_only, "HDR-2: no page is kept in the browser"
    assert len(pages) > 40, "the scripts do stand on the pages, as text"
    assert len(crawled.fields) > 40


def _fulfil(asked: Asked, now: list[Page], wrong: list[str]) -> None:
    """Answer the browser from what was read; static files from their folder."""
    parts = urlsplit(asked.request.url)
    if parts.hostname != "localhost":
        wrong.append(f"{now[-1].path}: asks {asked.request.url}")
        asked.abort()
    elif asked.request.is_navigation_request():
        page = now[-1]
        headers = {name: value for name, value in page.headers.items() if name != "Content-Length"}
        asked.fulfill(status=200, headers=headers, body=page.body)
    elif asked.request.resource_type == "script":
        asked.fulfill(path=Path(finders.find(parts.path.removeprefix("/static/"))))
    else:
        asked.fulfill(status=204)


def _heard(said: Any, now: list[Page], wrong: list[str]) -> None:
    if said.type == "error" and "favicon" not in said.text:
        wrong.append(f"{now[-1].path}: {said.text}")
