"""The frozen text of a population: its keys, its dates, its quarters, and what is refused."""

from __future__ import annotations

import csv
import io
from datetime import date
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.rules.population_rows import (
    CHUNK_ROWS,
    Layout,
    Rows,
    day_of,
    lines_of,
    row_hash,
)
from audits.rules.spread import quarters_missed
from tenants.errors import Invalid

PERIOD = (date(2025, 10, 1), date(2026, 9, 30))
CELLS = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=20)


def rows_of(columns=("Ticket", "Day"), **layout):
    return Rows(columns, Layout(**layout), PERIOD)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=30))
def test_what_is_frozen_reads_back_as_it_was(records):
    rows = rows_of(("A", "B", "C"))
    for record in records:
        rows.write(record)
    chunk = rows.rest()
    read = list(csv.reader(io.StringIO(chunk.content.decode(), newline="")))
    plain = [[cell.replace("\r\n", "\n").replace("\r", "\n") for cell in each] for each in records]
    assert read == [
        ["item_key", "A", "B", "C"],
        *([str(number), *each] for number, each in enumerate(plain, start=1)),
    ]
    assert chunk.content.count(b"\r") == 0


def test_rows_come_in_chunks_and_each_row_has_its_hash():
    rows = rows_of(("A",))
    full = [chunk for number in range(CHUNK_ROWS + 1) if (chunk := rows.write([str(number)]))]
    assert [chunk.rows for chunk in (*full, rows.rest())] == [CHUNK_ROWS, 1]
    assert row_hash(["1", "x,y"]) == sha256(b'1,"x,y"').hexdigest()
    assert list(lines_of(b'1,"x\ny"\n2,z\n')) == [["1", "x\ny"], ["2", "z"]]


def test_several_columns_may_name_a_row():
    rows = rows_of(("User", "System", "Role"), key_columns=("user", "ROLE"))
    rows.write(["ada", "ERP", " admin "])
    assert rows.rest().keys == b"ada|admin\n"


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (["T1", "2026-01-05"], "of an earlier row"),
        (["", "2026-01-05"], "no key"),
        (["T\n2", "2026-01-05"], "line break"),
        (["T" * 301, "2026-01-05"], "more than 300"),
        (["T2", "5 January"], "where a date was expected"),
        (["T2", "2026-02-30"], "where a date was expected"),
        (["T2", "2026-01-05", "x"], "more cells"),
        (["T2", "x" * 32_768], "32,767"),
    ],
)
def test_a_row_that_cannot_be_frozen_is_named_with_its_cure(cells, says):
    rows = rows_of(key_columns=("Ticket",), date_column="Day")
    rows.write(["T1", "2026-01-04"])
    with pytest.raises(Invalid, match=says) as refused:
        rows.write(cells)
    assert refused.value.message.startswith("Row 2 ")


def test_columns_are_named_and_known():
    with pytest.raises(Invalid, match="No column is headed “Number”; there is “Ticket”"):
        rows_of(key_columns=("Number",))
    with pytest.raises(Invalid, match="Two columns"):
        rows_of(("A", "a"), key_columns=("A",))
    with pytest.raises(Invalid, match="1 to 200"):
        rows_of(())


def test_sm_08_a_quarter_with_rows_and_without_an_item_is_missed():
    rows = rows_of(date_column="Day")
    for day in ("2025-10-02", "2026-01-04T10:00:00", "2026-01-05", "2026-09-30", "2025-09-30"):
        rows.write(["x", day])
    assert dict(rows.quarters) == {"2025-Q3": 1, "2025-Q4": 1, "2026-Q1": 2, "2026-Q3": 1}
    assert rows.outside == 1
    missed = quarters_missed(rows.quarters, PERIOD, [date(2026, 1, 5), None])
    assert missed == ["2025-Q4", "2026-Q3"]
    assert quarters_missed(rows.quarters, PERIOD, [date(2025, 12, 1), date(2026, 7, 1),
                                                   date(2026, 3, 31)]) == []  # fmt: skip


@pytest.mark.parametrize(
    ("told", "order", "day"),
    [
        ("10/11/2026", "day_first", date(2026, 11, 10)),
        ("10/11/2026", "month_first", date(2026, 10, 11)),
        ("10/11/2026", "year_first", None),
        ("2026-11-10 08:00", "day_first", date(2026, 11, 10)),
        ("13.1.2026", "day_first", date(2026, 1, 13)),
        ("13/13/2026", "day_first", None),
        ("", "day_first", None),
    ],
)
def test_dates_are_read_as_somebody_says_they_are_written(told, order, day):
    assert day_of(told, order) == day
