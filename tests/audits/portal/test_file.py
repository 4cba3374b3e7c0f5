"""The pages of the firm's file: what is open, papers, signatures, notes; and who sees none."""

from __future__ import annotations

import pytest
from django.urls import reverse

from audits.models.sign_offs import PaperOpened, ReviewNote, SignOff
from audits.models.workpapers import Workpaper
from grc.sample.cures.file import SAYS
from tests import factories
from tests.conftest import as_

SENT = {"csrfmiddlewaretoken": "as every form sends one"}


def text(response):
    return response.content.decode()


def where(name, world, *args):
    return reverse(f"audits:{name}", args=[world.engagement.pk, *args])


def write(browser, world, kind="conflict_check", **more):
    said = {f"of_{name}": value for name, value in SAYS.get(kind, {}).items()}
    return browser.post(where("workpaper_new", world, kind), {**SENT, **said, **more})


def only(world, model):
    with as_(world.lead, world.firm):
        return model.objects.get()


@pytest.mark.parametrize(
    ("who", "status"),
    [("lead", 200), ("reviewer", 200), ("client", 404), ("owner", 404), ("executive", 404),
     ("outsider", 404), ("colleague", 404)],
)  # fmt: skip
def test_the_file_and_what_is_open_are_the_firm_s_alone(world, browser_of, who, status):
    open_page = reverse("tenants:engagement_open", args=[world.engagement.pk])
    browser = browser_of(who)
    for page in (where("file", world), open_page):
        assert browser.get(page).status_code == status


def test_an_empty_file_says_where_to_begin_and_an_open_list_leads_there(world, lead):
    assert "No paper yet" in text(lead.get(where("file", world)))
    factories.moved_to(world, "acceptance")
    page = text(lead.get(reverse("tenants:engagement_open", args=[world.engagement.pk])))
    assert "There is no paper “Conflict check” yet." in page
    assert where("workpaper_new", world, "conflict_check") in page


def test_a_paper_is_written_signed_asked_about_answered_and_cleared(world, browser_of):
    senior, lead, auditor = (browser_of(who) for who in ("senior", "lead", "auditor"))
    refused = write(auditor, world, of_searched="")
    assert refused.status_code == 400
    assert "Fill in “What was searched”." in text(refused)
    address = write(auditor, world)["Location"]
    assert "Sign as prepared" in text(auditor.get(address))
    assert auditor.post(address + "opened/", SENT).status_code == 204
    seen = only(world, PaperOpened).content_hash
    form = {**SENT, "level": "prepared", "seen": seen}
    assert auditor.post(address + "sign/", {**form, "seen": "0" * 64}).status_code == 412
    assert auditor.post(address + "sign/", form).status_code == 302
    again = auditor.post(address + "sign/", {**form, "level": "nonsense"})
    assert (again.status_code, "no level" in text(again)) == (400, True)
    assert "Sign as reviewed" in text(senior.get(address))
    assert "Waits to be reviewed." in text(auditor.get(address))
    assert senior.post(address + "notes/", {**SENT, "text": " "}).status_code == 400
    assert senior.post(address + "notes/", {**SENT, "text": "Which years?"}).status_code == 302
    note = only(world, ReviewNote)
    assert "Answer the note on" in text(auditor.get(reverse("tenants:home")))
    answer = where("note_answer", world, note.pk)
    assert auditor.post(answer, {**SENT, "text": "The last five."}).status_code == 302
    assert lead.post(where("note_clear", world, note.pk), SENT).status_code == 302
    shown = text(senior.get(address))
    assert all(words in shown for words in ("Which years?", "The last five.", "Cleared"))


def test_a_changed_paper_shows_what_changed_and_ones_own_signature_goes_back(world, browser_of):
    auditor, senior = browser_of("auditor"), browser_of("senior")
    address = write(auditor, world)["Location"]
    auditor.post(address + "opened/", SENT)
    seen = only(world, PaperOpened).content_hash
    auditor.post(address + "sign/", {**SENT, "level": "prepared", "seen": seen})
    paper = only(world, Workpaper)
    edit = where("workpaper_edit", world, paper.pk)
    said = {f"of_{name}": value for name, value in SAYS["conflict_check"].items()}
    changed = {**SENT, **said, "title": paper.title, "text": "Also vendors.", "version": "1"}
    assert senior.post(edit, changed).status_code == 302
    assert senior.post(edit, changed).status_code == 412
    signature = only(world, SignOff)
    page = text(senior.get(where("difference", world, signature.pk)))
    assert "Also vendors." in page
    back = where("take_signature_back", world, signature.pk)
    assert senior.post(back, {**SENT, "reason": "Not mine."}).status_code == 403
    assert auditor.post(back, {**SENT, "reason": "Too early."}).status_code == 302
    assert "Sign as prepared" in text(auditor.get(address))


def test_several_papers_are_signed_at_once_after_each_was_opened(world, browser_of):
    auditor = browser_of("auditor")
    addresses = [write(auditor, world, "other", title=f"Paper {n}")["Location"] for n in (1, 2)]
    page = text(auditor.get(where("file", world)))
    assert page.count('form="sign-other"') == 2
    keys = [address.rstrip("/").rpartition("/")[2] for address in addresses]
    form = {**SENT, "level": "prepared", "papers": keys}
    many = where("sign_many", world, "other")
    assert auditor.post(many, form).status_code == 409
    for address in addresses:
        auditor.post(address + "opened/", SENT)
    assert auditor.post(many, {**form, "papers": []}).status_code == 409
    assert auditor.post(many, form).status_code == 302
    with as_(world.lead, world.firm):
        assert SignOff.objects.count() == 2
