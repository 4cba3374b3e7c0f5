"""Reading control sets as clients keep them: headers, words, references, refusals with a cure."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.catalog import rows as catalog_rows
from audits.rules.control_list import read_control_list
from audits.rules.delimited import MOST_BYTES, text_of
from tenants.errors import Invalid
from tests.audits.helpers import SAMPLE

CRITERIA = [row["identifier"] for row in catalog_rows("trust-services-criteria")]
OBJECTIVES = [row["objective_id"] for row in catalog_rows("soc1-control-objectives")]
HEADER = (
    "control_id,title,narrative,owner_role,frequency,nature,type,system,criteria,objectives,"
    "evidence_requests"
)
ROW = "AC-1,Access,Told well.,Head of IT,monthly,manual,detective,Okta,CC6.1,CO-01,List;Review"


def read(*lines, header=HEADER):
    text = "\n".join((header, *lines))
    return read_control_list(text, criteria=CRITERIA, objectives=OBJECTIVES)


def with_cell(column, value):
    """The good row with one cell changed, as a line of CSV."""
    cells = dict(zip(HEADER.split(","), ROW.split(","), strict=True)) | {column: value}
    line = io.StringIO()
    csv.writer(line).writerow(cells.values())
    return line.getvalue().removesuffix("\r\n")


def test_all_84_controls_of_the_sample_are_read():
    found = read_control_list(
        text_of(SAMPLE.read_bytes()), criteria=CRITERIA, objectives=OBJECTIVES
    )
    assert len(found.controls) == 84
    assert not [problem for row in found.rows for problem in row.problems]
    assert {one for control in found.controls for one in control.criteria} == set(CRITERIA)
    named = {one for control in found.controls for one in control.objectives}
    assert len(named) == 22
    assert len(set(OBJECTIVES) - named) == 3
    (notice,) = found.notices
    assert "test_procedure_design, test_procedure_operating" in notice
    assert "audit firm" in notice


def test_a_row_is_read_with_its_lists_and_references():
    (control,) = read(with_cell("system", "Okta; okta;\nAWS IAM")).controls
    assert control.systems == ("Okta", "AWS IAM")
    assert control.criteria == ("CC6.1",)
    assert control.objectives == ("CO-01",)
    assert control.evidence == ("List", "Review")


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("control_id", "", "ref_missing"),
        ("control_id", "A" * 21, "ref_too_long"),
        ("title", "", "title_missing"),
        ("narrative", " ", "narrative_missing"),
        ("narrative", "x" * 20_001, "narrative_too_long"),
        ("owner_role", "", "owner_role_missing"),
        ("frequency", "fortnightly", "frequency_unknown"),
        ("frequency", "", "frequency_missing"),
        ("nature", "robotic", "nature_unknown"),
        ("type", "decorative", "type_unknown"),
        ("system", "S" * 121, "systems_too_long"),
        ("criteria", "CC6.9", "unknown_criterion"),
        ("criteria", "CO-01", "soc1_reference_in_soc2"),
        ("criteria", "CC6.3-CC6.1", "bad_range"),
        ("objectives", "CO-99", "unknown_objective"),
        ("objectives", "CC6.1", "tsc_reference_in_soc1"),
        ("evidence_requests", "E" * 301, "evidence_too_long"),
    ],
)
def test_a_bad_cell_refuses_its_row_naming_place_and_cure(column, value, code):
    found = read("", with_cell(column, value), ROW.replace("AC-1", "AC-2"))
    bad, good = found.rows
    assert (bad.number, good.number) == (3, 4)
    assert bad.control is None
    assert good.control
    (problem,) = found.errors
    assert (problem.row, problem.column, problem.code) == (3, column, code)
    assert problem.message.endswith(".")


def test_an_unknown_objective_says_where_objectives_come_from():
    (problem,) = read(with_cell("objectives", "CO-99")).errors
    assert problem.message.startswith("“CO-99” is none of your control objectives")


def test_an_id_that_stands_twice_is_refused_where_it_stands_again():
    found = read(ROW, ROW.replace("AC-1", "ac-1"))
    (problem,) = found.errors
    assert (problem.row, problem.code) == (3, "ref_twice")
    assert "row 2" in problem.message


def test_a_control_that_answers_to_nothing_is_read_with_a_warning():
    found = read(with_cell("criteria", "").replace("CO-01", ""))
    assert len(found.controls) == 1
    (problem,) = found.rows[0].problems
    assert (problem.code, problem.is_error) == ("control_unmapped", False)


@pytest.mark.parametrize(
    ("column", "cell", "stored"),
    [
        ("frequency", "Annually", "annual"),
        ("frequency", "Semi-Annual", "semiannual"),
        ("frequency", "Several times a day", "multiple_daily"),
        ("frequency", "As needed", "event_driven"),
        ("frequency", "event-driven", "event_driven"),
        ("nature", "IT-Dependent Manual", "it_dependent_manual"),
        ("nature", "Automatic", "automated"),
        ("type", "Preventative", "preventive"),
    ],
)
def test_the_words_of_clients_are_understood(column, cell, stored):
    (control,) = read(with_cell(column, cell)).controls
    assert getattr(control, column) == stored


@pytest.mark.parametrize(
    "header",
    [
        (
            "Control #,Control Title,Control Description,Control Owner,Frequency,Manual/Automated,"
            "Preventive/Detective,In-Scope Systems,TSC,Control Objectives,Evidence"
        ),
        (
            "ID,Name,Control activity,Responsible,How often,Nature,Control type,Application,"
            "SOC 2 criteria,SOC 1 objectives,Supporting evidence"
        ),
    ],
)
def test_other_header_words_mean_the_same(header):
    header = header.replace("Control #", "Control No.")
    assert read(ROW, header=header).controls == read(ROW).controls


def test_titles_above_the_header_and_other_separators_are_no_obstacle():
    for mark in (";", "\t"):
        lines = [HEADER.replace(",", mark), ROW.replace(";", "|").replace(",", mark)]
        (control,) = read(*lines, header="Control set of Tallowbrook\n").controls
        assert control.ref == "AC-1"


def test_columns_that_are_not_there_leave_their_fields_alone():
    found = read(
        "AC-1,Access,Told well.,Head of IT,monthly,manual,detective,x",
        header="control_id,title,narrative,owner_role,frequency,nature,type,Remarks",
    )
    (control,) = found.controls
    assert (control.systems, control.criteria, control.objectives, control.evidence) == (None,) * 4
    assert found.notices == ("Not read, because no field matches: Remarks.",)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "header_missing"),
        ("a,b,c\n1,2,3", "header_missing"),
        (HEADER, "list_empty"),
        (HEADER.replace("narrative,", ""), "column_missing"),
        (HEADER + "\n" * 6_000, "list_too_long"),
        (HEADER + '\n"' + "x" * 140_000 + '"', "list_unreadable"),  # beyond the csv module's limit
        (HEADER + '\n"' + "x" * 32_768 + '"', "list_unreadable"),
    ],
)
def test_a_list_that_is_none_is_refused_whole(text, code):
    with pytest.raises(Invalid) as refused:
        read_control_list(text, criteria=CRITERIA, objectives=OBJECTIVES)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04rest", "list_is_a_workbook"),
        (b"\xd0\xcf\x11\xe0rest", "list_is_a_workbook"),
        (b"\x89PNG\r\n\x1a\n\0\0", "list_is_no_text"),
        (b"x" * (MOST_BYTES + 1), "list_too_large"),
    ],
)
def test_a_file_that_is_no_csv_is_refused_with_its_cure(content, code):
    with pytest.raises(Invalid) as refused:
        text_of(content)
    assert refused.value.code == code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_usual_encodings_are_read(encoding):
    text = f"{HEADER}\n{with_cell('owner_role', 'Chargé d’affaires')}"
    found = read_control_list(
        text_of(text.encode(encoding)), criteria=CRITERIA, objectives=OBJECTIVES
    )
    assert found.controls[0].owner_role == "Chargé d’affaires"


@given(st.lists(st.lists(st.text(max_size=12), max_size=12), max_size=8))
def test_whatever_stands_below_a_header_is_read_or_refused_never_lost(cells):
    lines = io.StringIO()
    csv.writer(lines).writerows(cells)
    text = f"{HEADER}\n{lines.getvalue()}"
    try:
        found = read_control_list(text, criteria=CRITERIA, objectives=OBJECTIVES)
    except Invalid:
        return
    for row in found.rows:
        assert (row.control is None) == any(problem.is_error for problem in row.problems)
