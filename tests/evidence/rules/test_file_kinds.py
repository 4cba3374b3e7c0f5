"""Kinds of files by their content: UPL-9, UPL-12."""

from __future__ import annotations

import gzip
import json
import zipfile
from contextlib import suppress
from email.message import EmailMessage
from io import BytesIO

import openpyxl
import pytest
import xlsxwriter
import xlwt
from hypothesis import given
from hypothesis import strategies as st
from odf.opendocument import OpenDocumentSpreadsheet

from evidence.rules.file_kinds import KINDS, Notice, download_type, sniff
from tenants.errors import Invalid

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
OOXML = "application/vnd.openxmlformats-officedocument."


def zipped(*names: str, content: bytes = b"x" * 100) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return target.getvalue()


def by_openpyxl() -> bytes:
    target = BytesIO()
    openpyxl.Workbook().save(target)
    return target.getvalue()


def by_xlsxwriter() -> bytes:
    target = BytesIO()
    book = xlsxwriter.Workbook(target)
    book.add_worksheet().write(0, 0, "Reference")
    book.close()
    return target.getvalue()


def by_xlwt() -> bytes:
    target = BytesIO()
    book = xlwt.Workbook()
    book.add_sheet("List").write(0, 0, "Reference")
    book.save(target)
    return target.getvalue()


def by_odfpy() -> bytes:
    target = BytesIO()
    OpenDocumentSpreadsheet().write(target)
    return target.getvalue()


def ole(*streams: str) -> bytes:
    return OLE + b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in streams)


def mail() -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = "a@example.com", "b@example.com"
    message["Subject"] = "Access review " * 20
    message.set_content("<html>inside</html>")
    return bytes(message)


PNG = b"\x89PNG\r\n\x1a\n" + bytes(50)
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\n"
MP4 = b"\0\0\0\x20ftypisom" + bytes(40)
MISMATCH, MACROS = Notice.TYPE_MISMATCH, Notice.MACROS
ACTIVE, LOCKED = Notice.ACTIVE_CONTENT, Notice.PASSWORD_PROTECTED
ENCRYPTED_ZIP = bytearray(zipped("secret.pdf"))
ENCRYPTED_ZIP[6] |= 1

ACCEPTED = [
    ("report.pdf", PDF, "pdf", ()),
    ("screen.png", PNG, "png", ()),
    ("photo.JPG", b"\xff\xd8\xff\xe0\0\x10JFIF", "jpeg", ()),
    ("a.gif", b"GIF89a\1\0\1\0", "gif", ()),
    ("phone.heic", b"\0\0\0\x24ftypheic" + bytes(30), "heic", ()),
    ("walkthrough.mp4", MP4, "mp4", ()),
    ("walkthrough.mov", b"\0\0\0\x14ftypqt  " + bytes(30), "mp4", ()),
    ("list.xlsx", by_openpyxl(), "xlsx", ()),
    ("list.xlsx", by_xlsxwriter(), "xlsx", ()),
    ("list.xls", by_xlwt(), "xls", ()),
    ("list.ods", by_odfpy(), "ods", ()),
    ("letter.docx", zipped("[Content_Types].xml", "_rels/.rels", "word/document.xml"), "docx", ()),
    ("slides.pptx", zipped("[Content_Types].xml", "ppt/presentation.xml"), "pptx", ()),
    ("list.xlsm", zipped("[Content_Types].xml", "xl/vbaProject.bin"), "xlsm", (MACROS,)),
    ("list.xlsm", zipped("[Content_Types].xml", "xl/workbook.xml"), "xlsm", (MACROS,)),
    ("list.xlsx", zipped("xl/workbook.xml", "xl/vbaProject.bin"), "xlsm", (MISMATCH, MACROS)),
    ("letter.docm", zipped("word/document.xml", "word/vbaProject.bin"), "docm", (MACROS,)),
    ("old.doc", ole("Root Entry", "WordDocument"), "doc", ()),
    ("old.doc", ole("WordDocument", "_VBA_PROJECT"), "doc", (MACROS,)),
    ("old.ppt", ole("PowerPoint Document"), "ppt", ()),
    ("mail.msg", ole("__properties_version1.0"), "msg", ()),
    ("far.xls", OLE, "xls", ()),
    ("drawing.vsd", OLE, "ole", ()),
    ("locked.xlsx", ole("EncryptionInfo", "EncryptedPackage"), "locked", (LOCKED,)),
    ("locked.docx", OLE, "locked", (LOCKED,)),
    ("renamed.xlsx", by_xlwt(), "xls", (MISMATCH,)),
    ("renamed.xls", by_openpyxl(), "xlsx", (MISMATCH,)),
    ("files.zip", zipped("a.pdf", "b.png"), "zip", ()),
    ("files.zip", zipped(), "zip", ()),
    ("files.zip", bytes(ENCRYPTED_ZIP), "zip", (LOCKED,)),
    ("diagram.vsdx", zipped("visio/document.xml"), "zip", ()),
    ("broken.xlsx", zipped("a.pdf"), "zip", (MISMATCH,)),
    ("log.gz", gzip.compress(b"log", mtime=0), "gzip", ()),
    ("all.7z", b"7z\xbc\xaf\x27\x1c" + bytes(20), "7z", ()),
    ("users.csv", b"name,role\r\nAda,admin\r\n", "csv", ()),
    ("users.csv", "\ufeffname;r\u00f4le\r\n".encode(), "csv", ()),
    ("users.csv", "name\tr\u00f4le\r\n".encode("utf-16"), "csv", ()),
    ("users.csv", "name;r\u00f4le\u20ac\r\n".encode("cp1252"), "csv", ()),
    ("users.csv", b'{"json":1}', "csv", ()),
    ("notes.txt", b"plain", "txt", ()),
    ("server.log", b"[2026-01-31 10:00] started\n[info] ok", "txt", ()),
    ("settings.ini", b"[main]\nkey=1\n", "txt", ()),
    ("query.sql", b"SELECT 1;", "txt", ()),
    ("app.py", b"print('x')\n", "txt", ()),
    ("README", b"text without extension", "txt", ()),
    ("cut.txt", "\u00e9".encode() * 32767 + b"\xc3", "txt", ()),
    ("users.json", json.dumps([{"a": 1}]).encode(), "json", ()),
    ("users.json", b"[1, 2]", "json", ()),
    ("users.jsonl", b'{"a":1}\n{"a":2}\n', "json", ()),
    ("feed.xml", b'<?xml version="1.0"?>\n<!-- c -->\n<users><user/></users>', "xml", ()),
    ("feed.xml", b"<?xml version='1.0'?><x xmlns='//www.w3.org/1999/xhtml'/>", "xml", (ACTIVE,)),
    ("page.html", b"<!DOCTYPE html>\n<p>", "html", (ACTIVE,)),
    ("page.htm", b"\xef\xbb\xbf \n<!-- <x> --><HTML><body>", "html", (ACTIVE,)),
    ("logo.svg", b"<?xml version='1.0'?><svg:svg xmlns:svg='x'/>", "svg", (ACTIVE,)),
    ("logo.svg", b"<!DOCTYPE svg PUBLIC 'x' 'y'><svg/>", "svg", (ACTIVE,)),
    ("picture.png", b"<svg onload='alert(1)'>", "svg", (MISMATCH, ACTIVE)),
    ("notes.txt", b"<script>alert(1)</script>", "html", (MISMATCH, ACTIVE)),
    ("export.xls", b"<table><tr><td>1</td></tr></table>", "html", (MISMATCH, ACTIVE)),
    ("export.xls", b"a\tb\n1\t2\n", "txt", (MISMATCH,)),
    ("mail.eml", mail(), "eml", ()),
    ("mail.txt", mail(), "eml", ()),
    ("todo.txt", b"Note: one\nFrom: here\n\nx", "txt", ()),
    ("secret.pdf", PDF + b"trailer << /Encrypt 5 0 R >>", "pdf", (LOCKED,)),
    ("form.pdf", PDF + b"<< /S /JavaScript /JS (app.alert(1)) >>", "pdf", (ACTIVE,)),
    ("picture.pdf", PNG, "png", (MISMATCH,)),
    ("report.png", PDF, "pdf", (MISMATCH,)),
    ("report.foo", PDF, "pdf", (MISMATCH,)),
    ("report", PDF, "pdf", ()),
    (".pdf", PDF, "pdf", ()),
    ("report.pdf", b"\x01\x02\x03\xff\xfe", "other", (MISMATCH,)),
    ("dump.dat", b"\x01\x02\x03\xff\xfe", "other", ()),
    ("MZ.csv", b"MZ,name\r\n1,2\r\n", "csv", ()),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "kind", "notices"), ACCEPTED)
def test_a_file_is_what_its_content_says_and_the_receiver_is_told_more(
    name, content, kind, notices
):
    found = sniff(content[:65536], name, "")
    assert (found.content_type, found.label) == (KINDS[kind].content_type, KINDS[kind].label)
    assert found.notices == notices
    assert all(notice.sentence for notice in found.notices)


PE = b"MZ\x90\0\x03\0\0\0" + bytes(56) + b"PE\0\0"
SHORTCUT = b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46" + bytes(30)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("setup.exe", PE),
        ("report.pdf", PE),
        ("report.pdf", b"\x7fELF\x02\x01\x01" + bytes(9)),
        ("report.pdf", b"\xcf\xfa\xed\xfe" + bytes(20)),
        ("report.pdf", b"\xca\xfe\xba\xbe" + bytes(20)),
        ("report.txt", b"#!/bin/sh\nrm -rf /\n"),
        ("report.txt", b"#! /usr/bin/env python3\n"),
        ("report.pdf", SHORTCUT),
        ("library.zip", zipped("META-INF/MANIFEST.MF", "a/Main.class")),
        ("library.zip", zipped("AndroidManifest.xml", "classes.dex")),
        *[
            (f"invoice.pdf.{extension}", b"text")
            for extension in ("bat", "CMD", "js", "vbs", "Ps1", "lnk", "exe", "scr", "jar", "hta")
        ],
        ("trailing.exe. ", b"text"),
        ("stream.exe::$DATA", b"text"),
    ],
)
def test_programs_and_scripts_are_refused(name, content):
    with pytest.raises(Invalid) as caught:
        sniff(content, name, "application/pdf")
    assert (caught.value.code, caught.value.field) == ("executable_refused", "file")


def test_an_empty_file_is_refused():
    with pytest.raises(Invalid) as caught:
        sniff(b"", "empty.pdf", "application/pdf")
    assert (caught.value.code, caught.value.field) == ("empty_file", "file")


@pytest.mark.parametrize(
    ("name", "content", "declared", "flagged"),
    [
        ("report.pdf", PDF, "application/pdf", False),
        ("report.pdf", PDF, "image/png", True),
        ("report", PNG, "application/pdf", True),
        ("report", PDF, "application/pdf; charset=binary", False),
        ("report.pdf", PDF, "application/octet-stream", False),
        ("report.pdf", PDF, "nonsense", False),
        ("users.csv", b"a,b\n", "application/vnd.ms-excel", False),
        ("users.csv", b"a,b\n", "text/plain", False),
        ("log.txt", b"text", "text/html", True),
    ],
)
def test_the_senders_word_is_compared_with_the_content(name, content, declared, flagged):
    assert (Notice.TYPE_MISMATCH in sniff(content, name, declared).notices) is flagged


@given(st.binary(min_size=1, max_size=2000), st.text(max_size=30), st.text(max_size=30))
def test_any_bytes_under_any_name_are_told_apart_or_refused(head, name, declared):
    with suppress(Invalid):
        found = sniff(head, name, declared)
        assert found.content_type in {kind.content_type for kind in KINDS.values()}


@pytest.mark.parametrize(
    ("mark", "label"),
    [
        (b"PK\x03\x04", "ZIP archive"), (b"<!---->", "XML data"), (b"<?", "XML data"),
        (b"[ ", "JSON data"), (b"a:", "Text"),
    ],
)  # fmt: skip
def test_a_head_made_to_be_slow_is_told_by_its_beginning(mark, label):
    """65,536 bytes of one mark, as its first hundred: a search that goes back and forth over them
    would run for minutes, and one that gives up would say something else."""
    for times in (100 // len(mark), 65_536 // len(mark)):
        assert sniff(mark * times, "a.txt", "").label == label


@pytest.mark.parametrize(
    ("content_type", "sent_as"),
    [
        ("application/pdf", "application/pdf"),
        ("image/png", "image/png"),
        ("text/csv", "text/csv"),
        (OOXML + "spreadsheetml.sheet", OOXML + "spreadsheetml.sheet"),
        ("text/html", "application/octet-stream"),
        ("image/svg+xml", "application/octet-stream"),
        ("application/xml", "application/octet-stream"),
        ("message/rfc822", "application/octet-stream"),
        ("application/vnd.ms-excel.sheet.macroenabled.12", "application/octet-stream"),
        ("application/x-anything", "application/octet-stream"),
        ("text/plain\r\nX: y", "application/octet-stream"),
        ("", "application/octet-stream"),
    ],
)
def test_only_listed_types_are_sent_as_what_they_are(content_type, sent_as):
    assert download_type(content_type) == sent_as


def test_every_notice_reads_as_a_sentence():
    sentences = {notice.sentence for notice in Notice}
    assert len(sentences) == len(Notice)
    assert all(sentence.endswith(".") for sentence in sentences)
