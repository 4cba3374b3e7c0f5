"""Staff fill in a grid of 60 items by 8 attributes by keys, a pasted block and a note."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, expect

from tests.stories.browser import Desk, chromium
from tests.stories.company import Company, engaged
from tests.stories.stack import Stack

pytestmark = pytest.mark.xdist_group("stack")
FIRM, DOMAIN, CLIENT_DOMAIN = "Alder & Rook LLP", "alderrook.example", "fernhill.example"
ITEMS, ASKED = 60, 8
SAVED = re.compile("Kept")
PASTE = """(cell, text) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  cell.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true,
    cancelable: true}));
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium for this story."""
    with chromium() as started:
        yield started


def in_fieldwork(company: Company) -> None:
    """The engagement stands in fieldwork: put there by the owner of the tables."""
    with psycopg.connect(company.stack.environment["OWNER_DATABASE_URL"]) as owner:
        owner.execute(
            "UPDATE tenants_engagement SET status = 'fieldwork', types_frozen_at = now() "
            "WHERE id = %s", [company.engagement["id"]],
        )  # fmt: skip


def approved_test(company: Company) -> dict[str, Any]:
    """A test of an automated control, with 60 configurations to look at and 8 attributes."""
    jonas, here = company.programs["jonas"], company.engagement["id"]
    control = jonas.all(f"engagement-controls/?engagement={here}&ordering=ref")[0]
    told = {"control": control["id"], "kind": "toe", "report_wording": "Inspected settings."}
    test = jonas.ok("POST", "control-tests/", told)
    path = f"control-tests/{test['id']}/"
    jonas.ok("POST", f"{path}steps/", {
        "steps": [{"nature": "inspection", "instruction": "Read the setting."}],
        "attributes": [{"text": f"Attribute number {n}"} for n in range(1, ASKED + 1)],
    })  # fmt: skip
    for number in range(1, ITEMS + 1):
        item = {"name": f"Rule {number}", "on": "2026-03-02"}
        jonas.ok("POST", f"{path}items/", item)
    found: dict[str, Any] = jonas.ok("POST", f"{path}approve/", {})
    return found


def counts(company: Company, test: dict[str, Any]) -> dict[str, int]:
    """How many cells came to what, as the API tells it."""
    grid = company.programs["mei"].ok("GET", f"control-tests/{test['id']}/grid/")
    return {name: count for name, count in grid["counts"].items() if count}


def test_a_grid_is_filled_in_by_keyboard(stack: Stack, browser: Browser) -> None:
    """Every key of the grid, and what the file holds after each."""
    company = engaged(stack, firm=FIRM, domain=DOMAIN, client_domain=CLIENT_DOMAIN)
    in_fieldwork(company)
    test = approved_test(company)
    here = company.engagement["id"]
    mei = Desk(browser, stack.address)
    mei.signs_in(f"mei@{DOMAIN}")
    mei.go(f"/engagements/{here}/testing/tests/{test['id']}/grid/")
    page = mei.page
    said = page.locator("[data-grid-said]")
    cells = page.locator("[role=gridcell]")
    assert cells.count() == ITEMS * ASKED
    page.locator("[role=gridcell][tabindex='0']").focus()
    page.keyboard.press("p")  # one cell, and on to the next
    page.keyboard.press("d")
    page.keyboard.press("n")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("p")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Delete")
    expect(said).to_have_text(SAVED)
    assert counts(company, test) == {"pass": 1, "deviation": 1, "na": 1, "pending": 477}

    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")  # the deviation gets its mark and note
    page.keyboard.type("X")
    page.keyboard.press("Shift+Tab")
    page.keyboard.type("T")
    page.keyboard.press("Escape")
    expect(page.locator("[role=gridcell][data-note='X'][data-mark='T']")).to_be_focused()
    expect(said).to_have_text(SAVED)

    page.keyboard.press("Shift+P")  # the rest of the row
    expect(page.locator("tbody tr:first-child [data-result=pass]")).to_have_count(6)
    block = "\n".join("\t".join(["p"] * ASKED) for _ in range(ITEMS - 1))
    page.locator("[role=gridcell]:focus").evaluate(PASTE, block.replace("p", "maybe", 1))
    expect(said).to_contain_text("“maybe” is no result")
    page.locator("[role=gridcell]:focus").evaluate(PASTE, block)
    expect(said).to_have_text(SAVED)
    assert counts(company, test) == {"pass": 478, "deviation": 1, "na": 1}
    expect(page.locator("[data-count=pending]")).to_have_text("0")
    expect(page.locator(".is-unsaved")).to_have_count(0)
    mei.is_fine()

    page.reload()  # it is all in the file, with the mark and the note
    expect(page.locator("[role=gridcell][data-note='X'][data-mark='T']")).to_have_count(1)
    expect(page.locator("[data-result=pass]")).to_have_count(478)
    row = company.programs["jonas"].ok("GET", f"control-tests/{test['id']}/")
    assert row["status"] == "performing"
    assert not mei.problems

    jonas = company.programs["jonas"]  # somebody else writes meanwhile: nothing is written over
    grid = jonas.ok("GET", f"control-tests/{test['id']}/grid/")
    cell = {"item": grid["items"][0]["id"], "attribute": grid["attributes"][0]["id"],
            "result": "deviation"}  # fmt: skip
    jonas.ok("POST", f"control-tests/{test['id']}/cells/", {"cells": [cell]})
    page.locator("[role=gridcell][tabindex='0']").focus()
    page.keyboard.press("n")
    expect(said).to_contain_text("Somebody changed this test")
    assert counts(company, test)["deviation"] == 2
