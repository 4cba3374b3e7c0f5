"""The main job in a browser: what people of firm and client press, from the first invitation on.

Every page is watched for errors, refused scripts and failed requests; the main ones pass axe.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from grc.sample import papers
from tests.stories.browser import Desk, chromium
from tests.stories.company import SAMPLE
from tests.stories.people import PASSWORD
from tests.stories.stack import Stack
from tests.stories.test_main_job import verified

pytestmark = pytest.mark.xdist_group("stack")
FIRM, FIRM_DOMAIN = "Larch & Stone LLP", "larchstone.example"
CLIENT, CLIENT_DOMAIN = "Wrenfield Payroll", "wrenfield.example"
TITLE = "SOC 2 Type 2, year to September 2026"
TEAM = (("nadia", "Nadia Rahman", "Manager"), ("jonas", "Jonas Weber", "Senior"))
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OWNER, ANSWERED = "helen.park", ("A-07", "A-19")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for everybody in the story."""
    with chromium() as started:
        yield started


class Office:
    """Everybody's window, by the part of their address; closing it asks whether all went well."""

    def __init__(self, browser: Browser, stack: Stack) -> None:
        self.browser, self.stack = browser, stack
        self.desks: list[Desk] = []

    def desk(self) -> Desk:
        """A window nobody has used."""
        self.desks.append(Desk(self.browser, self.stack.address))
        return self.desks[-1]

    def joined(self, address: str, name: str) -> Desk:
        """The window of somebody who came by the link in their letter."""
        desk = self.desk()
        desk.joins(self.stack.mailbox.link(address), name)
        return desk

    def all_went_well(self) -> None:
        """No page of the story complained."""
        assert not [said for desk in self.desks for said in desk.problems]


def wrenfield_list() -> bytes:
    """The sample list, with its people at this story's client."""
    written = io.BytesIO()
    with (
        zipfile.ZipFile(SAMPLE / "sample-pbc-list.xlsx") as sample,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        for name in sample.namelist():
            cell = re.sub(rb"(?i)tallowbrook\.example", CLIENT_DOMAIN.encode(), sample.read(name))
            copy.writestr(name, cell)
    return written.getvalue()


def the_firm_gathers(office: Office) -> tuple[Desk, Desk]:
    """The administrator signs in and invites; manager and senior choose their passwords."""
    office.stack.manage(
        "found_firm", FIRM, f"admin@{FIRM_DOMAIN}", "Ingrid Solheim", "--password-stdin",
        text=PASSWORD + "\n",
    )  # fmt: skip
    admin = office.desk()
    admin.go("/")
    admin.is_fine()
    admin.signs_in(f"admin@{FIRM_DOMAIN}")
    admin.is_fine()
    admin.main_menu("People")
    for who, name, role in TEAM:
        admin.press("Invite")
        letter = {"E-mail": f"{who}@{FIRM_DOMAIN}", "Name": name, "Role": role}
        admin.fill(letter, inside=admin.dialog)
        admin.press("Send the invitation", inside=admin.dialog)
        admin.sees(f"An invitation is on its way to {who}@{FIRM_DOMAIN}")
    admin.is_fine()
    manager, senior = (office.joined(f"{who}@{FIRM_DOMAIN}", name) for who, name, _ in TEAM)
    return manager, senior


def an_engagement_opens(manager: Desk) -> str:
    """The manager opens it for a new client and puts the senior on it; returns its path."""
    manager.main_menu("Engagements")
    manager.press("New engagement")
    manager.is_fine()
    manager.fill({"Name of the new client": CLIENT, "Title": TITLE})
    for category in ("Availability", "Confidentiality"):
        manager.page.get_by_label(category).check()
    manager.page.get_by_label("I am independent of this client").check()
    days = {"First day of the period": "2025-10-01", "Last day of the period": "2026-09-30"}
    admin = {"E-mail": f"dana.whitlock@{CLIENT_DOMAIN}", "Name (optional)": "Dana Whitlock"}
    manager.fill({**days, **admin})
    manager.press("Open the engagement")
    manager.sees("is open, with you on it")
    manager.is_fine()
    path = "/" + "/".join(manager.page.url.split("/")[3:])
    manager.tab("People")
    manager.press("Assign a colleague")
    place = {"Person": "Jonas Weber · Senior", "Role on this engagement": "Senior"}
    manager.fill(place, inside=manager.dialog)
    manager.press("Assign", inside=manager.dialog)
    manager.page.locator("tr", has_text="Jonas Weber").wait_for()
    manager.is_fine()
    return path


def the_word_is_given(senior: Desk) -> None:
    """The senior confirms to be independent: before, the engagement stays closed (AC-04)."""
    senior.go("/")
    senior.follow(CLIENT)
    senior.page.get_by_label("I am independent of this client").check()
    senior.is_fine()
    senior.press("Give my word")
    senior.page.get_by_role("navigation", name="Engagement").wait_for()


def the_library_fills(client: Desk) -> None:
    """The client's administrator brings in the control set."""
    client.is_fine()
    client.main_menu("Controls")
    client.press("Import a list")
    client.page.set_input_files("input[type=file]", SAMPLE / "sample-control-set.csv")
    client.press("Read the list")
    client.page.get_by_role("button", name=re.compile(r"^Import \d+ controls$")).click()
    client.sees("The list is in your library")
    client.is_fine()


def the_controls_are_taken(senior: Desk, engagement: str) -> None:
    """The senior takes the client's controls and looks where none answers."""
    senior.go(engagement)
    senior.tab("Controls")
    senior.press("Take controls")
    senior.press("Take the chosen")
    senior.page.get_by_text(re.compile(r"Controls: \d+ taken")).wait_for()
    senior.tab("Coverage")
    senior.page.get_by_role("region", name="Coverage matrix").wait_for()
    senior.is_fine()


def the_list_is_imported(senior: Desk) -> None:
    """Upload, columns, preview, import; then the client hears whom to invite."""
    senior.tab("Requests")
    senior.press("Import your list")
    senior.is_fine()
    with senior.page.expect_navigation(url=re.compile(r"/imports/[0-9a-f-]{36}/")):
        senior.page.set_input_files(
            "#upload-file",
            {"name": "PBC list.xlsx", "mimeType": XLSX, "buffer": wrenfield_list()},
        )
    senior.follow("Columns and dates")
    senior.is_fine()
    senior.follow("To the rows")
    take = senior.page.get_by_role("button", name=re.compile(r"^Import \d+ requests$"))
    take.wait_for()
    senior.is_fine()
    take.click()
    senior.page.get_by_text(re.compile(r"\d+ requests imported$")).first.wait_for()
    senior.follow("To the drafts")
    senior.follow("See who")
    senior.sees("The client knows")
    senior.is_fine()


def people_are_let_in(client: Desk, engagement: str) -> None:
    """The client's administrator invites those whom the list names."""
    client.go(f"{engagement}requests/people/")
    assert client.page.locator("input[name=email]:checked").count() > 5
    client.is_fine()
    client.press("Invite the chosen people")
    client.page.get_by_text(re.compile(r"\d+ invited")).first.wait_for()


def requests_are_released(senior: Desk, engagement: str) -> None:
    """What has an owner now is sent by the bulk bar, all at once."""
    senior.go(f"{engagement}requests/?view=drafts")
    senior.page.get_by_label("Owner", exact=True).select_option(label="Helen Park")
    senior.page.wait_for_url(re.compile(r"owner="))
    senior.page.get_by_label("Select all on this page").check()
    senior.press("Send to client")
    senior.page.get_by_text(re.compile(r"^\d+ requests sent to the client")).wait_for()
    senior.go(f"{engagement}requests/")
    senior.is_fine()


def open_request(desk: Desk, engagement: str, ref: str) -> None:
    """Find a request in the list and open its page."""
    desk.go(f"{engagement}requests/")
    desk.page.locator("tr[data-row]", has_text=ref).get_by_role("link").first.click()
    desk.page.locator(".tm-crumbs", has_text=ref).wait_for()


def the_owner_answers(owner: Desk, engagement: str) -> dict[str, bytes]:
    """Files dropped and submitted; returns their bytes by request."""
    sent = {ref: papers.pdf(f"Evidence for {ref}", "One page.") for ref in ANSWERED}
    for ref, content in sent.items():
        open_request(owner, engagement, ref)
        owner.page.get_by_text("Say which dates the files cover").click()
        owner.fill({"Covers from": "2025-10-01", "Covers to": "2026-09-30"})
        owner.drops(f"{ref} board.pdf", "application/pdf", content)
        owner.sees(f"{ref} board.pdf")
        owner.is_fine()
        owner.press("Submit to auditor")
        owner.press("Submit to auditor", inside=owner.dialog)
        owner.sees("Submitted to the auditor.")
    return sent


def the_senior_reviews(senior: Desk, engagement: str) -> None:
    """One comes back with a reason, the other is accepted."""
    returned = ANSWERED[-1]
    for ref in ANSWERED:
        open_request(senior, engagement, ref)
        senior.press("Begin review")
        senior.sees("You review it now.")
        if ref == returned:
            senior.is_fine()
            senior.press("Return")
            reason = {"What is wrong": "Incomplete", "What the client should do": "Add page two."}
            senior.fill(reason, inside=senior.dialog)
            senior.press("Return", inside=senior.dialog)
            senior.sees("Returned to the client.")
        else:
            senior.press("Accept")
            senior.press("Accept", inside=senior.dialog)
            senior.sees("Accepted.")


def the_package_comes(manager: Desk, engagement: str, folder: Path) -> Path:
    """Assembled while the manager watches, and downloaded."""
    manager.go(engagement)
    manager.tab("Package")
    manager.press("Assemble package")
    manager.page.get_by_role("progressbar").wait_for()
    download = manager.page.get_by_role("link", name="Download package 1")
    download.wait_for()
    manager.is_fine()
    with manager.page.expect_download() as awaited:
        download.click()
    path = folder / "package.zip"
    awaited.value.save_as(path)
    return path


def test_the_main_job_is_done_in_a_browser(browser: Browser, stack: Stack, tmp_path: Path) -> None:
    office = Office(browser, stack)
    manager, senior = the_firm_gathers(office)
    engagement = an_engagement_opens(manager)
    client = office.joined(f"dana.whitlock@{CLIENT_DOMAIN}", "Dana Whitlock")
    the_library_fills(client)
    the_word_is_given(senior)
    the_controls_are_taken(senior, engagement)
    the_list_is_imported(senior)
    people_are_let_in(client, engagement)
    owner = office.joined(f"{OWNER}@{CLIENT_DOMAIN}", "Helen Park")
    requests_are_released(senior, engagement)
    sent = the_owner_answers(owner, engagement)
    the_senior_reviews(senior, engagement)
    top = verified(the_package_comes(manager, engagement, tmp_path))
    for ref, content in sent.items():
        stored = [path.read_bytes() for path in (top / "30-evidence" / ref).iterdir()]
        assert content in stored, ref
    office.all_went_well()
