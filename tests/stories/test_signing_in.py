"""Signing in at a real browser: password and code, passkey, and the gate before both."""

from __future__ import annotations

import time
from collections.abc import Iterator

import psycopg
import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Browser

from tenants.actions import failed_tries
from tests.stories.browser import Desk, chromium
from tests.stories.people import PASSWORD
from tests.stories.stack import Stack

pytestmark = pytest.mark.xdist_group("stack")
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
    "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for this module's people."""
    with chromium() as started:
        yield started


def founded(stack: Stack, firm: str, email: str) -> None:
    """A firm with its administrator, who is nobody of the sample."""
    stack.manage("found_firm", firm, email, "Ada Fern", "--password-stdin", text=PASSWORD + "\n")


def by_password(desk: Desk, email: str) -> None:
    """The form of the front door."""
    desk.go("/")
    desk.fill({"E-mail": email, "Password": PASSWORD})
    desk.press("Sign in")


def sign_out(desk: Desk) -> None:
    """By the menu of the account."""
    desk.page.locator("summary[aria-label^='Your account']").click()
    desk.press("Sign out")
    desk.page.get_by_role("heading", name="Sign in", exact=True).wait_for()


def code_of(secret: str, steps: int) -> str:
    """What the phone shows, some half minutes from now: the server lets a clock be one off."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def offers_code(desk: Desk, email: str, code: str) -> None:
    """Password first, then the code."""
    by_password(desk, email)
    desk.page.get_by_role("heading", name="Your second factor").wait_for()
    desk.fill({"Code": code})
    desk.press("Sign in")


def others_guess(stack: Stack, email: str) -> None:
    """Twenty tries at the account failed just now, from anywhere."""
    (key, _), *_ = failed_tries.counts_for(email, None)
    with psycopg.connect(stack.environment["OWNER_DATABASE_URL"]) as owner:
        owner.execute(
            "INSERT INTO tenants_failedtries VALUES (%s, 20, now()) "
            "ON CONFLICT (key_hash) DO UPDATE SET level = 20, failed_at = now()", [key],
        )  # fmt: skip


def test_a_fresh_installation_has_no_account_aut_13(stack: Stack) -> None:
    """Nobody signs in before `found_firm` names the first person."""
    assert stack.people_at_start == 0


def test_with_password_and_totp_each_code_once_aut_1_aut_10(browser: Browser, stack: Stack) -> None:
    email = "ada@fernhill.test"
    founded(stack, "Fernhill LLP", email)
    desk = Desk(browser, stack.address)
    by_password(desk, email)
    desk.sees("Fernhill LLP asks for a second factor")
    desk.is_fine()
    desk.go("/people/")
    desk.sees("One more lock on your account")
    desk.press("Use an authenticator app")
    desk.page.get_by_text("Cannot scan it?").click()
    secret = desk.page.locator("code").inner_text().replace(" ", "")
    desk.is_fine()
    desk.fill({"Code from the app": code_of(secret, 0)})
    desk.press("Add the app")
    desk.sees("Keep these codes")
    desk.is_fine()
    recovery = desk.page.locator(".tm-codes li").all_inner_texts()
    desk.press("I have kept them")
    desk.page.locator(".tm-topbar").wait_for()  # where the gate stopped them
    sign_out(desk)
    used = code_of(secret, 1)
    offers_code(desk, email, used)
    desk.page.locator(".tm-topbar").wait_for()
    sign_out(desk)
    offers_code(desk, email, used)
    desk.sees("This code is wrong or was used already.")
    desk.is_fine()
    desk.fill({"Code": recovery[0]})
    desk.press("Sign in")
    desk.page.locator(".tm-topbar").wait_for()
    desk.go("/settings/security/")
    desk.sees("9 of 10 left")
    desk.is_fine()
    assert not desk.problems


def test_with_a_passkey_also_while_others_guess_the_password_aut_1_aut_4(
    browser: Browser, stack: Stack
) -> None:
    email = "ada@bracken.test"
    founded(stack, "Bracken LLP", email)
    desk = Desk(browser, stack.address.replace("127.0.0.1", "localhost"))
    device = desk.context.new_cdp_session(desk.page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    by_password(desk, email)
    desk.press("Add a passkey")
    desk.fill({"Name": "Work laptop"})
    desk.is_fine()
    desk.press("Add the passkey")
    desk.sees("Keep these codes")
    desk.press("I have kept them")
    desk.page.locator(".tm-topbar").wait_for()
    sign_out(desk)
    others_guess(stack, email)
    by_password(desk, email)
    desk.sees("or sign in with a passkey")
    desk.press("Sign in with a passkey")
    desk.page.locator(".tm-topbar").wait_for()
    desk.go("/accounts/reauthenticate/passkey/?next=/settings/security/")
    desk.is_fine()
    desk.press("Use your passkey")
    desk.sees("Work laptop")
    assert not desk.problems
