"""Signing in through one's organization, in a browser: real providers, forms, redirects, cookies.

The providers lie on “localhost” and the platform on 127.0.0.1: two sites, as in life.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser

from tests.identity.openid_provider import CLIENT, SECRET
from tests.identity.serving import Running, running
from tests.stories.browser import Desk, chromium
from tests.stories.people import PASSWORD
from tests.stories.stack import Stack

pytestmark = pytest.mark.xdist_group("stack")
FIRM, ADMIN, ADA = "Alder & Quay LLP", "admin@alderquay.example", "ada@people.example"
SETTINGS = "/settings/single-sign-on/"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for everybody in the story."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def openid() -> Iterator[Running]:
    with running("openid_provider") as up:
        yield up


@pytest.fixture(scope="module")
def saml() -> Iterator[Running]:
    with running("saml_provider") as up:
        yield up


def test_people_join_and_sign_in_through_openid_connect_and_saml(
    browser: Browser, stack: Stack, openid: Running, saml: Running, tmp_path: Path
) -> None:
    stack.manage("found_firm", FIRM, ADMIN, "Ines Alder", "--password-stdin", text=PASSWORD + "\n")
    admin = Desk(browser, stack.address)
    admin.signs_in(ADMIN)
    connects_openid(admin, openid)
    door = switched_on(admin)
    admin.main_menu("People")
    admin.press("Invite")
    letter = {"E-mail": ADA, "Name": "Ada Lindqvist", "Role": "Senior"}
    admin.fill(letter, inside=admin.dialog)
    admin.press("Send the invitation", inside=admin.dialog)
    admin.sees("An invitation is on its way")
    ada = Desk(browser, stack.address)
    ada.go(stack.mailbox.link(ADA))
    ada.press(f"Join by signing in with {FIRM}")
    logs_in(ada, openid)
    ada.sees(f"Welcome to {FIRM}")
    ada.is_fine()
    signs_out(ada)
    signs_on(ada, door, openid)
    connects_saml(admin, saml, tmp_path)
    door = switched_on(admin)
    ada.go("/")
    ada.sees("Sign in")  # what the other provider began has ended
    links_the_administrator(admin, saml)
    signs_out(admin)
    signs_on(admin, door, saml)
    assert not ada.problems + admin.problems


def connects_openid(admin: Desk, openid: Running) -> None:
    """Issuer, client id, secret; then the test, which shows who one is there."""
    admin.go(SETTINGS)
    admin.is_fine()
    admin.press("OpenID Connect")
    admin.fill({"Issuer": openid.elsewhere, "Client id": CLIENT, "Client secret": SECRET})
    admin.is_fine()
    admin.press("Save and go on to the test")
    admin.sees("Not tested yet")
    admin.press("Test it")
    logs_in(admin, openid)
    admin.sees("The connection works")
    admin.is_fine()


def connects_saml(admin: Desk, saml: Running, folder: Path) -> None:
    """Another provider in its place, from its metadata file."""
    with urlopen(f"{saml.elsewhere}/metadata", timeout=5) as answer:
        (folder / "metadata.xml").write_bytes(answer.read())
    admin.go(f"{SETTINGS}saml/")
    admin.page.set_input_files("input[type=file]", folder / "metadata.xml")
    admin.press("Save and go on to the test")
    admin.sees("Not tested yet")
    admin.press("Test it")
    logs_in(admin, saml, "bo")
    admin.sees("The connection works")


def switched_on(admin: Desk) -> str:
    """Switch it on; answers the path of the organization's own door."""
    admin.press("Switch it on")
    admin.page.get_by_role("button", name="Switch on", exact=True).click()
    admin.sees("People may sign in through it now")
    admin.is_fine()
    (path,) = set(re.findall(r"/sso/[\w-]+/(?=<)", admin.page.locator("main").inner_html()))
    return str(path)


def links_the_administrator(admin: Desk, saml: Running) -> None:
    """A signed-in person links their own account."""
    admin.go("/settings/profile/")
    admin.press("Link your account")
    logs_in(admin, saml, "bo")
    admin.sees("Your account is linked")
    admin.is_fine()


def logs_in(desk: Desk, provider: Running, user: str = "ada") -> None:
    """The provider's own login form."""
    desk.page.wait_for_url(f"{provider.elsewhere}/**")
    desk.page.get_by_label("User name").fill(user)
    desk.page.get_by_role("button", name="Log in").click()
    if desk.page.get_by_role("button", name="Continue").count():
        desk.page.get_by_role("button", name="Continue").click()


def signs_out(desk: Desk) -> None:
    """By the page that asks."""
    desk.go("/accounts/logout/")
    desk.press("Sign out")
    desk.sees("Sign in with your organization")


def signs_on(desk: Desk, door: str, provider: Running) -> None:
    """From the sign-in page, by the organization's sign-in name."""
    desk.press("Sign in with your organization")
    desk.is_fine()
    desk.fill({"Your organization's sign-in name": door.split("/")[2]})
    desk.press("Continue")
    desk.sees(FIRM)
    desk.is_fine()
    desk.press("Sign in with your organization")
    logs_in(desk, provider, "bo" if provider.kind == "saml_provider" else "ada")
    desk.page.locator(".tm-topbar").wait_for()
