"""Files as people and attackers send them, made on the spot: none is kept in the project."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import odf.opendocument
import odf.table
import odf.text
import openpyxl
import xlwt

HEADINGS = ("Ref", "Request", "TSC", "Control", "Owner e-mail", "Due", "Status")
ROWS = (
    ("A-01", "Résumé of policies – “final”", "CC6.1", "LAC-01", "ann@client.example",
     date(2026, 10, 9), "Open"),
    ("A-02", "Board minutes", "CC1.2", "LAC-02", "bo@client.example", date(2026, 10, 16), "Rec'd"),
)  # fmt: skip
SECTOR = 512
END_OF_CHAIN = 0xFFFFFFFE
FREE = 0xFFFFFFFF
TABLE = 0xFFFFFFFD

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
    'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)


def xlsx(path: Path) -> Path:
    """The list as Excel writes it, with a merged area and a title."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Requests"
    for row in (HEADINGS, *ROWS):
        sheet.append(row)
    book.save(path)
    return path


def xls(path: Path) -> Path:
    """The list as Excel 97 wrote it."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("Requests")
    style = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for number, row in enumerate((HEADINGS, *ROWS)):
        for column, value in enumerate(row):
            if isinstance(value, date):
                sheet.write(number, column, value, style)
            else:
                sheet.write(number, column, value)
    book.save(str(path))
    return path


def ods(path: Path) -> Path:
    """The list as LibreOffice writes it."""
    document = odf.opendocument.OpenDocumentSpreadsheet()
    table = odf.table.Table(name="Requests")
    for row in (HEADINGS, *ROWS):
        line = odf.table.TableRow()
        for value in row:
            if isinstance(value, date):
                cell = odf.table.TableCell(valuetype="date", datevalue=value.isoformat())
            else:
                cell = odf.table.TableCell(valuetype="string")
            cell.addElement(odf.text.P(text=str(value)))
            line.addElement(cell)
        table.addElement(line)
    document.spreadsheet.addElement(table)
    document.save(str(path))
    return path


def csv_text(delimiter: str = ",") -> str:
    """The list as text, every cell quoted."""
    lines = [delimiter.join(f'"{value}"' for value in row) for row in (HEADINGS, *ROWS)]
    return "\r\n".join(lines) + "\r\n"


def raw_xlsx(
    path: Path, sheet: Iterable[str] | str, *, extra: dict[str, str | Iterable[str]] | None = None
) -> Path:
    """A workbook whose sheet is written as XML by hand, streamed; extra: further parts by name."""
    parts: dict[str, str | Iterable[str]] = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": relationships(("rId1", "officeDocument", "xl/workbook.xml")),
        "xl/_rels/workbook.xml.rels": relationships(
            ("rId1", "worksheet", "worksheets/sheet1.xml"),
            ("rId2", "sharedStrings", "sharedStrings.xml"),
        ),
        "xl/workbook.xml": (
            f'<workbook xmlns="{MAIN}" xmlns:r="{RELS}"><sheets>'
            '<sheet name="PBC List" sheetId="1" r:id="rId1"/></sheets></workbook>'
        ),
        "xl/worksheets/sheet1.xml": sheet,
        **(extra or {}),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            with archive.open(name, "w", force_zip64=True) as part:
                for piece in (content,) if isinstance(content, str) else content:
                    part.write(piece.encode())
    return path


def relationships(*told: tuple[str, str, str]) -> str:
    """A part of relationships: id, kind and target of each."""
    inner = "".join(
        f'<Relationship Id="{key}" Type="{RELS}/{kind}" Target="{target}"/>'
        for key, kind, target in told
    )
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<Relationships xmlns="{space}">{inner}</Relationships>'


def sheet_xml(*cells: str) -> str:
    """A sheet of one row per text of cells."""
    rows = "".join(f'<row r="{n}">{text}</row>' for n, text in enumerate(cells, start=1))
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def text_cell(reference: str, text: str) -> str:
    """A cell with its text in place."""
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def header_cells(row: int = 1) -> str:
    """The headings of the list as cells."""
    return "".join(text_cell(f"{letter}{row}", name)
                   for letter, name in zip("ABCDEFG", HEADINGS, strict=True))  # fmt: skip


def huge_sheet(megabytes: int) -> Iterator[str]:
    """The XML of a sheet of that size, which packs to almost nothing."""
    yield f'<worksheet xmlns="{MAIN}"><sheetData>'
    row = f"<row>{'<c><v>1</v></c>' * 1000}</row>"
    block = row * (1024 * 1024 // len(row) + 1)
    for _ in range(megabytes):
        yield block
    yield "</sheetData></worksheet>"


def compound_file(streams: dict[str, bytes]) -> bytes:
    """A real OLE compound file, version 3, with these streams (each 4,096 bytes or more)."""
    chains: list[list[int]] = []
    body: list[bytes] = []
    for data in streams.values():
        padded = data.ljust(-(-len(data) // SECTOR) * SECTOR, b"\x00")
        chains.append(list(range(len(body) + 2, len(body) + 2 + len(padded) // SECTOR)))
        body += [padded[at : at + SECTOR] for at in range(0, len(padded), SECTOR)]
    table = [TABLE, END_OF_CHAIN] + [FREE] * (SECTOR // 4 - 2)  # sector 0: table, 1: directory
    for chain in chains:
        for number, following in zip(chain, [*chain[1:], END_OF_CHAIN], strict=True):
            table[number] = following
    entries = [_entry("Root Entry", 5, child=1, start=END_OF_CHAIN, size=0)]
    for number, (name, data) in enumerate(streams.items(), start=1):
        right = number + 1 if number < len(streams) else FREE
        entries.append(_entry(name, 2, right=right, start=chains[number - 1][0], size=len(data)))
    directory = b"".join(entries).ljust(SECTOR, b"\x00")
    header = struct.pack(
        "<8s16s5H6x9L", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6,
        0, 1, 1, 0, 4096, END_OF_CHAIN, 0, END_OF_CHAIN, 0,
    )  # fmt: skip
    header += struct.pack("<109L", 0, *[FREE] * 108)
    return header + struct.pack(f"<{SECTOR // 4}L", *table) + directory + b"".join(body)


def _entry(name: str, kind: int, *, start: int, size: int, child: int = FREE,
           right: int = FREE) -> bytes:  # fmt: skip
    """One directory entry of a compound file."""
    words = name.encode("utf-16-le") + b"\x00\x00"
    return struct.pack(
        "<64sHBBLLL16sLQQLQ", words, len(words), kind, 1, FREE, right, child, b"", 0, 0, 0, start,
        size,
    )  # fmt: skip
