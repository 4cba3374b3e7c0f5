"""Bad input gets an error that names the place and the cure; nothing is half-imported."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from evidence.workbooks import cell_name
from tenants.rules.engagements import Terms
from tests import factories
from tests.evidence import workbook_makers as make
from tests.evidence.api.test_imports import handed_in, sent
from tests.evidence.import_helpers import csv_list, good_row, kept
from tests.programs import Program, program_of

SOC1 = Terms("SOC1", "T2", (), period_start=date(2025, 10, 1), period_end=date(2026, 9, 30))


@pytest.fixture
def lead(world: Any) -> Program:
    """A program of the engagement's manager."""
    factories.taken_controls(world)
    return program_of(world.lead, world.firm)


def renamed_xls(folder: Path) -> bytes:
    return make.xls(folder / "old").read_bytes()


def encrypted(folder: Path) -> bytes:
    return make.compound_file(
        {"EncryptionInfo": b"\x04" * 4096, "EncryptedPackage": b"\x99" * 9000}
    )


def huge(folder: Path) -> bytes:
    return make.raw_xlsx(folder / "huge", make.huge_sheet(200)).read_bytes()


def without_header(folder: Path) -> bytes:
    cells = ("".join(make.text_cell(cell_name(row, at), f"text {row} {at}") for at in range(5))
             for row in range(1, 9))  # fmt: skip
    return make.raw_xlsx(folder / "bare", make.sheet_xml(*cells)).read_bytes()


def ten_thousand_columns(folder: Path) -> bytes:
    far = "".join(f"<c r='{cell_name(8, column)}'><v>1</v></c>" for column in range(10_000))
    return make.raw_xlsx(folder / "wide", make.sheet_xml(*[""] * 7, far)).read_bytes()


def shared_strings_bomb(folder: Path) -> bytes:
    strings = (f'<sst xmlns="{make.MAIN}"><si><t>', "A" * 32_000, "</t></si></sst>")
    row = "".join(f'<c r="{cell_name(2, at)}" t="s"><v>0</v></c>' for at in range(200))
    rows = [row.replace('2"', f'{number}"') for number in range(2, 12)]
    return make.raw_xlsx(
        folder / "bomb", make.sheet_xml(make.header_cells(), *rows),
        extra={"xl/sharedStrings.xml": strings},
    ).read_bytes()  # fmt: skip


def picture(folder: Path) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"\0" * 600


@pytest.mark.parametrize(
    ("make_list", "name", "code", "place", "cure"),
    [
        (renamed_xls, "list.xlsx", "kind_differs_from_name", "XLS", "Rename"),
        (encrypted, "list.xlsx", "workbook_encrypted", "password", "clear the password"),
        (huge, "list.xlsx", "workbook_too_large", "xl/worksheets/sheet1.xml", "paste values only"),
        (without_header, "list.xlsx", "header_not_found", "“PBC List”", "Put one row of headings"),
        (ten_thousand_columns, "list.xlsx", "too_many_columns", "GS8", "“PBC List”"),
        (shared_strings_bomb, "list.xlsx", "text_too_large", "cell ", "“PBC List”"),
        (picture, "list.xlsx", "not_a_spreadsheet", "picture (PNG)", "as XLSX"),
        (lambda folder: b"", "list.xlsx", "file_empty", "The file is empty", "Save the list again"),
    ],
    ids=["an XLS renamed", "encrypted", "200 MB", "no header", "10,000 columns", "bomb", "picture",
         "empty"],
)  # fmt: skip
def test_a_file_that_is_no_list_is_refused_with_place_and_cure(
    world, lead, tmp_path, make_list, name, code, place, cure
):
    path = handed_in(lead, world, make_list(tmp_path), name)
    shown = lead.get(path).json()
    assert (shown["status"], shown["problem"]["code"]) == ("refused", code)
    for words in (place, cure):
        assert words in shown["problem"]["message"]
    assert shown["problem"]["message"].endswith(".")
    refused = lead.post(f"{path}import/")
    assert (refused.status_code, refused.json()["code"]) == (409, "import_not_ready")
    assert kept(world) == (0, 0)


def cells_of(number: int, due: str) -> str:
    """A row of the made list with its due date as given XML."""
    texts = (f"A-{number}", f"Policy {number}", "CC6.1", "LAC-01", "ann@client.example")
    cells = "".join(make.text_cell(cell_name(number, at), text) for at, text in enumerate(texts))
    return cells + due


@pytest.mark.parametrize(
    ("due", "plan", "code", "place", "cure"),
    [
        ('<c r="F2"><f>TODAY()+7</f></c>', "error", "formula_without_value", "F2",
         "paste it as a value"),
        ("<c r=\"F2\"><f>'[1]Other'!B2</f><v>46304</v></c>", "create", "external_link", "F2",
         "paste it as a value"),
        ('<c r="F2" t="e"><v>#REF!</v></c>', "error", "error_value", "F2", "paste it as a value"),
    ],
    ids=["a formula never calculated", "an external link", "an error value"],
)  # fmt: skip
def test_a_cell_in_trouble_is_named_with_its_cure(
    world, lead, tmp_path, due, plan, code, place, cure
):
    good = cells_of(3, make.text_cell("F3", "2026-10-09"))
    sheet = make.sheet_xml(make.header_cells(), cells_of(2, due), good)
    links = {"xl/externalLinks/externalLink1.xml": f'<externalLink xmlns="{make.MAIN}"/>'}
    content = make.raw_xlsx(tmp_path / "list.xlsx", sheet, extra=links).read_bytes()
    path = handed_in(lead, world, content)
    row = lead.get(f"{path}rows/").json()["results"][0]
    (said,) = [each for each in row["messages"] if each["code"] == code]
    assert (row["plan"], said["place"]) == (plan, place)
    assert cure in said["text"]
    assert "external_links" in [each["code"] for each in lead.get(path).json()["notices"]]
    wanted = 2 if plan == "create" else 1
    assert lead.post(f"{path}import/").json() == {"created": wanted, "updated": 0}


def test_a_criterion_in_a_soc_1_list_is_an_error_at_its_cell_rt_19(world):
    soc1 = factories.engagement(
        world.firm, world.client_organization, world.lead, terms=SOC1, title="SOC 1 2026"
    )
    world.engagement = soc1
    lead = program_of(world.lead, world.firm)
    rows = csv_list(good_row(1, controls=""), good_row(2, criteria="", controls=""))
    path = handed_in(lead, world, rows, "list.csv")
    first, second = lead.get(f"{path}rows/").json()["results"]
    said = first["messages"][0]
    assert (first["plan"], said["place"]) == ("error", "C2")
    assert "“CC6.1”" in said["text"]
    assert "control objective" in said["text"]
    chosen = [first["sheet_row"], second["sheet_row"]]
    assert lead.post(f"{path}import/", {"rows": chosen}).json()["code"] == "row_not_usable"
    assert kept(world) == (2, 0)


def test_a_list_over_the_limit_is_refused_before_it_is_kept(world, lead, settings):
    settings.LIST_LIMIT_BYTES = 1000
    answer = sent(lead, world, csv_list(*map(good_row, range(100))), "list.csv")
    assert answer.status_code in (400, 413)
    assert lead.get("request-imports/").json()["total"] == 0
