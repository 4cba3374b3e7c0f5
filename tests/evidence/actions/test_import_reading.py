"""How a list is understood, corrected and remembered: sheets, headers, columns, dates, kinds."""

from __future__ import annotations

import csv
import io
from datetime import date

import openpyxl
import pytest

from evidence.actions.import_rows import import_rows
from evidence.models import EvidenceRequest, RememberedMapping
from evidence.queries.imports import corrections_of
from tenants.errors import Invalid
from tests import factories
from tests.conftest import as_
from tests.evidence import workbook_makers as make
from tests.evidence.import_helpers import SAMPLE, csv_list, good_row, hand_in, read_again, rows_of

OTHER_WORDS = ("Kennung", "Was wir brauchen", "Kriterium", "Kontrolle", "Wer", "Bis wann", "Stufe")
MAPPED = {0: "ref", 1: "title", 2: "criteria", 3: "controls", 4: "owner_email", 5: "due_on"}


@pytest.fixture
def prepared(world):
    """The world with controls, in the eyes of its lead."""
    factories.taken_controls(world)
    with as_(world.lead, world.firm):
        yield world


def book_of(*sheets):
    """A workbook of sheets: title, whether hidden, rows."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, hidden, rows in sheets:
        sheet = book.create_sheet(title)
        sheet.sheet_state = "hidden" if hidden else "visible"
        for row in rows:
            sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def dues(handed_in):
    return [row.fields["due_on"] for row in rows_of(handed_in).values()]


def test_other_words_are_mapped_once_and_known_the_next_time(prepared):
    world = prepared
    handed_in = hand_in(world, csv_list(good_row(1), headings=OTHER_WORDS), "a.csv")
    assert (handed_in.status, handed_in.problem["code"]) == ("refused", "header_not_found")
    first_rows = handed_in.sheets[0]["first"]
    assert first_rows[0]["cells"][1] == "Was wir brauchen"

    pointed = read_again(handed_in, world.lead, sheet=handed_in.sheets[0]["title"], header_row=1)
    assert (pointed.status, pointed.problem["code"]) == ("refused", "text_column_unknown")
    assert pointed.columns[1]["examples"] == ["Policy number 1"]
    mapped = read_again(pointed, world.lead, sheet=pointed.sheet, header_row=1, mapping=MAPPED)
    assert (mapped.status, mapped.counts["create"]) == ("ready", 1)
    import_rows(mapped, by=world.lead)

    second = hand_in(world, csv_list(good_row(2), good_row(3), headings=OTHER_WORDS), "b.csv")
    assert (second.status, second.counts["create"]) == ("ready", 2)
    assert {column["recognized"] for column in second.columns} == {"chosen", "not_imported"}
    assert (second.mapping, second.header_chosen) == ({}, False)


def test_the_order_of_dates_is_remembered_with_the_header_and_forgotten_on_demand(prepared):
    world = prepared
    content = csv_list(good_row(1, due_date="10/11/2026"))
    handed_in = hand_in(world, content, "a.csv")
    assert dues(handed_in) == ["2026-10-11"]
    told = read_again(handed_in, world.lead, sheet=handed_in.sheet, day_first=True)
    assert dues(told) == ["2026-11-10"]
    assert "as you chose" in told.notices[-1]["message"]

    later = hand_in(world, csv_list(good_row(2, due_date="03/04/2026")), "b.csv")
    assert (dues(later), later.day_first) == (["2026-04-03"], None)
    assert "chosen the last time" in later.notices[-1]["message"]
    read_again(later, world.lead, sheet=later.sheet)
    assert not RememberedMapping.objects.exists()
    assert dues(hand_in(world, content, "c.csv")) == ["2026-10-11"]


def test_any_sheet_of_several_is_read_and_hidden_ones_are_marked(prepared):
    world = prepared
    headings = ["Ref", "Request", "Criteria", "Controls", "Due date"]
    content = book_of(
        ("Cover", False, [["Harbour & Finch"], ["Please answer by October"]]),
        ("Round 1", False, [headings, ["A-1", "Policy", "CC6.1", "LAC-01", "2026-10-09"]]),
        ("Round 2", False, [["Round 2"], [], headings,
                            ["B-1", "Minutes", "CC1.2", "LAC-01", "2026-10-09"],
                            ["B-2", "Charter", "CC1.2", "LAC-01", "2026-10-09"]]),
        ("Old", True, [headings, ["Z-1", "Old", "CC6.1", "LAC-01", "2026-10-09"]]),
    )  # fmt: skip
    handed_in = hand_in(world, content)
    shown = [(each["title"], each["hidden"], each["header_row"]) for each in handed_in.sheets]
    assert shown == [
        ("Cover", False, None), ("Round 1", False, 1), ("Round 2", False, 3), ("Old", True, 1)
    ]  # fmt: skip
    assert handed_in.sheet == "Round 2"
    assert [
        row.ref for row in rows_of(read_again(handed_in, world.lead, sheet="Old")).values()
    ] == ["Z-1"]
    cover = read_again(handed_in, world.lead, sheet="Cover")
    assert (cover.status, cover.problem["field"]) == ("refused", "header_row")
    assert "“Cover”" in cover.problem["message"]
    first = read_again(cover, world.lead, sheet="Round 1")
    assert (first.status, first.header_row) == ("ready", 1)


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"sheet": "Nowhere"}, "sheet", "no sheet “Nowhere”"),
        ({"header_row": 0}, "header_row", "between 1 and"),
        ({"mapping": {0: "colour"}}, "mapping", "“colour” is nothing a column can hold"),
        ({"mapping": {0: "ref"}}, "title", "text of the request"),
        ({"mapping": {0: "title", 1: "title"}}, "title", "Two columns are marked as “Request”"),
        ({"mapping": {0: "title", 99: "ref"}}, "ref", "no column CV"),
    ],
)
def test_what_makes_no_sense_is_refused_at_once(prepared, said, field, words):
    world = prepared
    handed_in = hand_in(world, csv_list(good_row(1)), "a.csv")
    with pytest.raises(Invalid, match=words) as refused:
        read_again(handed_in, world.lead, **said)
    assert refused.value.field == field
    handed_in.refresh_from_db()
    assert handed_in.status == "ready"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_csv_in_any_of_the_usual_encodings_is_imported(prepared, encoding):
    world = prepared
    content = make.csv_text(";").replace("LAC-02", "LAC-01").encode(encoding)
    handed_in = hand_in(world, content, "list.csv")
    assert import_rows(handed_in, by=world.lead) == {"create": 2, "update": 0}
    assert EvidenceRequest.objects.get(ref="A-01").title == "Résumé of policies – “final”"


@pytest.mark.parametrize("maker", [make.xlsx, make.xls, make.ods], ids=lambda each: each.__name__)
def test_a_workbook_of_any_kind_is_imported(prepared, tmp_path, maker):
    world = prepared
    path = maker(tmp_path / f"list.{maker.__name__}")
    handed_in = hand_in(world, path.read_bytes(), path.name)
    assert handed_in.status == "ready", handed_in.problem
    assert import_rows(handed_in, by=world.lead) == {"create": 2, "update": 0}
    assert EvidenceRequest.objects.get(ref="A-01").due_on == date(2026, 10, 9)


def test_the_rows_to_correct_come_as_a_csv_that_imports_once_they_are_corrected(prepared):
    world = prepared
    handed_in = hand_in(world, SAMPLE.read_bytes(), SAMPLE.name)
    import_rows(handed_in, by=world.lead)
    content = corrections_of(handed_in)
    lines = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(lines) == handed_in.counts["error"] + handed_in.counts["duplicate"]
    (line,) = [each for each in lines if each["Row in the list"] == "100"]
    assert "J100: “11/31/2026” is no day of the calendar" in line["What to fix"]
    assert line["Due date"] == "11/31/2026"
    assert line["Status"]

    same = hand_in(world, content, "again.csv")
    assert (same.counts["create"], same.counts["update"]) == (0, 0)
    said = rows_of(same)[lines.index(line) + 2].messages
    assert said[0]["text"].startswith("“11/31/2026” is no day")
    line["Due date"] = "2026-11-30"
    corrected = csv_list(*[list(line.values())], headings=list(line))
    assert import_rows(hand_in(world, corrected, "again.csv"), by=world.lead)["create"] == 1


def test_a_cell_of_the_rows_to_correct_never_runs_im_09(prepared):
    world = prepared
    row = good_row(1, ref="@SUM(A1)", request="=cmd|' /C calc'!A0", due_date="")
    content = corrections_of(hand_in(world, csv_list(row), "a.csv")).decode("utf-8-sig")
    (line,) = csv.DictReader(io.StringIO(content))
    assert (line["Ref"], line["Request"]) == ("'@SUM(A1)", "'=cmd|' /C calc'!A0")


def test_more_addresses_than_a_request_can_hold_are_an_error_at_their_cell(prepared):
    world = prepared
    many = "; ".join(f"person{number}@client.example" for number in range(60))
    (row,) = rows_of(hand_in(world, csv_list(good_row(1, owner_e_mail=many)), "a.csv")).values()
    said = row.messages[0]
    assert (row.plan, said["code"], said["place"]) == ("error", "text_too_long", "E2")
