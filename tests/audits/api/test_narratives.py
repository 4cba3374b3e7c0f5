"""Narratives through programs: checked, compared, approved, proposed, out and in."""

from __future__ import annotations

import pytest

from audits.api.narrative_documents import KINDS
from audits.models import Control
from audits.models.narratives import NarrativeProposal
from tests.conftest import as_
from tests.programs import program_of


@pytest.fixture
def owner(world):
    """A program of a control owner."""
    return program_of(world.owner, world.client_organization)


@pytest.fixture
def path(world, told):
    with as_(world.client, world.client_organization):
        return f"controls/{Control.objects.get(ref='ELC-01').pk}/"


def test_a_text_is_checked_without_being_kept(administrator, lead, path):
    score = administrator.post(f"{path}check/", {}).json()
    assert [one["rule"] for one in score["problems"] if one["level"] == "block"] == ["NR-14"]
    worse = administrator.post(f"{path}check/", {"text": "We review it regularly."}).json()
    assert worse["passed"] < score["passed"]
    assert worse["problems"][0]["level"] == "block"
    assert lead.post(f"{path}check/", {}).status_code == 403
    assert administrator.get(f"{path}narratives/").json()["total"] == 1


def test_two_versions_are_compared_by_both_sides(administrator, lead, outsider, path):
    administrator.post(f"{path}narrative/", {"text": "Told anew."})
    for program in (administrator, lead):
        found = program.get(f"{path}difference/?before=1&after=2").json()
        assert found["added"] == 2
        assert "".join(piece["text"] for piece in found["after"]) == "Told anew."
    assert lead.get(f"{path}difference/?before=1&after=7").status_code == 404
    assert lead.get(f"{path}difference/").json()["added"] == 2
    assert lead.get(f"{path}difference/?after=x").json()["field"] == "after"
    assert outsider.get(f"{path}difference/?before=1&after=2").status_code == 404


def test_so_08_a_version_is_approved_by_another(administrator, owner, lead, path):
    refused = administrator.post(f"{path}approve_narrative/", {"number": 1})
    assert (refused.status_code, refused.json()["code"]) == (409, "approver_is_writer")
    assert owner.post(f"{path}approve_narrative/", {"number": 2}).status_code == 412
    assert owner.post(f"{path}approve_narrative/", {"number": 1}).status_code == 200
    (version,) = lead.get(f"{path}narratives/").json()["results"]
    assert version["approved_by"] == "Owner Person"
    assert version["approved_at"]


def test_a_proposal_is_the_clients_own_until_it_is_taken(
    world, administrator, owner, lead, outsider, path
):
    body = {"text": "Told better.", "effective_from": "2026-03-01"}
    assert owner.post(f"{path}propose/", body).status_code == 201
    with as_(world.owner, world.client_organization):
        one = f"narrative-proposals/{NarrativeProposal.objects.get().pk}/"
    assert administrator.get(one).json()["text"] == "Told better."
    assert administrator.get("narrative-proposals/?status=proposed").json()["total"] == 1
    for program in (lead, outsider):
        assert program.get(one).status_code == 404
        assert program.get("narrative-proposals/").json()["total"] == 0
    assert owner.post(f"{one}take/", {}).status_code == 403
    assert administrator.post(f"{one}take/", {}).json()["status"] == "taken"
    assert administrator.post(f"{one}refuse/", {"reason": "No."}).status_code == 409
    assert lead.get(path).json()["narrative"] == "Told better."


def test_the_library_goes_out_and_in_as_a_document(administrator, owner, lead, path):
    out = owner.get("controls/narratives/")
    assert out["Content-Type"].startswith("text/markdown")
    assert out.content.startswith(b"# Control narratives")
    edited = out.content.replace(b"HRIS", b"People system")
    words = {"Content_Type": "text/markdown"}
    tried = administrator.post("controls/narratives/?dry_run=true", edited, **words).json()
    assert tried["dry_run"] is True
    assert [one["outcome"] for one in tried["changes"]].count("update") == 2
    assert owner.post("controls/narratives/", edited, **words).status_code == 403
    assert administrator.post("controls/narratives/", edited, **words).status_code == 200
    docx = owner.get("controls/narratives/?as=docx")
    assert docx.content.startswith(b"PK")
    kind = {"Content_Type": docx["Content-Type"]}
    again = administrator.post("controls/narratives/?dry_run=true", docx.content, **kind).json()
    assert {one["outcome"] for one in again["changes"]} == {"unchanged"}
    assert lead.get("controls/narratives/").status_code == 403
    assert owner.get("controls/narratives/?as=pdf").status_code == 400


@pytest.mark.parametrize("kind", ["text/markdown", KINDS["docx"]])
def test_an_empty_document_is_told_that_it_is_empty(administrator, kind):
    answer = administrator.post("controls/narratives/", b"", Content_Type=kind)
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"] == "application/problem+json"
