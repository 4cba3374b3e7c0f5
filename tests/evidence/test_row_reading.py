"""Long lists in the child process: encodings, delimiters, sheets, damage, and a flat memory."""

from __future__ import annotations

import io
import resource
from datetime import date, datetime
from hashlib import sha256

import openpyxl
import pytest

from audits.rules.population_rows import CHUNK_ROWS, lines_of
from evidence.workbooks import WorkbookRefused
from evidence.workbooks.row_reading import Asked, read_rows

PERIOD = (date(2025, 10, 1), date(2026, 9, 30))


def read(tmp_path, content, **asked):
    """(rows with their keys, what was found) of a file."""
    path = tmp_path / "list"
    path.write_bytes(content)
    text, found = b"", {}
    for each in read_rows(path, Asked(PERIOD, **asked)):
        if isinstance(each, dict):
            found = each
        else:
            text += each.content
    assert sha256(text).hexdigest() == found["sha256"]
    return list(lines_of(text))[1:], found


def workbook(*rows, title="List", **more):
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    for name, lines in more.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        "A;B\nÄ;1,5\n".encode(),
        "\ufeffA;B\nÄ;1,5\n".encode(),
        "A;B\nÄ;1,5\n".encode("utf-16"),
        "A;B\nÄ;1,5\n".encode("cp1252"),
        "sep=;\nA;B\nÄ;1,5\n".encode(),
        "A\tB\r\nÄ\t1,5\r\n\r\n".encode(),
    ],
)
def test_texts_are_read_however_they_are_written(tmp_path, content):
    rows, found = read(tmp_path, content)
    assert (rows, found["columns"]) == ([["1", "Ä", "1,5"]], ["A", "B"])


def test_a_workbook_is_read_as_its_values(tmp_path):
    moment = datetime(2026, 1, 5, 8, 30)  # noqa: DTZ001  (a sheet knows no zone)
    rows, found = read(
        tmp_path,
        workbook(["Title of the list"], ["A", "Day", "At", "Done"],
                 [7.0, date(2026, 1, 5), moment, True], ["x", None, None, 2.5]),
        header_row=2,
    )  # fmt: skip
    assert found["columns"] == ["A", "Day", "At", "Done"]
    assert rows == [
        ["1", "7", "2026-01-05", "2026-01-05 08:30:00", "TRUE"], ["2", "x", "", "", "2.5"],
    ]  # fmt: skip


def test_a_sheet_is_chosen_by_its_name(tmp_path):
    content = workbook(["A"], ["1"], Other=[["B"], ["2"]])
    assert read(tmp_path, content)[1]["columns"] == ["A"]
    assert read(tmp_path, content, sheet="Other")[1]["columns"] == ["B"]
    with pytest.raises(WorkbookRefused, match="no sheet “Third”; there is “List”, “Other”"):
        read(tmp_path, content, sheet="Third")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no row of headings"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04 cut short", "damaged"),
        (b"A\x00B\n1\n", "not a spreadsheet"),
        (b'A,B\n"1,2\n' + b"x" * 200_000, "quotation"),
        (workbook(["A"], ["=1/0"]), "A2 holds a formula without its result"),
        (workbook(["A"], ["#REF!"]), "A2 holds an error"),
    ],
)
def test_what_is_no_list_is_refused_with_its_place(tmp_path, content, says):
    with pytest.raises(WorkbookRefused, match=says):
        read(tmp_path, content)


def test_many_rows_come_in_chunks_and_leave_no_memory_behind(tmp_path):
    path = tmp_path / "list"
    count = 5 * CHUNK_ROWS + 3
    path.write_text("A,B\n" + "".join(f"T-{n},{'x' * 200}\n" for n in range(count)), "utf-8")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sizes = [
        each.rows for each in read_rows(path, Asked(PERIOD, ("A",))) if not isinstance(each, dict)
    ]
    assert sum(sizes) == count
    assert max(sizes) <= CHUNK_ROWS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40_000  # KB
