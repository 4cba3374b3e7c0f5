"""Reading request lists (IM-01 to IM-08): golden outcomes, then each rule by itself."""

from __future__ import annotations

import csv
from datetime import date

import openpyxl
import pytest
import xlwt

from evidence.rules.request_list_dates import DateOrder
from evidence.rules.request_list_headers import find_headers
from evidence.rules.request_list_readings import Outcome
from evidence.rules.request_lists import contacts_of, read_list
from evidence.workbooks import CellTrouble, read_workbook
from tests.evidence.lists import (
    GOLDEN,
    HEADINGS,
    IN_SCOPE,
    SAMPLE,
    read,
    read_one,
    sample_context,
    sample_workbook,
    soc1,
    soc2,
    workbook,
)

with GOLDEN.open(encoding="utf-8", newline="") as golden:
    EXPECTED = list(csv.DictReader(golden))
LISTS = ("sample-pbc-list.xlsx", "sample-pbc-list-clean.xlsx")


def outcome_of(row):
    """A reading in the columns of the golden file."""
    return {
        "sheet_row": str(row.sheet_row),
        "ref": row.ref,
        "outcome": row.outcome.value,
        "codes": ";".join(row.codes),
        "area": row.area,
        "criteria": "ALL_IN_SCOPE" if row.whole_scope else ";".join(row.criteria),
        "control_id": ";".join(row.controls),
        "due_date": row.due_on.isoformat() if row.due_on else "",
        "status": row.status,
        "owner_email": "; ".join(row.owner_emails),
    }


@pytest.mark.parametrize("name", LISTS)
def test_every_row_of_the_sample_lists_comes_out_as_the_golden_file_says(name):
    reading = read(sample_workbook(name), sample_context(name))
    expected = [{k: v for k, v in row.items() if k != "file"} for row in EXPECTED
                if row["file"] == name]  # fmt: skip
    assert len(expected) == {"sample-pbc-list.xlsx": 92}.get(name, 72)
    assert [outcome_of(row) for row in reading.rows] == expected


def test_the_messy_list_counts_as_its_makers_counted():
    reading = read(sample_workbook(LISTS[0]), sample_context(LISTS[0]))
    assert reading.counts == {
        Outcome.OK: 69, Outcome.WARNING: 3, Outcome.ERROR: 16, Outcome.DUPLICATE: 4
    }  # fmt: skip
    assert [(row.sheet_row, row.reason) for row in reading.skipped] == [
        (9, "title"), (43, "title"), (71, "title"), (88, "title"), (102, "title"),
        (116, "total"), (117, "legend"),
    ]  # fmt: skip
    assert (reading.date_order, reading.date_order_from) == (DateOrder.MONTH_FIRST, "note")


def test_every_message_names_its_cell_and_its_cure():
    reading = read(sample_workbook(LISTS[0]), sample_context(LISTS[0]))
    said = {row.ref: message for row in reading.rows for message in row.messages}
    assert said["A-31"].place == "J25"
    assert said["B-24"].place == "E67"
    assert "Correct the id" in said["B-24"].text
    assert all(message.text.endswith(".") for message in said.values())


def test_contacts_are_read_from_the_sheet_that_lists_them():
    people = contacts_of(sample_workbook(LISTS[0]))
    assert len(people) == 10
    assert people["sam.ito@tallowbrook.example"] == "Sam Ito"


@pytest.mark.parametrize(
    ("cells", "outcome", "codes"),
    [
        ({}, "ok", ()),
        ({"Ref": None}, "error", ("missing_ref",)),
        ({"Request": None}, "error", ("missing_description",)),
        ({"Request": "x" * 10_001}, "error", ("text_too_long",)),
        ({"TSC": None}, "ok", ()),
        ({"TSC": "CC6"}, "warning", ("series_reference",)),
        ({"TSC": "CC10.1"}, "error", ("unknown_criterion",)),
        ({"TSC": "P5.1"}, "error", ("criterion_out_of_scope",)),
        ({"TSC": "CO-16"}, "error", ("soc1_reference_in_soc2",)),
        ({"Control": "LAC-99"}, "error", ("unknown_control",)),
        ({"Control": "lac-01; LAC - 02"}, "ok", ()),
        ({"Control": "AC 1, b, LAC-01"}, "error", ("unknown_control",)),
        ({"Control": "AC 1, b; LAC-01"}, "ok", ()),
        ({"Type": "Screen shots"}, "ok", ()),
        ({"Type": "Papyrus"}, "warning", ("unknown_kind",)),
        ({"Owner_e-mail": None}, "warning", ("missing_owner",)),
        ({"Owner_e-mail": "TBD"}, "error", ("bad_email",)),
        ({"Owner_e-mail": "priya.nair@"}, "error", ("bad_email",)),
        ({"Owner_e-mail": "ann@client.example; bo@client.example"}, "warning", ("two_emails",)),
        ({"Owner_e-mail": "Ann Archer <ANN@client.example>"}, "ok", ()),
        ({"Owner_e-mail": "Archer, Ann <mailto:ann@client.example>"}, "ok", ()),
        ({"Owner_e-mail": "ann@client.example bo@client.example"}, "warning", ("two_emails",)),
        ({"Owner_e-mail": "new@client.example"}, "ok", ()),
        ({"Due": None}, "error", ("missing_due_date",)),
        ({"Due": "11/31/2026"}, "error", ("impossible_date",)),
        ({"Due": "next week"}, "error", ("unreadable_date",)),
        ({"Due": "10/11/2026"}, "warning", ("ambiguous_date",)),
        ({"Due": "10/9/26"}, "ok", ()),
        ({"Due": date(2026, 9, 4)}, "error", ("due_before_requested",)),
        ({"Status": "Waiting on Bob"}, "error", ("unknown_status",)),
        ({"Status": None}, "ok", ()),
        ({"Due": CellTrouble("formula_without_value", "=G2+30")}, "error",
         ("formula_without_value",)),
        ({"Control": CellTrouble("error_value", "#REF!")}, "error", ("error_value",)),
        ({"Due": CellTrouble("external_link", "=[1]A!B2", date(2026, 10, 9))}, "warning",
         ("external_link",)),
    ],
)  # fmt: skip
def test_one_changed_cell_decides_the_outcome_of_a_row(cells, outcome, codes):
    row = read_one(**cells)
    assert (row.outcome.value, row.codes) == (outcome, codes)


def test_an_error_names_cell_and_cure():
    (message,) = read_one(Due=CellTrouble("formula_without_value", "=G2+30")).messages
    assert message.place == "H2"
    assert message.text == (
        "The cell holds a formula that was never calculated (=G2+30). Select the cell, copy it, "
        "paste it as a value, and send the list again."
    )


@pytest.mark.parametrize("column", ["TSC", "Control"])
def test_a_criterion_in_a_soc_1_list_is_refused_by_its_own_code(column):
    row = read_one(soc1(), **{"TSC": "CO-01", column: "CC6.1"})
    assert (row.outcome, row.codes) == (Outcome.ERROR, ("tsc_reference_in_soc1",))
    assert "not a basis for a SOC 1" in row.messages[0].text


def test_a_type_1_has_no_samples():
    assert read_one(soc2(exam_type="T1"), Type="Sample").codes == ("sample_in_type_1",)


def test_an_unknown_address_is_suggested_for_an_invitation_and_no_doubt():
    row = read_one(**{"Owner_e-mail": "New@client.example"})
    assert (row.outcome, row.invitations) == (Outcome.OK, ("new@client.example",))
    assert [message.code for message in row.messages] == ["unknown_email"]


def test_two_addresses_are_an_owner_and_a_contributor():
    row = read_one(**{"Owner_e-mail": "bo@client.example, ann@client.example"})
    assert (row.owner_email, row.contributors) == ("bo@client.example", ("ann@client.example",))


def test_an_owner_is_found_by_name_where_a_list_has_only_names():
    book = workbook(
        ("No.", "Request", "Responsible", "Due date", "Status"),
        (1, "Policy", "ann  ARCHER", date(2026, 10, 9), "Open"),
        (2, "Minutes", "Somebody Else", date(2026, 10, 9), "Open"),
    )
    first, second = read(book).rows
    assert (first.ref, first.owner_email) == ("1", "ann@client.example")
    assert (second.owner_email, second.outcome) == ("", Outcome.OK)
    assert [message.code for message in second.messages] == ["owner_not_known"]


def test_all_stands_for_the_whole_scope():
    row = read_one(TSC="All")
    assert (row.whole_scope, row.criteria) == (True, IN_SCOPE)


def test_titles_blanks_totals_legends_and_printed_headers_are_passed_over():
    book = workbook(
        HEADINGS,
        ("SECTION A – ACCESS",),
        ("A-01", "Access policy", "CC6.1", "LAC-01", "Document", "ann@client.example", None,
         date(2026, 10, 9), "Open"),
        (None, None),
        HEADINGS,
        ("A-02",),
        ("Status key: Open / Received", None),
        ("Total", None, None, None, None, None, None, 1),
    )  # fmt: skip
    reading = read(book)
    assert [row.ref for row in reading.rows] == ["A-01"]
    assert [(row.sheet_row, row.reason) for row in reading.skipped] == [
        (2, "title"), (5, "header"), (6, "empty"), (7, "legend"), (8, "total")
    ]  # fmt: skip
    assert reading.rows[0].area == "SECTION A – ACCESS"


def test_a_request_called_total_is_a_request():
    row = read_one(Ref="Total-1", Request="Total payroll register")
    assert (row.ref, row.outcome) == ("Total-1", Outcome.OK)


def test_duplicates_are_told_apart_by_reference_and_content():
    good = ("CC6.1", "LAC-01", "Document", "ann@client.example", None, date(2026, 10, 9), "Open")
    book = workbook(
        HEADINGS,
        ("A-01", "Access policy", *good),
        ("A-01", "access  POLICY ", *good),
        ("A-01", "Badge policy", *good),
        ("A-02", "Access policy", *good),
        ("A-03", "Access policy", "CC6.1", "LAC-02", *good[2:]),
    )
    rows = read(book).rows
    assert [row.codes for row in rows] == [
        (), ("duplicate_row",), ("duplicate_reference",), ("duplicate_content",), ()
    ]  # fmt: skip
    assert [row.duplicate_of for row in rows] == [None, 2, 2, 2, None]


def test_a_row_in_error_is_no_original():
    bad = ("CC10.1", "LAC-01", "Document", "ann@client.example", None, date(2026, 10, 9), "Open")
    book = workbook(HEADINGS, ("A-01", "Policy", *bad), ("A-01", "Policy", "CC6.1", *bad[1:]))
    assert [row.outcome for row in read(book).rows] == [Outcome.ERROR, Outcome.OK]


@pytest.mark.parametrize(
    ("texts", "setting", "order", "known_from"),
    [
        (("Due", "3/4/2026"), None, DateOrder.MONTH_FIRST, "default"),
        (("Due", "23/10/2026"), None, DateOrder.DAY_FIRST, "dates"),
        (("Due", "10/23/2026"), None, DateOrder.MONTH_FIRST, "dates"),
        (("Due (dd/mm/yyyy)", "3/4/2026"), None, DateOrder.DAY_FIRST, "note"),
        (("Due (dd/mm/yyyy)", "3/4/2026"), DateOrder.MONTH_FIRST, DateOrder.MONTH_FIRST, "setting"),
    ],
)
def test_the_order_of_day_and_month_is_set_told_shown_or_assumed(texts, setting, order, known_from):
    heading, due = texts
    book = workbook(("Ref", "Request", heading, "Status"), ("A-01", "Policy", due, "Open"))
    reading = read(book, soc2(date_order=setting, requested_on=date(2026, 1, 1)))
    assert (reading.date_order, reading.date_order_from) == (order, known_from)


def test_a_date_in_the_other_order_is_read_with_a_doubt():
    row = read_one(soc2(date_order=DateOrder.MONTH_FIRST), Due="23/10/2026")
    assert (row.due_on, row.codes) == (date(2026, 10, 23), ("date_order_mixed",))


def test_a_long_request_stands_whole_in_its_description():
    text = "Population of accounts and role grants " * 15
    row = read_one(Request=text)
    assert len(row.title) <= 500
    assert row.title.endswith("…")
    assert row.description == text.strip()


def test_one_due_date_serves_a_list_without_such_a_column():
    book = workbook(("Ref", "Request", "Control", "Status"), ("A-01", "Policy", "LAC-01", "Open"))
    assert read(book).rows[0].codes == ("missing_due_date",)
    (row,) = read(book, soc2(default_due_on=date(2026, 10, 9))).rows
    assert (row.outcome, row.due_on) == (Outcome.OK, date(2026, 10, 9))


def test_the_fields_of_a_row_are_ready_for_json():
    fields = read_one().fields
    assert fields["due_on"] == "2026-10-09"
    assert fields["criteria"] == ["CC6.1"]
    assert fields["owner_email"] == "ann@client.example"


def test_day_numbers_of_a_macintosh_workbook_count_from_1904():
    book = workbook(("Ref", "Request", "Due", "Status"), ("A-01", "Policy", 44_842, "Open"))
    old = type(book)(book.name, book.kind, book.sheets, from_1904=True)
    header = find_headers(old)[0]
    assert read_list(old, header, soc2()).rows[0].due_on == date(2026, 10, 9)


def as_csv(path):
    """The messy list as Excel saves its first sheet as CSV: no merges, dates as month/day/year."""
    lines = []
    for row in openpyxl.load_workbook(SAMPLE / LISTS[0]).worksheets[0].iter_rows(values_only=True):
        cells = (f"{cell:%m/%d/%Y}" if isinstance(cell, date) else cell for cell in row)
        lines.append(["" if cell is None else cell for cell in cells])
    with path.open("w", encoding="utf-16", newline="") as file:
        csv.writer(file, delimiter="\t").writerows(lines)


def as_xls(path):
    """The messy list saved as Excel 97-2003, merges and dates kept."""
    book, style = xlwt.Workbook(), xlwt.easyxf(num_format_str="M/D/YY")
    for source in openpyxl.load_workbook(SAMPLE / LISTS[0]).worksheets:
        sheet = book.add_sheet(source.title)
        for area in source.merged_cells.ranges:
            rows = (area.min_row - 1, area.max_row - 1)
            sheet.merge(*rows, area.min_col - 1, area.max_col - 1)
        for row in source.iter_rows():
            for cell in row:
                if cell.value is not None:
                    at = (cell.row - 1, cell.column - 1, cell.value)
                    sheet.write(*at, *([style] if isinstance(cell.value, date) else []))
    book.save(str(path))


@pytest.mark.parametrize(("write", "name", "loses"), [(as_csv, "list.csv", {"area"}),
                                                      (as_xls, "list.xls", set())])  # fmt: skip
def test_the_messy_list_comes_out_the_same_in_other_kinds_of_file(tmp_path, write, name, loses):
    write(tmp_path / name)
    reading = read(read_workbook(tmp_path / name, name=name), sample_context(LISTS[0]))
    expected = [row for row in EXPECTED if row["file"] == LISTS[0]]
    for row, told in zip(map(outcome_of, reading.rows), expected, strict=True):
        assert {k: v for k, v in row.items() if k not in loses} == {
            k: v for k, v in told.items() if k not in {"file", *loses}
        }
