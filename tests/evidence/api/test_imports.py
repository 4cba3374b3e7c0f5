"""Request lists through programs: handed in, read by the worker's task, corrected, imported."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from evidence.actions import import_reading
from evidence.models import RequestImport
from tests import factories
from tests.conftest import as_
from tests.evidence.import_helpers import CLEAN, SAMPLE, csv_list, good_row, kept
from tests.programs import Program, program_of

LISTS = "request-imports/"


@pytest.fixture
def lead(world: Any) -> Program:
    """A program of the engagement's manager, on an engagement with controls."""
    factories.taken_controls(world)
    return program_of(world.lead, world.firm)


def sent(
    program: Program, world: Any, content: bytes, name: str = "list.xlsx", **headers: str
) -> Any:
    """The answer to a list that is handed in."""
    file = SimpleUploadedFile(name, content)
    body = encode_multipart(BOUNDARY, {"engagement": str(world.engagement.pk), "file": file})
    return program.post(LISTS, body, Content_Type=MULTIPART_CONTENT, **headers)


def read(world: Any, path: str) -> None:
    """Do the worker's task for a list."""
    with as_(world.lead, world.firm):
        import_reading.read_now(RequestImport.objects.get(pk=path.rstrip("/").rpartition("/")[2]))


def handed_in(program: Program, world: Any, content: bytes, name: str = "list.xlsx") -> str:
    """The address of a list that was handed in and read."""
    answer = sent(program, world, content, name)
    assert answer.status_code == 201, answer.json()
    assert answer.json()["status"] == "reading"
    read(world, answer["Location"])
    return str(answer["Location"])


def test_a_program_hands_a_list_in_checks_its_rows_and_imports_them(world, lead):
    path = handed_in(lead, world, SAMPLE.read_bytes(), SAMPLE.name)
    shown = lead.get(path).json()
    assert (shown["status"], shown["counts"]["create"], shown["sheet"]) == ("ready", 72, "PBC List")
    errors = lead.get(f"{path}rows/?plan=error&limit=200").json()
    assert errors["total"] == shown["counts"]["error"] == len(errors["results"])
    assert errors["results"][0]["messages"][0]["place"] == "J25"
    page = lead.get(f"{path}rows/?limit=50").json()
    assert lead.get(page["next"]).json()["results"][0]["sheet_row"] > 50
    assert lead.get(f"{path}rows/?plan=some").json()["field"] == "plan"

    refused = lead.post(f"{path}import/", {"rows": [10, 25]})
    assert (refused.status_code, refused.json()["code"]) == (400, "row_not_usable")
    assert lead.post(f"{path}import/", {"rows": [10, 11]}).json() == {"created": 2, "updated": 0}
    again = lead.post(f"{path}import/")
    assert (again.status_code, again.json()["code"]) == (409, "import_not_ready")
    second = handed_in(lead, world, SAMPLE.read_bytes(), SAMPLE.name)
    assert lead.get(second).json()["counts"]["skip"] == 2
    assert lead.post(f"{second}import/", {}).json() == {"created": 70, "updated": 0}
    assert lead.get(f"{LISTS}?status=done").json()["total"] == 2


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_what_is_exported_is_imported_unchanged(world, lead, kind):
    path = handed_in(lead, world, CLEAN.read_bytes())
    lead.post(f"{path}import/")
    answer = lead.get(f"evidence-requests/export/?engagement={world.engagement.pk}&as={kind}")
    assert answer.status_code == 200
    assert f".{kind}" in answer["Content-Disposition"]
    back = lead.get(handed_in(lead, world, answer.content, f"back.{kind}")).json()
    assert back["counts"]["skip"] == kept(world)[1] == 72
    assert (back["counts"]["create"], back["counts"]["update"]) == (0, 0)


def test_an_export_is_of_what_one_sees_and_names_what_it_needs(world, lead):
    outsider = program_of(world.outsider, world.other_client)
    here = f"evidence-requests/export/?engagement={world.engagement.pk}"
    assert outsider.get(here).status_code == 404
    assert lead.get("evidence-requests/export/").json()["field"] == "engagement"
    assert lead.get(f"{here}&as=pdf").json()["field"] == "as"
    client = program_of(world.client, world.client_organization)
    path = handed_in(lead, world, csv_list(good_row(1)), "list.csv")
    lead.post(f"{path}import/")
    rows = list(csv.reader(io.StringIO(client.get(f"{here}&as=csv").content.decode("utf-8-sig"))))
    assert len(rows) == 1  # its headings: a draft is the firm's alone


def test_a_program_says_how_a_list_is_to_be_read(world, lead):
    path = handed_in(lead, world, csv_list(good_row(1, due_date="10/11/2026")), "list.csv")
    told = lead.post(f"{path}read-again/", {"day_first": True})
    assert (told.status_code, told.json()["status"]) == (200, "reading")
    read(world, path)
    (row,) = lead.get(f"{path}rows/").json()["results"]
    assert row["fields_read"]["due_on"] == "2026-11-10"
    mapping = {"0": "ref", "1": "title", "2": "criteria"}
    lead.post(f"{path}read-again/", {"mapping": mapping})
    read(world, path)
    shown = lead.get(path).json()
    assert (shown["mapping"], shown["day_first"]) == (mapping, True)
    for body, field in (
        ({"mapping": {"A": "ref"}}, "mapping"), ({"mapping": {"0": "colour"}}, "mapping"),
        ({"sheet": "Nowhere"}, "sheet"), ({"header_row": 0}, "header_row"),
    ):  # fmt: skip
        answer = lead.post(f"{path}read-again/", body)
        assert (answer.status_code, answer.json()["field"].partition(".")[0]) == (400, field)


def test_a_list_is_put_aside(world, lead):
    path = handed_in(lead, world, csv_list(good_row(1)), "list.csv")
    assert lead.post(f"{path}discard/").json()["status"] == "discarded"
    assert lead.post(f"{path}import/").status_code == 409
    assert lead.post(f"{path}discard/").json()["code"] == "import_over"


def test_the_same_key_hands_a_list_in_once(world, lead):
    first = sent(lead, world, csv_list(good_row(1)), "list.csv", Idempotency_Key="one-list-only-1")
    second = sent(lead, world, csv_list(good_row(1)), "list.csv", Idempotency_Key="one-list-only-1")
    assert first.json() == second.json()
    assert lead.get(LISTS).json()["total"] == 1


def test_only_the_firm_on_the_engagement_reaches_a_list(world, lead):
    path = handed_in(lead, world, csv_list(good_row(1)), "list.csv")
    for who, organization in (
        (world.client, world.client_organization), (world.colleague, world.firm),
        (world.rival, world.other_firm), (world.outsider, world.other_client),
    ):  # fmt: skip
        program = program_of(who, organization)
        assert program.get(path).status_code == 404
        assert program.get(f"{path}rows/").status_code == 404
        assert program.get(LISTS).json()["total"] == 0
        for verb in ("read-again", "import", "discard"):
            assert program.post(f"{path}{verb}/", {}).status_code == 404
    assert sent(program_of(world.client, world.client_organization), world, b"x").status_code == 403
    assert sent(program_of(world.colleague, world.firm), world, b"x").status_code == 400
    reviewer = program_of(world.reviewer, world.firm)
    assert reviewer.get(path).status_code == 200
    assert reviewer.post(f"{path}import/", {}).status_code == 403
    assert kept(world) == (1, 0)


def test_a_body_without_a_file_or_of_another_kind_is_refused(world, lead):
    asked = {"engagement": str(world.engagement.pk)}
    assert lead.post(LISTS, asked).json()["field"] == "file"
    body = encode_multipart(BOUNDARY, {**asked, "file": "no file"})
    assert lead.post(LISTS, body, Content_Type=MULTIPART_CONTENT).status_code == 400
    assert lead.post(LISTS, b"x", Content_Type="application/zip").status_code == 415
    assert lead.get(LISTS).json()["total"] == 0
