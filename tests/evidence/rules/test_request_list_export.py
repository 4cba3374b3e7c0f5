"""Lists that are written import back unchanged, and nothing in them runs (IM-09, UPL-16)."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.rules import request_list_cells as cells
from evidence.rules.request_list_export import COLUMNS, STATUS_LABELS, write_csv, write_xlsx
from evidence.rules.request_list_headers import Recognized, find_headers
from evidence.rules.request_list_plan import RequestFacts, Step, plan_import
from evidence.rules.request_list_words import KINDS, PRIORITIES, SENSITIVITIES
from evidence.rules.request_lists import read_list
from evidence.workbooks import read_workbook
from evidence.workbooks.parsing import parse
from tests.evidence.lists import IN_SCOPE, soc2

CONTROLS = ("LAC-01", "AC 1, b", "-X/1", "=C+1")
ADDRESSES = ("ann@client.example", "bo@client.example", "=x@client.example", "+y@client.example")
CONTEXT = soc2(
    controls=CONTROLS, people=dict.fromkeys(ADDRESSES, ""), requested_on=date(2026, 1, 1)
)
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "'", "'=", "''@", "=cmd|'/c calc'!A1", "_x000D_", "\n")

# What PostgreSQL can hold: any text without NUL and without halves of pairs.
TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=60)
ANY_TEXT = st.builds(str.__add__, st.sampled_from(("", *DANGEROUS)), TEXT)
TITLES = ANY_TEXT.filter(cells.clean_line)
DAYS = st.none() | st.dates(date(2026, 2, 1), date(2027, 12, 31))


@st.composite
def requests(draw):
    """A few requests of one engagement, as the portal may have let people write them."""
    refs = draw(st.lists(st.integers(1, 999), min_size=1, max_size=4, unique=True))
    return [
        RequestFacts(
            key=str(number),
            ref=f"{draw(st.sampled_from(('A-', '=', '1.', '-')))}{number}",
            title=draw(TITLES),
            description=draw(ANY_TEXT),
            area=draw(ANY_TEXT),
            acceptance_hint=draw(ANY_TEXT),
            kind=draw(st.sampled_from(sorted(KINDS))),
            criteria=tuple(draw(st.lists(st.sampled_from(IN_SCOPE), unique=True, max_size=3))),
            whole_scope=draw(st.booleans()),
            controls=tuple(draw(st.lists(st.sampled_from(CONTROLS), unique=True))),
            owner_email=draw(st.sampled_from(("", *ADDRESSES))),
            contributors=tuple(draw(st.lists(st.sampled_from(ADDRESSES), unique=True))),
            due_on=draw(DAYS),
            priority=draw(st.sampled_from(sorted(PRIORITIES))),
            status=draw(st.sampled_from(sorted(STATUS_LABELS))),
            sensitivity=draw(st.sampled_from(sorted(SENSITIVITIES))),
            as_of=draw(DAYS),
        )
        for number in refs
    ]


def parsed(data, ending):
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"export{ending}"
        path.write_bytes(data)
        return parse(path, name=path.name)


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
@settings(deadline=None, max_examples=150)
@given(facts=requests())
def test_what_is_exported_imports_back_unchanged(ending, facts):
    data = write_csv(facts) if ending == ".csv" else write_xlsx(facts, title="=A list", note="@b")
    book = parsed(data, ending)
    reading = read_list(book, find_headers(book)[0], CONTEXT)
    plan = plan_import(reading, facts)
    assert [(row.step, row.key) for row in plan.rows] == [(Step.SKIP, one.key) for one in facts]
    for row, one in zip(reading.rows, facts, strict=True):
        assert (row.title, row.description) == cells.title_and_description(
            one.title, one.description
        )
        assert (row.due_on, row.as_of) == (one.due_on, one.as_of)
        assert set(row.controls) == set(one.controls)


@given(ANY_TEXT)
def test_disarming_is_undone_exactly_and_leaves_nothing_armed(text):
    safe = cells.disarmed(text)
    assert cells.rearmed(safe) == text
    assert safe[:1] not in ("=", "+", "-", "@", "\t", "\r")
    assert safe == text or text.lstrip("'")[:1] in ("=", "+", "-", "@", "\t", "\r")


def test_no_cell_of_a_written_list_is_a_formula():
    facts = [
        RequestFacts(key=str(n), ref=f"={n}", title=f"{start}1+1", description=start + "x")
        for n, start in enumerate(DANGEROUS)
    ]
    sheet = openpyxl.load_workbook(io.BytesIO(write_xlsx(facts, title="=1")))["Requests"]
    assert {cell.data_type for row in sheet for cell in row} <= {"s", "n", "d"}
    texts = [cell.value for row in sheet for cell in row if isinstance(cell.value, str)]
    texts += [cell for row in csv.reader(io.StringIO(write_csv(facts).decode("utf-8-sig")))
              for cell in row]  # fmt: skip
    assert not [text for text in texts if text[:1] in ("=", "+", "-", "@", "\t", "\r")]


def test_a_written_list_is_read_in_the_child_and_all_its_headings_are_known(tmp_path):
    facts = [RequestFacts(key="1", ref="A-1", title="Policy", due_on=date(2026, 10, 9))]
    path = tmp_path / "export.xlsx"
    path.write_bytes(write_xlsx(facts, title="Tallowbrook", note="Written on 2026-10-01"))
    (header,) = find_headers(read_workbook(path, name="export.xlsx"))
    assert len(header.columns) == len(COLUMNS)
    assert {column.recognized for column in header.columns} == {Recognized.BY_NAME}


def test_the_sheet_is_ready_to_work_with():
    facts = [RequestFacts(key="1", ref="A-1", title="Policy", due_on=date(2026, 10, 9))]
    sheet = openpyxl.load_workbook(io.BytesIO(write_xlsx(facts, title="List")))["Requests"]
    assert sheet.freeze_panes == "D5"
    assert sheet.auto_filter.ref == "A4:R5"
    assert sheet["L5"].value.date() == date(2026, 10, 9)
    assert sheet["L5"].number_format == "yyyy-mm-dd"
    assert sheet.print_title_rows == "$4:$4"
    assert len(sheet.data_validations.dataValidation) == 4


def test_the_same_requests_give_the_same_bytes():
    facts = [RequestFacts(key="1", ref="A-1", title="Policy")]
    assert write_xlsx(facts, title="List") == write_xlsx(facts, title="List")
