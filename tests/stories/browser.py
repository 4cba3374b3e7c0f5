"""A person at a headless Chromium, whose every page is watched."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Response, sync_playwright

from tests.stories.people import PASSWORD

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = ("--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run")  # fmt: skip
WIDE = {"width": 1440, "height": 900}
LEFT = "net::ERR_ABORTED"
"""What Chromium says of a request that a download or a new page made needless."""
TELL = """addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} refuses ${event.blockedURI}`));"""
DROP = """(zone, [name, type, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], name, {type}));
  for (const kind of ["dragover", "drop"])
    zone.dispatchEvent(new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true}));
}"""
STILL = """() => Promise.allSettled(document.getAnimations()
  .filter((one) => one.effect.getTiming().iterations !== Infinity).map((one) => one.finished))"""
STEP_OF = {"Requests": "Evidence", "Imports": "Evidence", "Controls": "Planning",
           "Coverage": "Planning", "Package": "File", "History": "File"}  # fmt: skip
GRAVE = ("serious", "critical")
AXE = Axe()


def executable() -> str:
    """Where Chromium is: CHROMIUM, or the first of its names on the path."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    assert found, "No Chromium: name one in CHROMIUM."
    return str(found)


@contextmanager
def chromium() -> Iterator[Browser]:
    """One headless Chromium; every person on it has cookies of their own."""
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable(), args=[*root, *QUIET], headless=True
        )
        try:
            yield browser
        finally:
            browser.close()


class Desk:
    """One person's window. `problems` holds what went wrong on any page so far."""

    def __init__(self, browser: Browser, address: str, **look: Any) -> None:
        self.address = address
        self.problems: list[str] = []
        self.context = browser.new_context(
            base_url=address, **{"viewport": WIDE, "accept_downloads": True, **look}
        )
        self.context.set_default_timeout(45_000)
        self.context.add_init_script(TELL)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self._note(f"script: {error}"))
        self.page.on("response", self._weigh)
        self.page.on("requestfailed", self._miss)

    def go(self, path: str) -> None:
        """Open an address."""
        self.page.goto(path)

    def signs_in(self, email: str, password: str = PASSWORD) -> None:
        """From the front door to the first page."""
        self.go("/")
        self.fill({"E-mail": email, "Password": password})
        self.press("Sign in")
        self.page.locator(".tm-topbar").wait_for()

    def joins(self, link: str, name: str) -> None:
        """Open the link of an invitation, say one's name and choose a password."""
        self.go(link)
        self.fill({"Your name": name, "Password": PASSWORD})
        self.press("Create my account and join")
        self.sees("Welcome")

    def press(self, words: str, *, inside: Locator | None = None) -> None:
        """Press a button, or follow a link that looks like one."""
        where = inside or self.page
        either = where.get_by_role("button", name=words, exact=True)
        either.or_(where.get_by_role("link", name=words, exact=True)).first.click()

    def follow(self, words: str, *, exact: bool = False) -> None:
        """Follow a link of the page's content."""
        main = self.page.locator("main")
        main.get_by_role("link", name=words, exact=exact).first.click()

    def tab(self, words: str) -> None:
        """Open one of the engagement's pages, by its step of the work."""
        bar = self.page.get_by_role("navigation", name="Engagement")
        page = bar.get_by_role("link", name=words, exact=True)
        if not page.count():
            bar.get_by_role("link", name=STEP_OF[words], exact=True).click()
        page.last.click()
        bar.locator("[aria-current=page]", has_text=words).wait_for()

    def main_menu(self, words: str) -> None:
        """Open an entry of the main navigation."""
        bar = self.page.get_by_role("navigation", name="Main")
        bar.get_by_role("link", name=words, exact=True).click()
        self.page.locator(".tm-nav [aria-current]", has_text=words).wait_for()

    @property
    def dialog(self) -> Locator:
        """The dialog that is open."""
        return self.page.locator("dialog[open]")

    def fill(self, fields: dict[str, str], *, inside: Locator | None = None) -> None:
        """Fill in fields by their labels; what is a list to choose from is chosen."""
        where = inside or self.page.locator("main")
        for label, value in fields.items():
            field = where.get_by_label(re.compile(rf"^{re.escape(label)}"))
            if field.evaluate("(it) => it.tagName") == "SELECT":
                field.select_option(label=value)
            else:
                field.fill(value)

    def drops(self, name: str, kind: str, content: bytes) -> None:
        """Drop a file on the page's drop zone; it is there once the page has come again."""
        zone = self.page.locator("form[data-dropzone]")
        with self.page.expect_event("load"):
            zone.evaluate(DROP, [name, kind, list(content)])

    def sees(self, words: str) -> None:
        """Wait until the words stand on the page."""
        self.page.get_by_text(words).first.wait_for()

    def is_fine(self) -> None:
        """Nobody is kept out: no serious or critical violation for axe on this page."""
        self.page.wait_for_load_state("load")
        self.page.evaluate(STILL)
        broken = [
            f"{one['id']}: {[node['target'] for node in one['nodes']][:4]}"
            for one in AXE.run(self.page).response["violations"]
            if one["impact"] in GRAVE
        ]
        assert not broken, f"{self.page.url}\n" + "\n".join(broken)

    def _note(self, said: str) -> None:
        self.problems.append(f"{self.page.url}: {said}")

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._note(f"console: {message.text}")

    def _weigh(self, response: Response) -> None:
        if response.status >= 400:
            self._note(f"{response.status} of {response.url}")

    def _miss(self, request: Any) -> None:
        if request.failure != LEFT:
            self._note(f"{request.failure} of {request.url}")
