"""Counters, locks and stored bytes name their tenant; nothing is shared (TEN-13, TEN-14)."""

from __future__ import annotations

import re
from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.db import connection

from evidence.storage import object_key
from tenants.api import throttling
from tests.access import scenes
from tests.access.probing import LITERAL
from tests.evidence import requests as at
from tests.evidence.requests import stored
from tests.programs import Program, program_of
from tests.test_architecture import MODULES, named

LOCKING = {"tenants.api.idempotency": "by organization, person, route and key"}
"""Modules that take a named lock, and what names it."""
COUNTING = {"tenants.portal.organization_sign_in": "sign-ins at a provider, by address"}
"""Modules that keep something in the cache: counters, which everybody may lose."""
SHARED_PAGES = re.compile(r"cache_page|UpdateCacheMiddleware|core\.cache import|{% cache ")


@contextmanager
def parameters():
    """Every statement with its values, as PostgreSQL is given them."""
    found = []

    def collect(execute, sql, values, many, context):
        found.append((LITERAL.sub("?", str(sql)), values))
        return execute(sql, values, many, context)

    with connection.execute_wrapper(collect):
        yield found


def test_every_counter_names_its_organization_ten_13(world, settings, monkeypatch):
    settings.API_RATES = dict.fromkeys(settings.API_RATES, 1000)
    counted = []

    def count(keys, cost):
        counted.extend(keys)
        return dict.fromkeys(keys, 1)

    monkeypatch.setattr(throttling, "_count_together", count)
    for who, where in ((world.lead, world.firm), (world.outsider, world.other_client)):
        counted.clear()
        assert program_of(who, where).get("me/").status_code == 200
        assert len(counted) == 3
        assert all(f":{where.pk}:" in key for key in counted)
    counted.clear()
    Program().get("me/")
    assert len(counted) == 1
    assert ":nobody:" in counted[0]


def test_a_lock_names_its_organization_ten_13(world):
    for who, where in ((world.lead, world.firm), (world.rival, world.other_firm)):
        program, key = program_of(who, where), str(uuid4())
        with parameters() as statements:
            program.post("evidence-requests/", {}, Idempotency_Key=key)
        names = [values[0] for sql, values in statements if "advisory" in sql]
        assert names
        assert all(name.startswith(f"idempotency:{where.pk}:{who.pk}:") for name in names)


def test_nothing_else_takes_a_named_lock_or_keeps_a_page_ten_13():
    texts = {named(path): path.read_text(encoding="utf-8") for path in MODULES}
    locking = {name for name, text in texts.items() if "advisory" in text and "_lock(" in text}
    assert locking == set(LOCKING)
    assert {name for name, text in texts.items() if SHARED_PAGES.search(text)} == set(COUNTING)
    pages = [*MODULES[0].parents[1].glob("*/templates/**/*.html")]
    assert not [page for page in pages if SHARED_PAGES.search(page.read_text(encoding="utf-8"))]


def test_stored_bytes_lie_under_their_organization_ten_13(world):
    link = at.upload(world, at.sent(world))
    key = link.file_version.storage_key
    assert key.startswith(f"{world.client_organization.pk}/")
    with pytest.raises(ValueError, match="organization"):
        object_key("everybody", uuid4())


def test_a_file_that_another_organization_holds_takes_the_same_steps_ten_14(world):
    abroad = scenes.home_of_the_rival(world)
    at.upload(world, at.sent(world), content=b"the same bytes")
    shapes = []
    for content in (b"the same bytes", b"bytes of nobody else"):
        row = at.sent(abroad)
        with parameters() as statements:
            link = at.upload(abroad, row, content=content)
        shapes.append([sql for sql, _ in statements])
        assert link.file_version.storage_key.startswith(f"{abroad.client_organization.pk}/")
    assert shapes[0] == shapes[1]
    assert len(stored()) == 3
