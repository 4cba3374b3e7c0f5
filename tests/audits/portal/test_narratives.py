"""Pages of narratives: checked as one writes, side by side, approved, proposed, out and in."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from audits.models import Control, ControlMapping, Narrative
from audits.models.narratives import NarrativeProposal
from tests.conftest import as_


def text(response):
    return response.content.decode()


@pytest.fixture
def control(world, filled):
    with as_(world.client, world.client_organization):
        return Control.objects.get(ref="ELC-01")


@pytest.fixture
def owner(browser_of):
    return browser_of("owner")


def of(name, *args):
    return reverse(f"audits:{name}", args=args)


def test_a_narrative_is_checked_as_it_is_written(administrator, control):
    said = text(administrator.post(of("library_check_one", control.pk), {"text": "We look."}))
    assert "It does not say when" in said
    assert "NR-04" in said
    page = text(administrator.get(of("library_narrative", control.pk)))
    assert f'hx-post="{of("library_check_one", control.pk)}"' in page


def test_it_is_checked_without_scripts_too_and_nothing_is_kept(world, administrator, control):
    form = {"text": "We look regularly.", "check": "1"}
    page = administrator.post(of("library_narrative", control.pk), form)
    assert page.status_code == 200
    assert "“regularly”" in text(page)
    assert "We look regularly." in text(page)
    with as_(world.client, world.client_organization):
        assert Narrative.objects.filter(control=control).count() == 1


def test_a_new_control_is_checked_by_what_its_form_says_so_far(administrator, control):
    half = {"narrative": "The CISO reviews all logs each month.", "owner_role": "CISO",
            "frequency": "monthly"}  # fmt: skip
    said = text(administrator.post(of("library_check"), half))
    assert "NR-02" not in said
    assert "NR-04" not in said
    assert "NR-05" in said
    whole = half | {"ref": "N-1", "title": "T", "nature": "manual", "type": "detective",
                    "check": "1"}  # fmt: skip
    page = administrator.post(of("library_add"), whole)
    assert "NR-05" in text(page)
    assert "N-1" not in text(administrator.get(of("library")))


def test_the_list_shows_what_is_missing_and_who_approved(administrator, owner, control):
    page = text(owner.get(of("narratives")))
    assert "One line is missing on why it answers to CC1.1" in page
    assert page.count("Not yet") == 3
    assert "Bring in a document" not in page
    owner.post(of("library_approve", control.pk), {"number": 1})
    page = text(administrator.get(of("narratives")))
    assert page.count("Not yet") == 2
    assert "Owner Person" in page
    assert "Bring in a document" in page


def test_versions_stand_side_by_side_for_both_sides(world, administrator, lead, control):
    assert "one version so far" in text(administrator.get(of("library_versions", control.pk)))
    told = {"text": "Told anew.", "effective_from": "2026-03-01"}
    administrator.post(of("library_narrative", control.pk), told)
    mine = of("library_versions", control.pk)
    theirs = of("client_control_versions", world.engagement.pk, control.pk)
    for page in (administrator.get(mine), lead.get(theirs)):
        assert "<ins>Told anew.</ins>" in text(page)
        assert "Each employee" in text(page)
    assert administrator.get(f"{mine}?before=9").status_code == 404


def test_so_08_approval_is_offered_to_a_second_person(administrator, owner, control):
    where = of("library_control", control.pk)
    assert of("library_approve", control.pk) not in text(administrator.get(where))
    assert of("library_approve", control.pk) in text(owner.get(where))
    refused = administrator.post(of("library_approve", control.pk), {"number": 1})
    assert "SO-08" in text(refused)
    assert owner.post(of("library_approve", control.pk), {"number": 1}).status_code == 302
    page = text(owner.get(where))
    assert "approved by Owner Person" in page
    assert of("library_approve", control.pk) not in page


def test_a_proposal_is_read_beside_the_present_text_and_taken(
    world, administrator, owner, lead, control
):
    page = text(owner.get(of("library_control", control.pk)))
    assert "Propose a text" in page
    assert (
        owner.post(of("library_propose", control.pk), {"text": "Told better."}).status_code == 302
    )
    with as_(world.client, world.client_organization):
        key = NarrativeProposal.objects.get().pk
    for where in ("/", of("library_control", control.pk), of("narratives")):
        assert of("proposal", key) in text(administrator.get(where))
    assert "<ins>Told better.</ins>" in text(administrator.get(of("proposal", key)))
    assert lead.get(of("proposal", key)).status_code == 404
    assert "proposes" not in text(lead.get(of("client_control", world.engagement.pk, control.pk)))
    assert owner.get(of("proposal_take", key)).status_code == 403
    empty = administrator.post(of("proposal_refuse", key), {"reason": "", "version": 1})
    assert empty.status_code == 400
    taken = administrator.post(of("proposal_take", key), {"version": 1}, follow=True)
    assert "told by version 2" in text(taken)


def test_a_refused_proposal_says_why(world, administrator, owner, control):
    owner.post(of("library_propose", control.pk), {"text": "Told better."})
    with as_(world.client, world.client_organization):
        key = NarrativeProposal.objects.get().pk
    why = {"reason": "It runs as it says.", "version": 1}
    administrator.post(of("proposal_refuse", key), why)
    assert "It runs as it says." in text(owner.get(of("proposal", key)))


@pytest.mark.parametrize(("name", "kind"), [("narratives_markdown", "md"),
                                            ("narratives_word", "docx")])  # fmt: skip
def test_a_document_goes_out_is_looked_at_and_comes_in(administrator, control, name, kind):
    out = administrator.get(of(name))
    assert f'filename="narratives.{kind}"' in out["Content-Disposition"]
    sent = {"file": SimpleUploadedFile(f"n.{kind}", out.content)}
    assert "nothing to bring in" in text(administrator.post(of("narratives_import"), sent))
    edited = b"## ELC-01 Code\n\nTold anew."
    sent = {"file": SimpleUploadedFile("n.md", edited)}
    preview = text(administrator.post(of("narratives_import"), sent))
    assert "Bring in 1 narrative" in preview
    done = administrator.post(of("narratives_import"), {"text": edited.decode()}, follow=True)
    assert "1 control told anew" in text(done)


def test_a_document_with_a_wrong_place_is_not_brought_in(administrator, control):
    wrong = {"file": SimpleUploadedFile("n.md", b"## ZZ-9 Nobody\n\nText.")}
    page = text(administrator.post(of("narratives_import"), wrong))
    assert "No control of yours has this id" in page
    assert "Bring in 1" not in page
    none = administrator.post(of("narratives_import"), {"file": SimpleUploadedFile("n.md", b"x")})
    assert none.status_code == 400
    assert "No narrative was found" in text(none)


def test_pages_of_narratives_are_the_clients_own(browser_of, lead, control):
    for name in ("narratives", "narratives_markdown", "narratives_import", "library_check"):
        assert lead.get(of(name)).status_code == 404
    for who in ("outsider", "rival"):
        assert browser_of(who).get(of("library_versions", control.pk)).status_code == 404
    assert browser_of("executive").get(of("narratives_markdown")).status_code == 403


def test_reasons_are_said_on_one_page(world, lead, control):
    where = of("mapping_reasons", world.engagement.pk)
    page = text(lead.get(where))
    assert "6 mappings without a reason" in page
    with as_(world.lead, world.firm):
        keys = [str(key) for key in ControlMapping.objects.values_list("pk", flat=True)]
    said = lead.post(where, {keys[0]: "It sets the tone."}, follow=True)
    assert "1 reason kept" in text(said)
    assert "5 mappings without a reason" in text(said)
    long = lead.post(where, dict.fromkeys(keys, "x" * 301))
    assert long.status_code == 400
    lead.post(where, dict.fromkeys(keys, "It fits."))
    assert "Nothing is open here" in text(lead.get(where))
