"""What importing a list would do to an engagement (IM-07, IM-08)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from evidence.rules.request_list_plan import RequestFacts, Step, plan_import
from tests.evidence.lists import HEADINGS, read, sample_context, sample_workbook, soc2, workbook

DUE = date(2026, 10, 9)
ROW = ("A-01", "Access policy", "CC6.1", "LAC-01", "Document", "ann@client.example", None, DUE,
       "Open")  # fmt: skip
FACTS = RequestFacts(
    key="1",
    ref="A-01",
    title="Access policy",
    criteria=("CC6.1",),
    controls=("LAC-01",),
    owner_email="ann@client.example",
    due_on=DUE,
    status="accepted",
)


def plan(*rows, existing=(), context=None):
    return plan_import(read(workbook(HEADINGS, *rows), context), existing).rows


def imported(plan):
    """The requests that doing what the plan says would leave behind."""
    return [
        RequestFacts(
            key=str(row.reading.sheet_row),
            ref=row.ref,
            title=row.reading.title,
            description=row.reading.description,
            area=row.reading.area,
            kind=row.reading.kind,
            criteria=row.reading.criteria,
            whole_scope=row.reading.whole_scope,
            controls=row.reading.controls,
            owner_email=row.reading.owner_email,
            contributors=row.reading.contributors,
            due_on=row.reading.due_on,
            priority=row.reading.priority,
        )
        for row in plan.rows
        if row.step is Step.CREATE
    ]


@pytest.mark.parametrize(
    ("name", "created", "skipped"),
    [("sample-pbc-list.xlsx", 72, 72), ("sample-pbc-list-clean.xlsx", 72, 72)],
)
def test_a_second_import_of_the_same_list_changes_nothing(name, created, skipped):
    reading = read(sample_workbook(name), sample_context(name))
    first = plan_import(reading, ())
    assert first.counts[Step.CREATE] == created
    second = plan_import(reading, imported(first))
    assert (second.counts[Step.CREATE], second.counts[Step.UPDATE]) == (0, 0)
    assert second.counts[Step.SKIP] == skipped
    assert second.counts[Step.ERROR] == first.counts[Step.ERROR]
    assert second.counts[Step.DUPLICATE] == first.counts[Step.DUPLICATE]


def test_a_new_reference_is_created_and_a_known_one_left_alone():
    steps = [row.step for row in plan(ROW, ("A-02", "Minutes", *ROW[2:]), existing=[FACTS])]
    assert steps == [Step.SKIP, Step.CREATE]


@pytest.mark.parametrize(
    ("changed", "field", "old", "new"),
    [
        ({"title": "Old policy"}, "title", "Old policy", "Access policy"),
        ({"due_on": date(2026, 10, 2)}, "due_on", date(2026, 10, 2), DUE),
        ({"controls": ()}, "controls", (), ("LAC-01",)),
        ({"criteria": ("CC6.2",)}, "criteria", ("CC6.2",), ("CC6.1",)),
        ({"whole_scope": True}, "criteria", "all in scope", ("CC6.1",)),
        ({"kind": "sample"}, "kind", "sample", "document"),
        ({"owner_email": "bo@client.example"}, "owner_email", "bo@client.example",
         "ann@client.example"),
    ],
)  # fmt: skip
def test_an_update_names_the_field_before_and_after(changed, field, old, new):
    (row,) = plan(ROW, existing=[replace(FACTS, **changed)])
    assert row.step is Step.UPDATE
    assert [(change.field, change.old, change.new) for change in row.changes] == [(field, old, new)]
    assert row.key == "1"


@pytest.mark.parametrize(
    "kept",
    [
        {"status": "withdrawn"},
        {"description": "Told in the portal"},
        {"priority": "high"},
        {"area": "Access"},
        {"contributors": ("bo@client.example",)},
    ],
)
def test_what_a_list_does_not_tell_it_does_not_change(kept):
    (row,) = plan(ROW, existing=[replace(FACTS, **kept)])
    assert (row.step, row.changes) == (Step.SKIP, ())


def test_an_empty_cell_changes_nothing():
    blank = ("A-01", "Access policy", None, None, None, None, None, None, None)
    (row,) = plan(blank, existing=[FACTS])
    assert row.step is Step.SKIP


def test_a_closed_request_is_not_changed_by_a_list():
    closed = replace(FACTS, title="Old policy", closed_because="it is accepted")
    (row,) = plan(ROW, existing=[closed])
    assert (row.step, row.codes) == (Step.ERROR, ("request_closed",))
    assert "A-01 cannot be changed by a list: it is accepted" in row.messages[-1].text
    (row,) = plan(ROW, existing=[replace(closed, title="Access policy")])
    assert row.step is Step.SKIP


def test_another_reference_for_the_same_content_is_a_duplicate_of_the_request():
    (row,) = plan(("B-01", *ROW[1:]), existing=[FACTS])
    assert (row.step, row.key, row.codes) == (Step.DUPLICATE, "1", ("same_as_existing",))


def test_two_requests_that_already_stand_side_by_side_stay():
    twin = replace(FACTS, key="2", ref="A-02")
    rows = plan(ROW, ("A-02", *ROW[1:]), existing=[FACTS, twin])
    assert [row.step for row in rows] == [Step.SKIP, Step.SKIP]


def test_rows_in_error_and_duplicates_touch_nothing():
    bad = ("A-03", "Minutes", "CC10.1", *ROW[3:])
    rows = plan(ROW, ROW, bad)
    assert [row.step for row in rows] == [Step.CREATE, Step.DUPLICATE, Step.ERROR]


def test_a_person_who_is_not_here_yet_is_no_change():
    (row,) = plan((*ROW[:5], "new@client.example", *ROW[6:]), existing=[FACTS])
    assert row.step is Step.SKIP


def test_a_list_without_references_is_matched_by_content_and_numbered():
    book = workbook(
        ("Request", "Control", "Due", "Status"),
        ("Access policy", "LAC-01", DUE, "Open"),
        ("Minutes", "LAC-01", DUE, "Open"),
    )
    known = replace(FACTS, ref="R-001")
    rows = plan_import(read(book, soc2()), [known]).rows
    assert [(row.step, row.ref) for row in rows] == [(Step.SKIP, "R-001"), (Step.CREATE, "R-002")]
