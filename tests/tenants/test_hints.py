"""Redis may be away at any time: hints are lost, limits are counted locally, nothing fails."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import RequestFactory

from tenants import outbox
from tenants.caching import HintCache
from tenants.middleware import address_of

NOWHERE = "redis://127.0.0.1:1/0"


def test_the_cache_counts_in_this_process_without_redis():
    cache = HintCache(NOWHERE, {"OPTIONS": {"socket_connect_timeout": 1}})
    assert cache.add("limit", 1)
    assert cache.incr("limit") == 2
    assert cache.get("limit") == 2
    cache.delete("limit")
    assert cache.get("limit") is None


def test_a_hint_that_cannot_be_given_is_lost_in_silence(monkeypatch):
    from kombu.exceptions import OperationalError

    asked = []

    def refuse(*args, **kwargs):
        asked.append(args)
        raise OperationalError("away")

    monkeypatch.undo()  # the real hint, of which tests are spared
    monkeypatch.setattr("celery.current_app.send_task", refuse)
    outbox.hint([uuid4()])
    assert asked[0][0] == outbox.PERFORM


@pytest.mark.parametrize(
    ("proxies", "passed", "address"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9", "198.51.100.1"),
        (2, "203.0.113.9", "127.0.0.1"),
        (1, "no address", None),
    ],
)
def test_the_visitors_address_is_what_our_proxies_saw_hdr_8(settings, proxies, passed, address):
    settings.TRUSTED_PROXY_COUNT = proxies
    request = RequestFactory().get("/", HTTP_X_FORWARDED_FOR=passed)
    assert address_of(request) == address
