"""A client whose administrator connected a real provider, and browsers that go there and back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from tenants.actions import single_sign_on
from tenants.models import Identity, IdentityProvider
from tests.conftest import as_
from tests.identity.openid_provider import CLIENT, SECRET
from tests.identity.serving import PEOPLE, Running, running

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Redirects are looked at, not followed."""


OPENER = build_opener(_Stay)


@pytest.fixture(scope="session")
def openid_process() -> Iterator[Running]:
    with running("openid_provider") as up:
        yield up


@pytest.fixture(scope="session")
def saml_process() -> Iterator[Running]:
    with running("saml_provider") as up:
        yield up


@pytest.fixture(autouse=True)
def own_limits(settings: Any) -> None:
    """Sign-ins are counted in this process, anew for each test."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()


@pytest.fixture
def openid(world: Any, openid_process: Running) -> Running:
    """The OpenID Connect provider, honest again after the test."""
    openid_process.control(twist="", people=PEOPLE, generous=False, issuer="")
    return openid_process


@pytest.fixture
def saml(world: Any, saml_process: Running) -> Running:
    """The SAML provider, honest again after the test."""
    saml_process.control(twist="", people=PEOPLE)
    return saml_process


@transaction.atomic
def connected(world: Any, provider: Running, protocol: str, *, on: bool = True) -> IdentityProvider:
    """The client's administrator connects the provider; tested and on unless told otherwise."""
    client = world.client_organization
    with as_(world.client, client):
        if protocol == "oidc":
            row = single_sign_on.connect_openid(
                client, issuer=provider.address, client_id=CLIENT, secret=SECRET, by=world.client
            )
        else:
            row = single_sign_on.connect_saml(
                client, metadata=provider.read("/metadata"), by=world.client
            )
        if on:
            single_sign_on.note_tested(row, by=world.client)
            row = single_sign_on.switch_on(row, by=world.client)
    return row


@transaction.atomic
def linked(world: Any, row: IdentityProvider, person: Any, user: str = "ada") -> Identity:
    """The person is known to the provider under the subject of `user`."""
    with as_(person, world.client_organization):
        return Identity.objects.create(
            organization_id=row.organization_id, provider=row, person=person,
            issuer=row.issuer, subject=PEOPLE[user]["sub"],
        )  # fmt: skip


class Browser:
    """A browser without scripts, at ours and at the provider's pages."""

    def __init__(self, who: Any = None) -> None:
        self.client = Client(raise_request_exception=True)
        if who is not None:
            self.client.force_login(who, backend=BACKEND)

    def leaves(self, path: str, **values: str) -> str:
        """Press the button that leads to the provider; the address it leads to."""
        page = self.client.post(path, values)
        assert page.status_code == 200, page.content
        return str(page.headers["Refresh"]).removeprefix("0; url=")

    def returns_by_code(self, target: str, user: str = "ada") -> str:
        """Log in at an OpenID Connect provider; the address that leads back."""
        body = urlencode({**_parameters(target), "username": user}).encode()
        try:
            OPENER.open(target.partition("?")[0], body, timeout=5)
        except OSError as redirect:
            back = urlsplit(redirect.headers["Location"])  # type: ignore[attr-defined]
            return f"{back.path}?{back.query}"
        raise AssertionError("the provider did not send us back")

    def returns_by_post(self, target: str, user: str = "ada") -> tuple[str, dict[str, str]]:
        """Log in at a SAML provider; the form that leads back."""
        body = urlencode({**_parameters(target), "username": user}).encode()
        page = OPENER.open(target.partition("?")[0], body, timeout=5).read().decode()
        (action,) = re.findall(r'action="([^"]+)"', page)
        fields = re.findall(r'name="(\w+)" value="([^"]*)"', page)
        return urlsplit(action).path, {name: unescape(value) for name, value in fields}

    def signs_on(self, row: IdentityProvider, user: str = "ada", path: str = "") -> Any:
        """All the way there and back; the last answer."""
        target = self.leaves(path or f"/sso/{row.sign_in_name}/")
        if row.protocol == "oidc":
            return self.client.get(self.returns_by_code(target, user))
        return self.hand_in(*self.returns_by_post(target, user))

    def hand_in(self, path: str, form: dict[str, str]) -> Any:
        """Post a SAML answer, without a session as browsers do, then press our button."""
        page = Client().post(path, form).content.decode()
        (action,) = re.findall(r'action="([^"]+)" data-goes-on', page)
        fields = re.findall(r'name="(\w+)" value="([^"]*)"', page)
        return self.client.post(action, {name: unescape(value) for name, value in fields})


def _parameters(target: str) -> dict[str, str]:
    from urllib.parse import parse_qsl

    return dict(parse_qsl(urlsplit(target).query))


@pytest.fixture
def site(settings: Any) -> str:
    """Where we are, as the provider is told."""
    settings.SITE_ADDRESS = "http://testserver"
    return "http://testserver"
