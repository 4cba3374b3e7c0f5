"""The library through programs: read by both sides, written by the client alone."""

from __future__ import annotations

import pytest

from audits.models import Control
from tests.audits.helpers import SAMPLE
from tests.conftest import as_

NEW = {
    "ref": "NEW-1", "title": "A new control", "narrative": "Told well.", "owner_role": "CISO",
    "frequency": "monthly", "nature": "manual", "type": "detective", "systems": ["HRIS"],
    "criteria": ["CC6.1"], "objectives": ["CO-01"], "evidence": ["A list"],
}  # fmt: skip
CSV = {"Content_Type": "text/csv"}


def first(program, path):
    return program.get(path).json()["results"][0]


def test_the_catalog_is_read_by_everybody_and_written_by_nobody(lead, outsider):
    for program in (lead, outsider):
        assert program.get("criteria/").json()["total"] == 61
        assert program.get("criteria/?common=true&series=CC6").json()["total"] == 8
        assert program.get("description-criteria/?report_type=SOC2").json()["total"] > 8
        assert program.get("catalog-objectives/?search=access").json()["total"] > 1
        assert program.get("criteria/CC6.1/").json()["series"] == "CC6"
    assert lead.post("criteria/", {}).status_code == 405
    assert lead.get("criteria/XX1/").status_code == 404


def test_both_sides_read_the_library_and_others_nothing(lead, administrator, outsider, told):
    for program in (lead, administrator):
        page = program.get("controls/?ordering=ref").json()
        assert [row["ref"] for row in page["results"]] == ["ELC-01", "ELC-02", "ELC-03"]
        row = page["results"][0]
        assert row["narrative"].startswith("Each employee")
        assert row["criteria"] == [
            {"criterion": "CC1.1", "rationale": ""},
            {"criterion": "CC1.5", "rationale": ""},
        ]
        assert program.get(f"controls/{row['id']}/").json() == row
        assert program.get("systems/").json()["total"] > 2
    foreign = outsider.get(f"controls/{row['id']}/")
    absent = outsider.get(f"controls/{row['client']}/")
    assert foreign.status_code == absent.status_code == 404
    assert foreign.json()["detail"] == absent.json()["detail"]
    for path in ("controls/", "systems/", "objectives/"):
        assert outsider.get(path).json()["total"] == 0


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("criterion=CC1.2", 1),
        ("objective=CO-01", 0),
        ("frequency=quarterly", 2),
        ("nature=automated", 0),
        ("retired=true", 0),
        ("retired=false", 3),
        ("search=elc-03", 1),
        ("ref=ELC-02", 1),
    ],
)
def test_controls_are_filtered_by_listed_names(administrator, told, query, count):
    assert administrator.get(f"controls/?{query}").json()["total"] == count


def test_an_unknown_filter_is_refused(administrator, told):
    assert administrator.get("controls/?client__name=x").status_code == 400


def test_the_client_adds_edits_and_retires_a_control(administrator):
    added = administrator.post("controls/", NEW)
    assert added.status_code == 201, added.content
    path, tag = added["Location"], added["ETag"]
    assert added.json()["objectives"] == [{"objective": "CO-01", "rationale": ""}]
    assert administrator.post("controls/", NEW).json()["code"] == "control_ref_taken"
    assert administrator.patch(path, {"title": "x"}).status_code == 428
    changed = administrator.patch(path, {"narrative": "Told anew.", "criteria": []}, If_Match=tag)
    assert changed.json()["narrative_number"] == 2
    assert changed.json()["criteria"] == []
    assert administrator.patch(path, {"title": "x"}, If_Match=tag).status_code == 412
    bad = administrator.patch(path, {"frequency": "often"}, If_Match=changed["ETag"])
    assert bad.status_code == 400
    told = administrator.post(
        f"{path}narrative/", {"text": "A third time.", "effective_from": "2026-01-01"}
    )
    assert told.json()["narrative_number"] == 3
    versions = administrator.get(f"{path}narratives/").json()["results"]
    assert [version["number"] for version in versions] == [3, 2, 1]
    why = administrator.post(f"{path}say_why/", {"to": "CO-01", "rationale": "It grants."})
    assert why.json()["objectives"] == [{"objective": "CO-01", "rationale": "It grants."}]
    gone = administrator.post(f"{path}retire/", {"on": "2026-06-30"})
    assert gone.json()["retired_on"] == "2026-06-30"
    assert administrator.post(f"{path}retire/", {"on": "2026-06-30"}).status_code == 409
    assert administrator.post(f"{path}bring_back/").json()["retired_on"] is None


def test_the_firm_reads_and_may_not_write(lead, told):
    row = first(lead, "controls/")
    path, tag = f"controls/{row['id']}/", {"If_Match": f'"{row["version"]}"'}
    system, objective = first(lead, "systems/"), {"ref": "X", "group": "itgc", "domain": "x"}
    for answer in (
        lead.post("controls/", NEW),
        lead.patch(path, {"title": "Ours"}, **tag),
        lead.post(f"{path}narrative/", {"text": "Ours."}),
        lead.post(f"{path}retire/", {"on": "2026-06-30"}),
        lead.post(f"{path}say_why/", {"to": "CC1.1", "rationale": "Ours."}),
        lead.post("controls/import/", SAMPLE.read_bytes(), **CSV),
        lead.post("controls/import/?dry_run=true", SAMPLE.read_bytes(), **CSV),
        lead.post("systems/", {"name": "Ours"}),
        lead.patch(f"systems/{system['id']}/", {"name": "Ours"}, If_Match='"1"'),
        lead.post("objectives/", {**objective, "title": "x", "text": "x"}),
        lead.post("objectives/adopt/", {"identifiers": ["CO-01"]}),
    ):
        assert answer.status_code == 403, answer.content


def test_another_client_finds_nothing_to_write(world, outsider, told):
    with as_(world.client, world.client_organization):
        control = Control.objects.get(ref="ELC-01")
        system = control.systems.get()
    for answer in (
        outsider.patch(f"controls/{control.pk}/", {"title": "Theirs"}, If_Match='"1"'),
        outsider.post(f"controls/{control.pk}/narrative/", {"text": "Theirs."}),
        outsider.post(f"controls/{control.pk}/retire/", {"on": "2026-06-30"}),
        outsider.patch(f"systems/{system.pk}/", {"name": "Theirs"}, If_Match='"1"'),
        outsider.get(f"controls/{control.pk}/narratives/"),
    ):
        assert answer.status_code == 404


def test_a_list_is_tried_then_imported_once(world, administrator):
    tried = administrator.post("controls/import/?dry_run=true", SAMPLE.read_bytes(), **CSV)
    assert tried.status_code == 200, tried.content
    told = tried.json()
    assert (told["dry_run"], told["created"], told["problems"]) == (True, 84, [])
    assert told["changes"][0]["outcome"] == "create"
    assert "test_procedure_design" in told["notices"][0]
    assert administrator.get("controls/").json()["total"] == 0
    for created, unchanged in ((84, 0), (0, 84)):
        done = administrator.post("controls/import/", SAMPLE.read_bytes(), **CSV).json()
        assert (done["created"], done["unchanged"]) == (created, unchanged)
    assert administrator.get("controls/?limit=200").json()["total"] == 84


def test_a_bad_list_imports_nothing_and_says_where(administrator):
    bad = SAMPLE.read_bytes().replace(b"CC1.1;CC1.5", b"CC1.1;CC1.9", 1)
    tried = administrator.post("controls/import/?dry_run=true", bad, **CSV).json()
    (problem,) = tried["problems"]
    assert (problem["row"], problem["column"], problem["code"]) == (
        2, "criteria", "unknown_criterion",
    )  # fmt: skip
    refused = administrator.post("controls/import/", bad, **CSV)
    assert refused.status_code == 400
    assert refused.json()["code"] == "unknown_criterion"
    assert administrator.get("controls/").json()["total"] == 0
    assert administrator.post("controls/import/", b"PK\x03\x04", **CSV).json()["code"] == (
        "list_is_a_workbook"
    )
    assert administrator.post("controls/import/", {"a": 1}).status_code == 415


@pytest.mark.parametrize("query", ["", "?dry_run=true"])
@pytest.mark.parametrize("kind", ["text/csv", "application/json"])
@pytest.mark.parametrize("body", [None, b" \r\n"])
def test_a_list_without_a_word_is_refused_with_the_cure(administrator, query, kind, body):
    refused = administrator.post(f"controls/import/{query}", body, Content_Type=kind)
    if body and kind != "text/csv":
        assert refused.status_code == 415
        return
    assert refused.status_code == 400, refused.content
    problem = refused.json()
    assert (problem["code"], problem["field"]) == ("list_empty", "file")
    assert "with its header" in problem["detail"]
    listed = administrator.post(f"controls/import/{query}", SAMPLE.read_bytes(), **CSV)
    assert listed.json()["created"] == 84


def test_objectives_and_systems_are_kept_by_the_client(administrator):
    adopted = administrator.post("objectives/adopt/", {"identifiers": ["CO-01", "CO-14"]})
    assert [one["ref"] for one in adopted.json()] == ["CO-01", "CO-14"]
    one = adopted.json()[0]
    changed = administrator.patch(
        f"objectives/{one['id']}/", {"text": "In our words."}, If_Match='"1"'
    )
    assert (changed.json()["text"], changed.json()["title"]) == ("In our words.", one["title"])
    system = administrator.post("systems/", {"name": "Vault"})
    renamed = administrator.patch(
        system["Location"], {"name": "The vault"}, If_Match=system["ETag"]
    )
    assert renamed.json()["name"] == "The vault"


def test_lists_cost_the_same_for_one_row_and_for_many(
    administrator, told, django_assert_max_num_queries
):
    with django_assert_max_num_queries(16):
        assert administrator.get("controls/?limit=1").json()["total"] == 3
    administrator.post("controls/import/", SAMPLE.read_bytes(), **CSV)
    with django_assert_max_num_queries(16):
        assert len(administrator.get("controls/?limit=200").json()["results"]) == 84
