"""Browsers of the cast."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.audits.helpers import fill_library, take_all

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def browser_of(world):
    """A browser in which the named person of the cast is signed in."""

    def made(who):
        client = Client(raise_request_exception=True)
        client.force_login(getattr(world, who), backend=BACKEND)
        return client

    return made


@pytest.fixture
def lead(browser_of):
    """The manager's browser."""
    return browser_of("lead")


@pytest.fixture
def administrator(browser_of):
    """The client administrator's browser."""
    return browser_of("client")


@pytest.fixture
def filled(world):
    """Three controls in the library, taken into the engagement."""
    told = fill_library(world, 3)
    take_all(world)
    return told
