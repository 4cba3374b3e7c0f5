"""Browsers of the cast: Django's client, signed in through the backend that sign-in uses."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def browser_of(world: SimpleNamespace) -> Callable[[str], Client]:
    """A browser in which the named person of the cast is signed in; "anonymous" is nobody."""

    def made(who: str) -> Client:
        client = Client(raise_request_exception=True)
        if who != "anonymous":
            client.force_login(getattr(world, who), backend=BACKEND)
        return client

    return made


@pytest.fixture
def lead(browser_of: Any) -> Client:
    """The manager's browser."""
    return browser_of("lead")


@pytest.fixture
def client_admin(browser_of: Any) -> Client:
    """The client administrator's browser."""
    return browser_of("client")


@pytest.fixture(autouse=True)
def own_limits(settings: Any) -> None:
    """Limits on failed sign-ins are counted in this process, anew for each test."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()


@pytest.fixture
def sent_links(settings: Any, django_capture_on_commit_callbacks: Any) -> Callable[..., list[str]]:
    """Does something and answers the invitation links that were mailed for it."""

    def sent(act: Callable[[], Any]) -> list[str]:
        before = len(mail.outbox)
        with django_capture_on_commit_callbacks(execute=True):
            act()
        bodies = "\n".join(str(message.body) for message in mail.outbox[before:])
        return re.findall(r"/invitations/\S+", bodies)

    return sent
