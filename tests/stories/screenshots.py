"""Pictures of the sample engagement for `docs/screenshots/`.

    python -m grc.embedded exec -- python -m tests.stories.screenshots

Each page at two widths, light and dark. Look at every one before it is committed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from playwright.sync_api import Browser

from tests.stories.browser import WIDE, Desk, chromium
from tests.stories.company import SAMPLE
from tests.stories.stack import ROOT, running

FOLDER: Final = ROOT / "docs" / "screenshots"
NARROW: Final = {"width": 390, "height": 844}
SCHEMES: Final = ("light", "dark")
SOC2 = "SOC 2 Type 2, 2025–26"
NADIA, JONAS = "nadia.rahman@harbourfinch.example", "jonas.weber@harbourfinch.example"
GRACE, NOBODY = "grace.adeyemi@tallowbrook.example", ""


@dataclass(frozen=True, slots=True)
class Shot:
    """One page: its name, who looks at it, and how they get there from their first page."""

    name: str
    who: str
    way: Callable[[Desk], None]


def stay(desk: Desk) -> None:
    """The first page itself."""
    desk.go("/")


def at(path: str) -> Callable[[Desk], None]:
    """The page at an address."""

    def way(desk: Desk) -> None:
        desk.go(path)

    return way


def tab(words: str) -> Callable[[Desk], None]:
    """A page of the SOC 2 engagement; the overview for no words."""

    def way(desk: Desk) -> None:
        desk.go("/engagements/")
        desk.follow(SOC2)
        if words:
            desk.tab(words)

    return way


def evidence_request(ref: str) -> Callable[[Desk], None]:
    """The page of one request."""

    def way(desk: Desk) -> None:
        tab("Requests")(desk)
        desk.go(f"{desk.page.url.partition('?')[0]}?q={ref}")
        desk.page.locator("tr[data-row]", has_text=ref).get_by_role("link").first.click()
        desk.page.locator(".tm-crumbs", has_text=ref).wait_for()

    return way


def preview(desk: Desk) -> None:
    """The list once more, just read: what changed since, and what is wrong in it."""
    desk.go("/engagements/")
    desk.follow(SOC2)
    desk.tab("Imports")
    known = desk.page.get_by_role("link", name="PBC list v4.xlsx")
    if known.count():
        known.first.click()
    else:
        desk.press("Import a list")
        content = (SAMPLE / "sample-pbc-list.xlsx").read_bytes()
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        with desk.page.expect_navigation(url=re.compile(r"/imports/[0-9a-f-]{36}/")):
            desk.page.set_input_files(
                "#upload-file", {"name": "PBC list v4.xlsx", "mimeType": kind, "buffer": content}
            )
    desk.page.get_by_role("button", name=re.compile(r"^Import \d+ requests$")).wait_for()


SHOTS: Final = (
    Shot("sign-in", NOBODY, stay),
    Shot("firm-home", NADIA, stay),
    Shot("client-home", GRACE, stay),
    Shot("engagement", NADIA, tab("")),
    Shot("coverage", JONAS, tab("Coverage")),
    Shot("request-list", JONAS, tab("Requests")),
    Shot("request-page-firm", JONAS, evidence_request("A-18")),
    Shot("request-page-client", GRACE, evidence_request("A-11")),
    Shot("import-preview", NADIA, preview),
    Shot("package", NADIA, tab("Package")),
    Shot("people", NADIA, tab("People")),
    Shot("history", NADIA, tab("History")),
    Shot("security", NADIA, at("/settings/security/")),
)


def take_all(browser: Browser, address: str, passwords: dict[str, str], folder: Path) -> None:
    """Every picture; people sign in once and keep their cookies."""
    states: dict[str, Any] = {}
    for shot in SHOTS:
        for size in (WIDE, NARROW):
            for scheme in SCHEMES:
                look = {"viewport": size, "color_scheme": scheme}
                desk = Desk(browser, address, storage_state=states.get(shot.who), **look)
                if shot.who and shot.who not in states:
                    desk.signs_in(shot.who, passwords[shot.who])
                    states[shot.who] = desk.context.storage_state()
                shot.way(desk)
                desk.page.wait_for_load_state("networkidle")
                name = f"{shot.name}-{size['width']}-{scheme}.png"
                desk.page.screenshot(path=folder / name, animations="disabled")
                assert not desk.problems, desk.problems
                desk.context.close()


def main() -> None:
    """Start the platform, play the sample, take the pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as name:
        folder = Path(name)
        with running(folder, redis_database=8) as stack, chromium() as browser:
            stack.manage("load_sample")
            accounts = json.loads((folder / "sample-accounts.json").read_text())
            passwords = {account["email"]: account["password"] for account in accounts}
            take_all(browser, stack.address, passwords, FOLDER)


if __name__ == "__main__":
    main()
