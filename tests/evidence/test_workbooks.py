"""Workbooks as people send them, read in a child process; bad ones refused with place and cure."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
import xlsxwriter
import xlwt

from evidence.rules.request_list_headers import HeaderNotFound, find_headers
from evidence.workbooks import (
    CellTrouble,
    WorkbookKind,
    WorkbookRefused,
    cell_name,
    limits,
    read_workbook,
    reading,
)
from tests.evidence import workbook_makers as make
from tests.evidence.lists import ROOT, read, read_one, soc1, soc2

PEOPLE = {"ann@client.example": "", "bo@client.example": ""}


def refusal(path, name=None):
    """The refusal of a file, whose message must say what to do."""
    with pytest.raises(WorkbookRefused) as refused:
        read_workbook(path, name=name or path.name)
    assert refused.value.status == 400
    assert refused.value.field == "file"
    assert refused.value.message.endswith(".")
    return refused.value


def values(path, name=None):
    """Rows of the first sheet as plain values."""
    sheet = read_workbook(path, name=name or path.name).sheets[0]
    return [row.cells for row in sheet.rows]


# Kinds


@pytest.mark.parametrize(
    ("maker", "kind"),
    [(make.xlsx, WorkbookKind.XLSX), (make.xls, WorkbookKind.XLS), (make.ods, WorkbookKind.ODS)],
)
def test_each_kind_of_workbook_is_read_with_its_values(tmp_path, maker, kind):
    path = maker(tmp_path / f"list.{kind.value}")
    book = read_workbook(path, name=path.name)
    assert (book.kind, book.sheets[0].title, book.notices) == (kind, "Requests", ())
    assert [row.cells for row in book.sheets[0].rows] == [make.HEADINGS, *make.ROWS]


def test_a_workbook_with_macros_is_read_and_its_macros_are_not(tmp_path):
    path = make.xlsx(tmp_path / "list.xlsm")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    book = read_workbook(path, name="list.xlsm")
    assert book.kind is WorkbookKind.XLSM
    assert [notice.code for notice in book.notices] == ["macros_ignored"]


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [
        ("utf-8", ","),
        ("utf-8-sig", ";"),
        ("utf-16", "\t"),
        ("utf-16-le", ","),
        ("utf-16-be", ";"),
        ("cp1252", ";"),
        ("cp1252", "|"),
    ],
)
def test_text_is_read_in_any_encoding_with_any_delimiter(tmp_path, encoding, delimiter):
    path = tmp_path / "list.csv"
    path.write_bytes(make.csv_text(delimiter).encode(encoding))
    book = read_workbook(path, name="list.csv")
    expected = [tuple(str(value) for value in row) for row in (make.HEADINGS, *make.ROWS)]
    assert [row.cells for row in book.sheets[0].rows] == expected
    guessed = [notice.code for notice in book.notices]
    assert guessed == (["encoding_guessed"] if encoding == "cp1252" else [])


def test_text_with_line_breaks_commas_and_a_named_delimiter_keeps_its_rows(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text('sep=;\nRef;Request\n\nA-01;"two\nlines; and, more"\n', encoding="utf-8")
    sheet = read_workbook(path, name="list.csv").sheets[0]
    assert [(row.number, row.cells) for row in sheet.rows] == [
        (1, ("Ref", "Request")),
        (3, ("A-01", "two\nlines; and, more")),
    ]


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods", "csv"])
def test_every_kind_gives_the_same_requests(tmp_path, kind):
    path = tmp_path / f"list.{kind}"
    if kind == "csv":
        path.write_text(make.csv_text(), encoding="utf-8")
    else:
        getattr(make, kind)(path)
    rows = read(read_workbook(path, name=path.name), soc2(people=PEOPLE)).rows
    assert [(row.ref, row.outcome.value, row.due_on, row.status) for row in rows] == [
        ("A-01", "ok", date(2026, 10, 9), "open"),
        ("A-02", "ok", date(2026, 10, 16), "submitted"),
    ]


def test_values_keep_their_kind(tmp_path):
    book = openpyxl.Workbook()
    moment = datetime(2026, 10, 9, 17, 30)  # noqa: DTZ001  a spreadsheet knows no zones
    book.active.append(["text", 12, 1.5, True, moment, date(2026, 10, 9), " "])
    book.save(tmp_path / "list.xlsx")
    (cells,) = values(tmp_path / "list.xlsx")
    assert cells == ("text", 12, 1.5, True, moment, date(2026, 10, 9))
    assert [type(cell) for cell in cells[1:4]] == [int, float, bool]


def test_vertical_merges_repeat_and_full_width_merges_are_titles(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["SECTION A"], ["Area", "A-01", "x"], [None, "A-02", "y"], [], [None, "A-03", "z"]):
        sheet.append(row)
    sheet.merge_cells("A1:C1")
    sheet.merge_cells("A2:A5")
    book.save(tmp_path / "list.xlsx")
    rows = read_workbook(tmp_path / "list.xlsx", name="list.xlsx").sheets[0].rows
    assert [(row.number, row.cells[0], row.is_title) for row in rows] == [
        (1, "SECTION A", True), (2, "Area", False), (3, "Area", False), (5, "Area", False)
    ]  # fmt: skip
    assert [row.filled for row in rows[1:]] == [frozenset(), {0}, {0}]


def test_hidden_sheets_and_rows_are_read_and_told(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["x"])
    book.active.row_dimensions[1].hidden = True
    book.create_sheet("Lists").sheet_state = "hidden"
    book.save(tmp_path / "list.xlsx")
    read_book = read_workbook(tmp_path / "list.xlsx", name="list.xlsx")
    assert [sheet.hidden for sheet in read_book.sheets] == [False, True]
    assert [notice.code for notice in read_book.notices] == ["hidden_rows"]


def test_formatting_far_below_and_right_of_the_list_does_no_harm(tmp_path):
    styled = '<c r="XFD1048576" s="0"/>'
    path = make.raw_xlsx(tmp_path / "list.xlsx", make.sheet_xml(make.header_cells(), styled))
    assert values(path) == [make.HEADINGS]


def test_a_thousand_rows_are_read(tmp_path):
    book = xlsxwriter.Workbook(str(tmp_path / "list.xlsx"))
    sheet = book.add_worksheet()
    for number in range(1000):
        sheet.write_row(number, 0, [f"A-{number:04}", *["a text of some length"] * 13])
    book.close()
    assert len(values(tmp_path / "list.xlsx")) == 1000


# Bad input: each is refused with its place and its cure, and nothing is half-read


@pytest.mark.parametrize(
    ("maker", "name", "holds"),
    [
        (make.xls, "list.xlsx", "an Excel 97-2003 workbook (XLS)"),
        (make.xlsx, "list.xls", "an Excel workbook (XLSX)"),
        (make.ods, "list.xlsx", "an OpenDocument spreadsheet (ODS)"),
        (make.xlsx, "list.csv", "an Excel workbook (XLSX)"),
    ],
)
def test_a_workbook_renamed_is_told_what_it_is_and_how_to_rename_it(tmp_path, maker, name, holds):
    refused = refusal(maker(tmp_path / "upload"), name)
    assert refused.code == "kind_differs_from_name"
    assert holds in refused.message
    assert "Rename it so that it ends in ." in refused.message


def test_a_text_renamed_is_told_so_and_a_name_without_ending_promises_nothing(tmp_path):
    path = tmp_path / "upload"
    path.write_text(make.csv_text(), encoding="utf-8")
    assert refusal(path, "list.xls").code == "kind_differs_from_name"
    assert read_workbook(path, name="list").kind is WorkbookKind.CSV
    assert read_workbook(path, name="list.txt").kind is WorkbookKind.CSV


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "a picture (PNG)"),
        (b"\xff\xd8\xff\xe0" + b"\x00" * 50, "a picture (JPEG)"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "a PDF document"),
        (b"<html><table><tr><td>Ref</td></tr></table></html>", "a web page"),
        (b'<?xml version="1.0"?><Workbook/>', "an XML document"),
        (b"MZ\x90\x00\x03\x00", "a program"),
        (bytes(range(256)) * 20, "of a kind that is not known"),
    ],
)
def test_a_picture_renamed_is_refused_by_what_it_is(tmp_path, content, what):
    path = tmp_path / "list.xlsx"
    path.write_bytes(content)
    refused = refusal(path)
    assert refused.code == "not_a_spreadsheet"
    assert what in refused.message


@pytest.mark.parametrize(
    ("part", "what"),
    [
        ("word/document.xml", "a Word document"),
        ("xl/workbook.bin", "XLSB"),
        ("Index/Document.iwa", "Numbers"),
        ("evidence.pdf", "a ZIP archive"),
    ],
)
def test_another_archive_is_refused_by_what_it_is(tmp_path, part, what):
    path = tmp_path / "list.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(part, "x")
    assert what in refusal(path).message


def test_an_encrypted_workbook_is_refused_with_the_way_to_unlock_it(tmp_path):
    path = tmp_path / "list.xlsx"
    path.write_bytes(
        make.compound_file({"EncryptionInfo": b"\x04" * 4096, "EncryptedPackage": b"\x99" * 9000})
    )
    refused = refusal(path)
    assert refused.code == "workbook_encrypted"
    assert "clear the password" in refused.message


def test_an_old_workbook_behind_a_password_is_refused(tmp_path):
    path = make.xls(tmp_path / "list.xls")
    data = bytearray(path.read_bytes())
    at = data.index(b"\x09\x08\x10\x00") + 20  # the record after the first BOF
    length = int.from_bytes(data[at + 2 : at + 4], "little")
    data[at : at + 2] = b"\x2f\x00"  # FILEPASS
    assert length
    path.write_bytes(data)
    assert refusal(path).code == "workbook_encrypted"


def test_an_old_word_document_is_refused_by_what_it_is(tmp_path):
    path = tmp_path / "list.xls"
    path.write_bytes(make.compound_file({"WordDocument": b"w" * 4096}))
    assert "a Word document" in refusal(path).message


def test_a_sheet_of_200_megabytes_is_refused_before_it_is_unpacked(tmp_path):
    path = make.raw_xlsx(tmp_path / "list.xlsx", make.huge_sheet(200))
    refused = refusal(path)
    assert refused.code == "workbook_too_large"
    assert "xl/worksheets/sheet1.xml" in refused.message
    assert "paste values only" in refused.message


def test_a_directory_that_lies_about_a_size_is_found_out(tmp_path):
    path = make.raw_xlsx(tmp_path / "list.xlsx", make.huge_sheet(3))
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02", data.rindex(b"</sheetData>") if b"</sheetData>" in data else 0)
    while data[at + 46 : at + 46 + 24] != b"xl/worksheets/sheet1.xml":
        at = data.index(b"PK\x01\x02", at + 4)
    data[at + 24 : at + 28] = (1000).to_bytes(4, "little")
    path.write_bytes(data)
    refused = refusal(path)
    assert refused.code == "workbook_unsafe"
    assert "more than its directory says" in refused.message


def test_a_part_that_unpacks_to_hundreds_of_times_its_size_is_refused(tmp_path):
    blank = " " * (1024 * 1024)
    sheet = (f"<worksheet>{blank}", *[blank] * 20, "</worksheet>")
    refused = refusal(make.raw_xlsx(tmp_path / "list.xlsx", sheet))
    assert refused.code == "workbook_unsafe"
    assert "times its size" in refused.message


def test_too_many_entries_are_refused_by_the_directory_alone(tmp_path):
    path = tmp_path / "list.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(limits.ENTRIES + 1):
            archive.writestr(f"{number}.xml", "")
    assert "2,001 entries" in refusal(path).message


def test_overlapping_entries_are_refused(tmp_path):
    path = make.xlsx(tmp_path / "list.xlsx")
    data = bytearray(path.read_bytes())
    first = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", first + 4)
    data[second + 42 : second + 46] = data[first + 42 : first + 46]
    path.write_bytes(data)
    assert refusal(path).code in ("workbook_unsafe", "workbook_damaged")


def test_archives_within_archives_are_never_opened(tmp_path):
    path = make.xlsx(tmp_path / "list.xlsx")
    inner = path.read_bytes()
    for _ in range(10):
        with zipfile.ZipFile(tmp_path / "inner.zip", "w") as archive:
            archive.writestr("inner.zip", inner)
        inner = (tmp_path / "inner.zip").read_bytes()
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/embeddings/inner.zip", inner)
    book = read_workbook(path, name="list.xlsx")
    assert [notice.code for notice in book.notices] == ["embedded_files_ignored"]


def test_a_shared_strings_bomb_is_refused_with_its_place(tmp_path):
    long_text = "A" * 30_000
    strings = f'<sst xmlns="{make.MAIN}"><si><t>{long_text}</t></si></sst>'
    cells = [f'<c r="A{row}" t="s"><v>0</v></c>' for row in range(1, 2001)]
    path = make.raw_xlsx(
        tmp_path / "list.xlsx", make.sheet_xml(*cells), extra={"xl/sharedStrings.xml": strings}
    )
    refused = refusal(path)
    assert refused.code == "text_too_large"
    assert "sheet “PBC List”, cell A5" in refused.message


def test_a_shared_string_longer_than_any_cell_is_refused(tmp_path):
    strings = (f'<sst xmlns="{make.MAIN}"><si><t>', *["AZ" * 50_000] * 10, "</t></si></sst>")
    path = make.raw_xlsx(
        tmp_path / "list.xlsx",
        make.sheet_xml('<c r="A1" t="s"><v>0</v></c>'),
        extra={"xl/sharedStrings.xml": strings},
    )
    assert "xl/sharedStrings.xml" in refusal(path).message


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
def test_an_entity_bomb_is_refused(tmp_path, part):
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><worksheet>&c;</worksheet>'
    extra = {"xl/sharedStrings.xml": bomb} if "shared" in part else {}
    sheet = make.sheet_xml(make.header_cells()) if extra else bomb
    refused = refusal(make.raw_xlsx(tmp_path / "list.xlsx", sheet, extra=extra))
    assert refused.code == "workbook_unsafe"
    assert part in refused.message


def test_ten_thousand_columns_are_refused_at_the_first_cell_too_far(tmp_path):
    far = "".join(f"<c r='{cell_name(8, column)}'><v>1</v></c>" for column in range(10_000))
    path = make.raw_xlsx(tmp_path / "list.xlsx", make.sheet_xml(*[""] * 7, far))
    refused = refusal(path)
    assert refused.code == "too_many_columns"
    assert "Sheet “PBC List” has a value in cell GS8 (column number 201)" in refused.message


@pytest.mark.parametrize("kind", ["csv", "xls", "ods"])
def test_too_many_columns_are_refused_in_every_kind(tmp_path, kind):
    path = tmp_path / f"list.{kind}"
    if kind == "csv":
        path.write_text(",".join(["x"] * 10_000), encoding="utf-8")
    elif kind == "xls":
        book = xlwt.Workbook()
        book.add_sheet("List").write(0, 250, "x")
        book.save(str(path))
    else:
        make.ods(path)
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        parts["content.xml"] = parts["content.xml"].replace(
            b"<table:table-cell ", b'<table:table-cell table:number-columns-repeated="10000" ', 1
        )
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in parts.items():
                archive.writestr(name, data)
    assert refusal(path).code == "too_many_columns"


def test_a_value_too_far_down_is_refused_with_its_row(tmp_path):
    cell = '<c r="A30000"><v>1</v></c>'
    path = make.raw_xlsx(
        tmp_path / "list.xlsx",
        f'<worksheet xmlns="{make.MAIN}"><sheetData><row r="30000">{cell}</row></sheetData>'
        "</worksheet>",
    )
    refused = refusal(path)
    assert refused.code == "too_many_rows"
    assert "row 30,000" in refused.message


def test_formulas_give_their_saved_values_and_one_never_calculated_is_an_error(tmp_path):
    formula = '<c r="F2" s="0"><f>DATE(2026,10,9)</f><v>46304</v></c>'
    never = '<c r="F3"><f>F2+7</f></c>'
    body = [text_row + cell for text_row, cell in ((row_cells(2), formula), (row_cells(3), never))]
    path = make.raw_xlsx(tmp_path / "list.xlsx", make.sheet_xml(make.header_cells(), *body))
    book = read_workbook(path, name="list.xlsx")
    assert [notice.code for notice in book.notices] == ["formulas"]
    good, bad = read(book, soc2(people=PEOPLE)).rows
    assert (good.outcome.value, good.due_on) == ("ok", date(2026, 10, 9))
    assert (bad.outcome.value, bad.codes) == ("error", ("formula_without_value",))
    assert bad.messages[0].place == "F3"
    assert "paste it as a value" in bad.messages[0].text


def test_a_value_from_another_file_is_used_with_a_doubt_and_the_file_never_opened(tmp_path):
    linked = '<c r="F2"><f>[1]Plan!$B$4</f><v>46304</v></c>'
    path = make.raw_xlsx(
        tmp_path / "list.xlsx",
        make.sheet_xml(make.header_cells(), row_cells(2) + linked),
        extra={"xl/externalLinks/externalLink1.xml": f'<externalLink xmlns="{make.MAIN}"/>'},
    )
    book = read_workbook(path, name="list.xlsx")
    assert "external_links" in [notice.code for notice in book.notices]
    (row,) = read(book, soc2(people=PEOPLE)).rows
    assert (row.outcome.value, row.codes, row.due_on) == (
        "warning", ("external_link",), date(2026, 10, 9)
    )  # fmt: skip
    assert row.messages[0].place == "F2"


def test_an_error_value_is_marked_in_its_cell(tmp_path):
    cell = '<c r="A1" t="e"><v>#REF!</v></c>'
    path = make.raw_xlsx(tmp_path / "list.xlsx", make.sheet_xml(cell))
    assert values(path) == [(CellTrouble("error_value", "#REF!"),)]


def row_cells(number):
    """A good row of the list up to its due date."""
    texts = (f"A-{number}", f"Policy {number}", "CC6.1", "LAC-01", "ann@client.example")
    return "".join(make.text_cell(cell_name(number, at), text) for at, text in enumerate(texts))


def test_a_list_without_a_header_is_refused_with_the_headings_it_needs(tmp_path):
    book = openpyxl.Workbook()
    for row in make.ROWS:
        book.active.append(row)
    book.save(tmp_path / "list.xlsx")
    with pytest.raises(HeaderNotFound) as refused:
        find_headers(read_workbook(tmp_path / "list.xlsx", name="list.xlsx"))
    assert "(“Sheet”)" in refused.value.message
    assert "such as Ref, Request, Control, Owner e-mail and Due date" in refused.value.message


def test_a_criterion_in_a_soc_1_list_is_an_error_at_its_cell():
    row = read_one(soc1(), TSC="CC6.1")
    assert (row.outcome.value, row.codes) == ("error", ("tsc_reference_in_soc1",))
    assert row.messages[0].place == "C2"


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "file_empty"), (b"PK\x03\x04 cut short", "workbook_damaged")],
)
def test_an_empty_or_cut_file_is_refused(tmp_path, content, code):
    path = tmp_path / "list.xlsx"
    path.write_bytes(content)
    assert refusal(path).code == code


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_a_workbook_cut_in_half_is_refused(tmp_path, kind):
    path = getattr(make, kind)(tmp_path / f"list.{kind}")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert refusal(path).code in ("workbook_damaged", "reader_stopped")


def test_a_file_over_the_limit_is_refused_without_a_child(tmp_path):
    path = tmp_path / "list.csv"
    with path.open("wb") as file:
        file.truncate(limits.FILE_BYTES + 1)
    assert refusal(path).code == "file_too_large"


# The child process (UPL-11)


def test_the_caller_never_imports_a_parser():
    script = (
        "import sys, evidence.workbooks, evidence.rules.request_lists; "
        "print([m for m in ('python_calamine', 'xml.parsers.expat', 'zipfile', 'django') "
        "if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def child_that(tmp_path, monkeypatch, script):
    """Let a script of ours stand for Python in the child."""
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("kill -SEGV $$", "ran out of memory or broke down"),
        ("kill -KILL $$", "ran out of memory or broke down"),
        ("exec sleep 60", "had not finished after 1 seconds"),
        ("printf nonsense", "broke off its answer"),
    ],
)
def test_a_reader_that_crashes_hangs_or_babbles_refuses_the_file(
    tmp_path, monkeypatch, script, words
):
    path = make.xlsx(tmp_path / "list.xlsx")
    child_that(tmp_path, monkeypatch, script)
    monkeypatch.setattr(limits, "WALL_SECONDS", 1)
    refused = refusal(path)
    assert refused.code == "reader_stopped"
    assert words in refused.message
    assert reading.SIMPLER in refused.message


@pytest.mark.parametrize(
    ("exhaust", "error"),
    [
        ("bytearray(2 << 30)", "MemoryError"),
        ("os.write(os.open('written', os.O_CREAT | os.O_WRONLY), b'x')", "File too large"),
        ("[os.open('/', 0) for _ in range(40)]", "Too many open files"),
    ],
)
def test_the_child_is_held_to_its_limits(tmp_path, exhaust, error):
    script = (
        f"import os; from evidence.workbooks.__main__ import limit_resources; limit_resources(); "
        f"os.chdir({str(tmp_path)!r}); {exhaust}"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert error in done.stderr


def test_the_child_sees_no_secrets_of_its_parent(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    child_that(tmp_path, monkeypatch, f"env > '{tmp_path}/env'; echo \"$@\" > '{tmp_path}/args'")
    refusal(make.xlsx(tmp_path / "upload"), "Tallowbrook secret list.xlsx")
    assert "secret" not in (tmp_path / "env").read_text()
    assert "Tallowbrook" not in (tmp_path / "args").read_text()
    assert os.environ["DATABASE_URL"] == "postgres://secret"
