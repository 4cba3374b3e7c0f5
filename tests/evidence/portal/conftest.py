"""Browsers of the cast for the pages of requests."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def browser_of(world: SimpleNamespace) -> Callable[[str], Client]:
    """A browser in which the named person of the cast is signed in."""

    def made(who: str) -> Client:
        client = Client()
        client.force_login(getattr(world, who), backend=BACKEND)
        return client

    return made


@pytest.fixture
def senior(browser_of: Any) -> Client:
    """The senior's browser."""
    return browser_of("senior")


@pytest.fixture
def owner(browser_of: Any) -> Client:
    """The control owner's browser."""
    return browser_of("owner")


@pytest.fixture
def admin(browser_of: Any) -> Client:
    """The client administrator's browser."""
    return browser_of("client")
