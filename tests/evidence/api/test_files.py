"""Files through programs: who sees them, their dates, their uses, their bytes."""

from __future__ import annotations

import hashlib
from uuid import uuid4

from drf_spectacular.generators import SchemaGenerator

from evidence import downloads
from evidence.models import EvidenceLink, FileVersion
from tenants.models import TrailEntry
from tests.conftest import as_
from tests.evidence import requests as at
from tests.evidence.api.conftest import CLIENT
from tests.evidence.requests import MIB, PLAIN, files_of, stored


def test_foreign_files_are_absent_acc_04(world, programs):
    row = at.submitted(world)
    with as_(world.client, world.client_organization):
        link = EvidenceLink.objects.get(evidence_request=row)
    for who in ("rival", "outsider", "colleague", "contributor"):
        program = programs[who]
        for link_id, version_id in ((link.pk, link.file_version_id), (uuid4(), uuid4())):
            answers = [
                program.get(f"evidence-links/{link_id}/"),
                program.get(f"evidence-links/{link_id}/download/"),
                program.patch(f"evidence-links/{link_id}/", {"covers_to": None}, If_Match='"1"'),
                program.delete(f"evidence-links/{link_id}/", If_Match='"1"'),
                program.post(f"evidence-links/{link_id}/withdraw/", {"note": "x"}),
                program.get(f"file-versions/{version_id}/"),
                program.post(files_of(row), b"x", **PLAIN),
            ]
            assert {each.status_code for each in answers} == {404}
        assert program.get(f"evidence-links/?evidence_request={row.pk}").json()["total"] == 0
        linking = program.post(
            "evidence-links/",
            {"evidence_request": str(row.pk), "file_version": str(link.file_version_id)},
        )
        assert linking.status_code == 400


def test_the_firm_sees_a_file_once_it_is_handed_over_ac_03(world, programs):
    row = at.started(world)
    listing = f"evidence-links/?evidence_request={row.pk}"
    mine = programs["owner"].get(listing).json()["results"]
    assert [each["handed_over_at"] for each in mine] == [None]
    assert programs["lead"].get(listing).json()["total"] == 0
    assert programs["lead"].get(f"evidence-links/{mine[0]['id']}/").status_code == 404
    version = mine[0]["file_version"]["id"]
    assert programs["lead"].get(f"file-versions/{version}/").status_code == 404
    programs["owner"].post(f"evidence-requests/{row.pk}/submit/")
    assert programs["lead"].get(f"{listing}&handed_over=true").json()["total"] == 1
    assert programs["lead"].get(f"file-versions/{version}/").json()["answers"][0]["ref"] == row.ref


def test_whoever_reads_a_request_without_answering_it_adds_nothing(world, programs):
    row = at.sent(world)
    for who in ("lead", "executive"):
        refused = programs[who].post(files_of(row), b"x", **PLAIN)
        assert refused.status_code == 403
    assert stored() == []


def test_dates_are_set_at_the_version_that_was_read(world, programs):
    row = at.started(world)
    owner = programs["owner"]
    link = owner.get(f"evidence-links/?evidence_request={row.pk}").json()["results"][0]
    place = f"evidence-links/{link['id']}/"
    assert owner.patch(place, {"covers_to": "2026-06-30"}).status_code == 428
    changed = owner.patch(place, {"covers_to": "2026-06-30"}, If_Match='"1"')
    assert (changed.status_code, changed["ETag"]) == (200, '"2"')
    assert changed.json()["version"] == 2
    assert changed.json()["file_version"]["covers_to"] == "2026-06-30"
    assert owner.patch(place, {"covers_to": None}, If_Match='"1"').status_code == 412
    assert owner.patch(place, {"name": "x"}, If_Match='"2"').status_code == 400
    assert owner.delete(place, If_Match='"1"').status_code == 412
    assert owner.delete(place, If_Match='"2"').status_code == 204
    assert owner.get(place).status_code == 404


def test_one_file_answers_another_request_and_duplicates_are_told(world, programs):
    row, other = at.started(world), at.sent(world, title="Another")
    owner = programs["owner"]
    link = owner.get(f"evidence-links/?evidence_request={row.pk}").json()["results"][0]
    asked = {"evidence_request": str(other.pk), "file_version": link["file_version"]["id"]}
    assert owner.post("evidence-links/", asked).status_code == 201
    assert owner.post(files_of(other, "name=copy.csv"), at.CSV, **PLAIN).status_code == 201
    shown = owner.get(f"file-versions/{link['file_version']['id']}/").json()
    assert [each["ref"] for each in shown["answers"]] == [row.ref, other.ref]
    assert [each["ref"] for each in shown["duplicate_of"]] == [other.ref]


def test_a_withdrawn_file_leaves_hash_and_reason_and_is_not_given_out(world, programs):
    row = at.submitted(world)
    owner = programs["owner"]
    link = owner.get(f"evidence-links/?evidence_request={row.pk}").json()["results"][0]
    place = f"evidence-links/{link['id']}/"
    assert owner.post(f"{place}withdraw/", {}).status_code == 400
    gone = owner.post(f"{place}withdraw/", {"note": "Wrong client's data."}).json()
    assert gone["file_version"]["erased_reason"] == "Wrong client's data."
    assert gone["file_version"]["sha256"] == link["file_version"]["sha256"]
    refused = programs["auditor"].get(f"{place}download/")
    assert (refused.status_code, refused.json()["code"]) == (409, "file_erased")


def test_a_download_is_whole_or_one_range_and_in_the_chain_of_custody(world, programs):
    row, owner, auditor = at.sent(world), programs["owner"], programs["auditor"]
    made = owner.post(files_of(row, "name=Zugänge.csv"), MIB, Content_Type="text/csv")
    owner.post(f"evidence-requests/{row.pk}/submit/")
    place = f"{made['Location']}download/"
    whole = auditor.get(place, Accept="text/csv")
    assert b"".join(whole.streaming_content) == MIB
    assert (whole.status_code, whole["ETag"]) == (200, f'"{hashlib.sha256(MIB).hexdigest()}"')
    assert whole["Content-Disposition"].startswith("attachment;")
    assert whole["Cache-Control"] == "private, no-store"
    part = auditor.get(place, Range="bytes=10-19")
    assert (part.status_code, b"".join(part.streaming_content)) == (206, MIB[10:20])
    assert part["Content-Range"] == f"bytes 10-19/{len(MIB)}"
    assert auditor.get(place, Range="bytes=9999999-").status_code == 416
    assert auditor.send("HEAD", place)["Content-Length"] == str(len(MIB))
    with as_(world.auditor, world.firm):
        assert TrailEntry.objects.filter(verb="downloaded", subject_id=row.pk).count() == 3


def test_a_cookie_uploads_nothing_api_3(world, client):
    row = at.sent(world)
    client.force_login(world.owner)
    refused = client.generic("POST", f"/api/v1/{files_of(row)}", b"x", "text/plain")
    assert refused.status_code == 401
    assert stored() == []


def test_no_answer_of_the_client_names_the_store(world, programs):
    row = at.submitted(world)
    with as_(world.owner, world.client_organization):
        key = FileVersion.objects.get().storage_key
    for who in ("lead", *CLIENT[:2]):
        for place in (f"evidence-links/?evidence_request={row.pk}",
                      f"evidence-requests/{row.pk}/history/"):  # fmt: skip
            assert key.encode() not in programs[who].get(place).content


def test_the_schema_names_every_kind_a_file_may_come_as_api_10():
    """A program that reads the schema expects a PDF as a PDF."""
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    told = paths["/api/v1/evidence-links/{id}/download/"]["get"]["responses"]
    for status in ("200", "206"):
        assert set(told[status]["content"]) == {*downloads.LISTED, downloads.GENERIC}
