"""Finding the header of lists as different firms lay them out (IM-01), and remembering layouts."""

from __future__ import annotations

from datetime import date

import pytest

from evidence.rules.request_list_headers import (
    HeaderNotFound,
    MappingRefused,
    Recognized,
    find_headers,
    header_at,
    header_signature,
    with_mapping,
)
from evidence.rules.request_list_words import ListField
from evidence.rules.request_lists import read_list
from evidence.workbooks import Workbook
from tests.evidence.lists import soc2, workbook

F = ListField
DUE = date(2026, 10, 9)

# Heading rows of ten firms and tracking tools, each with the columns that matter.
LAYOUTS = [
    (("#", "Control Area", "Documentation Requested", "Client Contact", "Date Needed", "Status"),
     "ref area title owner_name due_on status"),
    (("PBC No.", "Description of Request", "TSC", "Control ID(s)", "Assigned To", "Due By",
      "Received?"),
     "ref title criteria controls owner_name due_on received_on"),
    (("Request ID", "Request Name", "Request Details", "Criteria", "Owner", "Owner Email Address",
      "Requested Date", "Due Date (MM/DD/YYYY)", "Current Status", "Client Comments"),
     "ref title description criteria owner_name owner_email requested_on due_on status comment"),
    (("Item", "Request", "Related Control(s)", "Evidence Type", "Responsible Party",
      "Target Date", "Prio"),
     "ref title controls kind owner_name due_on priority"),
    (("Ref.", "Process Area", "Evidence Required", "Trust Services Criteria", "POC",
      "Deadline", "State"),
     "ref area title criteria owner_name due_on status"),
    (("RFI No", "Item Requested", "Control Objective", "Control Number", "Point of Contact",
      "Date of Request", "Required By", "Date Rec’d", "Remarks"),
     "ref title criteria controls owner_name requested_on due_on received_on comment"),
    (("Sr. No.", "Information Requested", "Category", "E-mail Address", "Sent On", "Need by Date",
      "Urgency", "Progress"),
     "ref title area owner_email requested_on due_on priority status"),
    (("Ticket", "Summary", "Description", "Assignee", "Due", "Priority", "Status", "Created"),
     "ref title description owner_name due_on priority status -"),
    (("Ctrl ID", "Audit Request", "Control Description", "Frequency", "Test Procedure", "Owner",
      "Due date for client", "PBC Status"),
     "controls title - - - owner_name due_on status"),
    (("Index", "Deliverable", "Period From", "Period To", "Provided By", "Expected Date",
      "Date Provided", "Sensitivity"),
     "ref title period_from period_to owner_name due_on received_on sensitivity"),
]  # fmt: skip


@pytest.mark.parametrize(("headings", "fields"), LAYOUTS)
def test_the_headings_of_ten_firms_are_understood(headings, fields):
    (header,) = find_headers(workbook(("A list",), (), headings, ("x",) * len(headings)))
    assert header.row == 3
    understood = [str(column.field or "-") for column in header.columns]
    assert understood == fields.split()


def test_what_was_not_understood_is_offered_for_mapping():
    (header,) = find_headers(
        workbook(("Ref", "Request", "Due", "Status", "Wombat", "Test performed"), ("A",) * 6)
    )
    assert [(column.letter, column.heading) for column in header.unknown] == [("E", "Wombat")]
    assert header.columns[5].recognized is Recognized.NOT_IMPORTED


def test_a_header_lies_within_the_first_thirty_rows():
    rows = [("words",)] * 29
    names = ("Ref", "Request", "Due", "Status")
    assert find_headers(workbook(*rows, names, names))[0].row == 30
    with pytest.raises(HeaderNotFound) as refused:
        find_headers(workbook(*rows, ("words",), names))
    assert refused.value.code == "header_not_found"
    assert "“List”" in refused.value.message
    assert "Put one row of headings above the list" in refused.value.message


def test_three_known_names_are_no_header():
    with pytest.raises(HeaderNotFound):
        find_headers(workbook(("Ref", "Request", "Due", "Wombat"), ("A", "B", "C", "D")))


def test_the_list_is_found_on_any_sheet_and_hidden_sheets_come_last():
    hidden = workbook(("Ref", "Request", "Due", "Status", "Area"), title="Old", hidden=True)
    cover = workbook(("Engagement", "SOC 2"), title="Cover")
    small = workbook(("Ref", "Request", "Due", "Status"), title="Small")
    large = workbook(("Ref", "Request", "Due", "Status", "Priority"), title="Requests")
    sheets = tuple(book.sheets[0] for book in (hidden, cover, small, large))
    book = Workbook("list.xlsx", small.kind, sheets)
    assert [header.sheet for header in find_headers(book)] == ["Requests", "Small", "Old"]


def test_a_first_column_of_numbers_needs_no_heading():
    book = workbook(
        (None, "Request", "Owner", "Due", "Status"),
        (1, "Policy", "Ann Archer", DUE, "Open"),
        (2, "Minutes", "Ann Archer", DUE, "Open"),
    )
    (header,) = find_headers(book)
    assert header.mapping[0] is F.REF
    assert [row.ref for row in read_list(book, header, soc2()).rows] == ["1", "2"]


def test_a_layout_has_one_signature_whatever_its_case_and_line_breaks():
    one = header_signature(("Ref\n#", "Due Date", None))
    assert one == header_signature(("REF #", "due  date"))
    assert one != header_signature(("Due Date", "Ref #"))
    assert len(one) == 64


def test_a_mapping_chosen_once_is_used_for_the_same_layout_again():
    book = workbook(("Nr", "Was", "Bis", "Wer"), ("A-1", "Policy", DUE, "ann@client.example"))
    with pytest.raises(HeaderNotFound):
        find_headers(book)
    pointed = header_at(book.sheets[0], 1)
    chosen = {0: F.REF, 1: F.TITLE, 2: F.DUE_ON, 3: F.OWNER_EMAIL}
    (row,) = read_list(book, with_mapping(pointed, chosen), soc2()).rows
    assert (row.ref, row.title, row.due_on) == ("A-1", "Policy", DUE)
    (again,) = find_headers(book, remembered={pointed.signature: chosen})
    assert again.mapping == chosen
    assert {column.recognized for column in again.columns} == {Recognized.CHOSEN}


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({0: F.REF}, "No column is marked as the text of the request"),
        ({0: F.TITLE, 1: F.TITLE}, "Two columns are marked"),
        ({0: F.TITLE, 9: F.REF}, "no column J"),
    ],
)
def test_a_mapping_that_makes_no_list_is_refused(mapping, words):
    (header,) = find_headers(workbook(("Ref", "Request", "Due", "Status"), ("A",) * 4))
    with pytest.raises(MappingRefused, match=words):
        with_mapping(header, mapping)


def test_an_empty_row_is_no_header():
    with pytest.raises(HeaderNotFound, match="nothing in row 7"):
        header_at(workbook(("Ref",)).sheets[0], 7)
