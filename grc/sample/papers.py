"""Evidence files of real kinds, made small: what clients upload, with invented content."""

from __future__ import annotations

import csv
import io
import json
import struct
import zipfile
import zlib
from email.message import EmailMessage
from xml.sax.saxutils import escape

import xlsxwriter

FIXED = (2026, 10, 5, 9, 30, 0)
_WORD = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>
{}</w:body></w:document>"""
_TYPES = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/word/document.xml" ContentType=
"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"""
_RELATIONS = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Type=
"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
 Target="word/document.xml"/></Relationships>"""


def pdf(title: str, *lines: str) -> bytes:
    """A one-page PDF of plain lines."""
    shown = "".join(
        f"({line.replace(chr(92), '').replace('(', '[').replace(')', ']')}) Tj T*\n"
        for line in (title, "", *lines)
    )
    stream = f"BT /F1 12 Tf 60 760 Td 18 TL\n{shown}ET".encode("latin-1", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
            b"/Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1)
    out += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def sheet(headings: list[str], rows: list[list[str | int]]) -> bytes:
    """An XLSX workbook of one table."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet("Export")
        page.write_row(0, 0, headings, book.add_format({"bold": True}))
        for number, row in enumerate(rows, 1):
            page.write_row(number, 0, row)
        page.autofit()
    return out.getvalue()


def table(headings: list[str], rows: list[list[str | int]]) -> bytes:
    """A CSV file in UTF-8."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([headings, *rows])
    return out.getvalue().encode()


def picture(width: int = 480, height: int = 270) -> bytes:
    """A PNG that looks like a settings page: bars and a toggle."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            bar = y > 40 and (y // 30) % 2 == 0 and 30 < x < 300
            toggle = x > 400 and (y // 30) % 2 == 0 and y > 40
            rows += b"\x2f\x6f\xed" if y < 36 else b"\x2f\xb3\x44" if toggle else (
                b"\xd6\xdc\xe5" if bar else b"\xff\xff\xff"
            )  # fmt: skip

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(rows), 9)) + chunk(b"IEND", b"")
    )  # fmt: skip


def document(title: str, *paragraphs: str) -> bytes:
    """A Word document of plain paragraphs."""
    body = "".join(
        f"<w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>" for text in (title, *paragraphs)
    )
    return bundle(
        {
            "[Content_Types].xml": _TYPES.encode(),
            "_rels/.rels": _RELATIONS.encode(),
            "word/document.xml": _WORD.format(body).encode(),
        }
    )


def letter(sender: str, to: str, subject: str, text: str) -> bytes:
    """An e-mail message as saved from a mail program."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = "Mon, 05 Oct 2026 09:30:00 -0400"
    message.set_content(text)
    return message.as_bytes()


def data(value: object) -> bytes:
    """A JSON export."""
    return json.dumps(value, indent=2).encode()


def bundle(files: dict[str, bytes]) -> bytes:
    """A ZIP of files with fixed times."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, FIXED), content)
    return out.getvalue()
