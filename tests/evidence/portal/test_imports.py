"""The import wizard as a person walks it, scripts or not."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from evidence.actions import import_reading, request_edits
from evidence.models import ImportRow, RequestImport
from tests import factories
from tests.conftest import as_
from tests.evidence.import_helpers import HEADINGS, SAMPLE, csv_list, good_row, kept

OTHER_WORDS = ("Kennung", "Was wir brauchen", "Kriterium", "Kontrolle", "Wer", "Bis wann", "Stufe")
HTMX = {"HX-Request": "true"}


def browser_of(person: Any) -> Client:
    """A browser in which somebody is signed in."""
    client = Client()
    client.force_login(person, "allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def lead(world: Any) -> Client:
    """The manager's browser, on an engagement with controls."""
    factories.taken_controls(world)
    return browser_of(world.lead)


def imports_of(world: Any) -> str:
    return f"/engagements/{world.engagement.pk}/imports/"


def handed_in(browser: Client, world: Any, content: bytes, name: str = "list.csv") -> str:
    """The address of a list that was handed in by the form, and read."""
    file = SimpleUploadedFile(name, content)
    answer = browser.post(f"{imports_of(world)}new/", {"file": file})
    assert answer.status_code == 302, answer.content.decode()
    read(world, answer.url)
    return str(answer.url)


def read(world: Any, url: str) -> None:
    """Do the worker's task for a list."""
    with as_(world.lead, world.firm):
        import_reading.read_now(RequestImport.objects.get(pk=url.rstrip("/").rpartition("/")[2]))


def text_of(browser: Client, url: str, status: int = 200) -> str:
    """The words of a page."""
    answer = browser.get(url, follow=True)
    assert answer.status_code == status
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_a_list_goes_from_the_file_to_the_drafts(world, lead):
    assert "No list yet" in text_of(lead, imports_of(world))
    url = handed_in(lead, world, SAMPLE.read_bytes(), SAMPLE.name)
    preview = text_of(lead, url)
    assert "Import 72 requests" in preview
    assert "10 people named here are not on the engagement yet" in preview
    assert "J25 The row has no due date" in preview
    assert "sam.ito@tallowbrook.example" in preview
    errors = text_of(lead, f"{url}?show=error")
    assert "Draft management assertion" not in errors
    done = lead.post(f"{url}import/", follow=True)
    assert "72 requests imported" in done.content.decode()
    assert kept(world)[1] == 72
    assert "16 in error" in text_of(lead, imports_of(world))
    again = handed_in(lead, world, SAMPLE.read_bytes(), SAMPLE.name)
    assert "Nothing to import" in text_of(lead, again)


def test_the_reading_is_watched_and_leads_where_the_person_is_needed(world, lead):
    file = SimpleUploadedFile("list.csv", csv_list(good_row(1)))
    url = lead.post(f"{imports_of(world)}new/", {"file": file}).url
    waiting = lead.get(url).content.decode()
    assert f'hx-get="{url}progress/"' in waiting
    assert "Reload to see how far it is" in waiting
    assert "tm-progress" in lead.get(f"{url}progress/", headers=HTMX).content.decode()
    read(world, url)
    assert lead.get(f"{url}progress/", headers=HTMX)["HX-Redirect"] == url
    odd = csv_list((*good_row(2), "x"), headings=(*HEADINGS, "Zimmer"))
    odd_url = handed_in(lead, world, odd)
    answer = lead.get(f"{odd_url}progress/", headers=HTMX)
    assert answer["HX-Redirect"] == f"{odd_url}columns/"


def test_ticks_are_kept_page_by_page_and_rule_what_is_imported(world, lead):
    url = handed_in(lead, world, csv_list(*map(good_row, range(1, 261))))
    first = lead.get(url).content.decode()
    assert first.count('name="shown"') == 200
    assert "200 of 260 rows" in " ".join(first.split())
    shown = [str(number) for number in range(2, 202)]
    answer = lead.post(f"{url}choose/", {"shown": shown, "selected": shown[5:]}, headers=HTMX)
    assert "Import 255 requests" in " ".join(answer.content.decode().split())
    assert "checked" not in re.search(r'value="2" aria[^>]*', lead.get(url).content.decode())[0]
    back = lead.post(
        f"{url}choose/", {"shown": "3", "selected": "3", "show": "create", "page": "2"}
    )
    assert back.url == f"{url}?show=create&page=2"
    second = [str(number) for number in range(202, 262)]
    lead.post(f"{url}import/", {"shown": second, "selected": second[1:]})
    assert kept(world)[1] == 255
    assert "Left out" in text_of(lead, url)


def test_rows_left_out_are_taken_again_at_once(world, lead):
    url = handed_in(lead, world, csv_list(good_row(1), good_row(2)))
    lead.post(f"{url}choose/", {"shown": ["2", "3"]})
    assert "Nothing to import" in text_of(lead, url)
    lead.post(f"{url}choose/", {"all": "1"})
    assert "Import 2 requests" in text_of(lead, url)


def test_unknown_words_are_mapped_by_pointing_at_the_header(world, lead):
    url = handed_in(lead, world, csv_list(good_row(1), headings=OTHER_WORDS))
    page = lead.get(url, follow=True)
    assert page.redirect_chain[-1][0] == f"{url}columns/"
    assert "Which row holds the headings?" in page.content.decode()
    assert lead.post(f"{url}columns/", {"at": "0:1"}).url == url
    read(world, url)
    mapping = text_of(lead, url)
    assert "No column is known to hold the text of the requests" in mapping
    assert "Was wir brauchen" in mapping
    refused = lead.post(
        f"{url}columns/", {"step": "columns", "column-0": "title", "column-1": "title"}
    )
    assert refused.status_code == 400
    assert "Two columns are marked as “Request”" in refused.content.decode()
    chosen = {"column-0": "ref", "column-1": "title", "column-4": "owner_email",
              "column-5": "due_on", "step": "columns", "order": ""}  # fmt: skip
    assert lead.post(f"{url}columns/", chosen).url == url
    read(world, url)
    assert "Import 1 request" in text_of(lead, url)
    later = handed_in(lead, world, csv_list(good_row(2), headings=OTHER_WORDS))
    assert "Import 1 request" in text_of(lead, later)


def test_dates_are_read_in_the_order_a_person_chooses(world, lead):
    url = handed_in(lead, world, csv_list(good_row(1, due_date="10/11/2026")))
    assert "Oct 11, 2026" in text_of(lead, url)
    columns = {f"column-{index}": name for index, name in enumerate(
        ("ref", "title", "criteria", "controls", "owner_email", "due_on", "priority"))}  # fmt: skip
    lead.post(f"{url}columns/", {**columns, "step": "columns", "order": "day"})
    read(world, url)
    assert "Nov 10, 2026" in text_of(lead, url)
    lead.post(f"{url}columns/", {"step": "suggested"})
    read(world, url)
    assert "Oct 11, 2026" in text_of(lead, url)


def test_what_a_list_changes_is_shown_before_and_after(world, lead):
    first = handed_in(lead, world, csv_list(good_row(1)))
    lead.post(f"{first}import/")
    url = handed_in(lead, world, csv_list(good_row(1, due_date="2026-11-06", priority="Low")))
    words = text_of(lead, url)
    assert "Due date Oct 9, 2026 Nov 6, 2026" in words
    assert "Priority high low" in words
    assert "Import 1 request" in words


def test_a_stale_preview_says_so_and_is_read_again_by_one_button(world, lead):
    url = handed_in(lead, world, csv_list(good_row(1), good_row(2)))
    with as_(world.lead, world.firm):
        request_edits.draft(world.engagement, {"ref": "A-0001", "title": "Mine"}, by=world.lead)
    refused = lead.post(f"{url}import/")
    assert refused.status_code == 409
    assert "The requests changed since this preview was made" in refused.content.decode()
    lead.post(f"{url}again/")
    read(world, url)
    lead.post(f"{url}import/")
    assert kept(world)[1] == 2


def test_a_refused_file_says_what_where_and_how_to_cure_it(world, lead):
    url = handed_in(lead, world, b"\x89PNG\r\n\x1a\n" + b"\0" * 600, "list.xlsx")
    words = text_of(lead, url)
    assert "The file is a picture (PNG)" in words
    assert "Hand in another file" in words
    assert "Nothing was imported" in words


def test_a_form_without_a_file_says_so(world, lead):
    page = lead.post(f"{imports_of(world)}new/", {})
    assert page.status_code == 400
    assert "Choose one file" in page.content.decode()
    script = lead.post(f"{imports_of(world)}new/", {}, headers={"Accept": "application/json"})
    assert script.json()["detail"].startswith("Choose one file")


def test_the_rows_to_correct_are_downloaded(world, lead):
    url = handed_in(lead, world, SAMPLE.read_bytes(), SAMPLE.name)
    answer = lead.get(f"{url}to-correct.csv")
    assert answer["Content-Type"].startswith("text/csv")
    assert "sample-pbc-list to correct.csv" in answer["Content-Disposition"]
    assert answer.content.startswith(b"\xef\xbb\xbfRef,")


def test_a_list_is_put_aside_and_cannot_be_imported_any_more(world, lead):
    url = handed_in(lead, world, csv_list(good_row(1)))
    assert "is put aside" in lead.post(f"{url}discard/", follow=True).content.decode()
    assert "This list was put aside" in text_of(lead, url)
    assert lead.get(f"{url}columns/").status_code == 409
    answer = lead.post(f"{url}import/", follow=True)
    assert "This list is discarded" in answer.content.decode()
    assert kept(world)[1] == 0


def test_the_client_and_strangers_find_no_import_page(world, lead):
    url = handed_in(lead, world, csv_list(good_row(1)))
    pages = [imports_of(world), f"{imports_of(world)}new/", url, f"{url}columns/",
             f"{url}progress/", f"{url}to-correct.csv"]  # fmt: skip
    for person in (world.client, world.owner, world.colleague, world.rival, world.outsider):
        browser = browser_of(person)
        assert [browser.get(page).status_code for page in pages] == [404] * len(pages)
        for verb in ("choose/", "import/", "again/", "discard/", "columns/"):
            assert browser.post(url + verb).status_code == 404
        file = SimpleUploadedFile("list.csv", csv_list(good_row(9)))
        assert browser.post(f"{imports_of(world)}new/", {"file": file}).status_code == 404
    assert kept(world) == (1, 0)


def test_a_quality_reviewer_looks_and_changes_nothing(world, lead):
    url = handed_in(lead, world, csv_list(good_row(1)))
    browser = browser_of(world.reviewer)
    words = text_of(browser, url)
    assert "Policy number 1" in words
    assert "Import 1 request" not in words
    assert browser.post(f"{url}import/").status_code == 403
    assert browser.post(f"{url}discard/").status_code == 403
    assert kept(world) == (1, 0)


def test_the_preview_costs_the_same_queries_for_ten_rows_and_two_hundred(world, lead):
    few = handed_in(lead, world, csv_list(*map(good_row, range(10))))
    many = handed_in(lead, world, csv_list(*map(good_row, range(200))))
    counts = []
    for url in (few, many):
        with CaptureQueriesContext(connection) as captured:
            lead.get(url)
        counts.append(len(captured))
    assert counts[0] == counts[1]
    with as_(world.lead, world.firm):
        assert ImportRow.objects.count() == 210
