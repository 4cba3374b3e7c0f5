"""What a file really is, by its content, and what to do when it is no spreadsheet."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

from evidence.workbooks.errors import WorkbookRefused
from evidence.workbooks.sheets import WorkbookKind

SAVE_AS: Final = "Open it in the program it came from and save it as an Excel workbook (.xlsx)."
SEND_LIST: Final = "Send the list itself as XLSX, XLSM, XLS, ODS or CSV."

# First bytes of what people send by mistake. A picture renamed .xlsx is still a picture.
SIGNATURES: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\x89PNG\r\n\x1a\n", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"II*\x00", "a picture (TIFF)"),
    (b"MM\x00*", "a picture (TIFF)"),
    (b"BM", "a picture (BMP)"),
    (b"%PDF", "a PDF document"),
    (b"{\\rtf", "a rich text document"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
)
TEXT_ENDINGS: Final = frozenset({"csv", "txt", "tsv", "tab"})
ENDINGS: Final = {
    "xlsx": WorkbookKind.XLSX,
    "xlsm": WorkbookKind.XLSM,
    "xls": WorkbookKind.XLS,
    "ods": WorkbookKind.ODS,
    **dict.fromkeys(TEXT_ENDINGS, WorkbookKind.CSV),
}
OFFICE_OPEN: Final = frozenset({WorkbookKind.XLSX, WorkbookKind.XLSM})
SPOKEN: Final = {
    WorkbookKind.XLSX: "an Excel workbook (XLSX)",
    WorkbookKind.XLSM: "an Excel workbook with macros (XLSM)",
    WorkbookKind.XLS: "an Excel 97-2003 workbook (XLS)",
    WorkbookKind.ODS: "an OpenDocument spreadsheet (ODS)",
    WorkbookKind.CSV: "plain text (CSV)",
}


def refuse_other_kinds(head: bytes) -> None:
    """Raise WorkbookRefused when the first bytes are those of something that is no list."""
    for signature, what in SIGNATURES:
        if head.startswith(signature) and not _reads_as_text(head, signature):
            raise not_a_spreadsheet(what, SEND_LIST)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        raise not_a_spreadsheet("a picture (WebP)", SEND_LIST)
    if head[4:8] == b"ftyp":
        raise not_a_spreadsheet("a picture or film", SEND_LIST)
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype html", b"<html", b"<table")):
        raise not_a_spreadsheet("a web page saved under a spreadsheet's name", SAVE_AS)
    if text.startswith(b"<?xml"):
        raise not_a_spreadsheet("an XML document", SAVE_AS)


def refuse_other_name(name: str, kind: WorkbookKind) -> None:
    """Raise WorkbookRefused when the ending of the name promises another kind than was found.

    XLSX and XLSM are one family; a name without a known ending promises nothing.
    """
    ending = PurePath(name).suffix.lstrip(".").lower()
    promised = ENDINGS.get(ending)
    if promised is None or promised is kind or {promised, kind} <= OFFICE_OPEN:
        return
    raise WorkbookRefused(
        f"The file is named .{ending} but holds {SPOKEN[kind]}. Rename it so that it ends in "
        f".{kind.value}, or open it and save it as {SPOKEN[promised]}, then send it again.",
        code="kind_differs_from_name",
    )


def not_a_spreadsheet(what: str, cure: str) -> WorkbookRefused:
    """The refusal of a file that is something else, whatever its name says."""
    return WorkbookRefused(
        f"The file is {what}, not a spreadsheet. {cure}", code="not_a_spreadsheet"
    )


def _reads_as_text(head: bytes, signature: bytes) -> bool:
    """Whether a two-letter signature (BM, MZ) merely opens a text that begins so."""
    return len(signature) <= 2 and signature.isalpha() and b"\x00" not in head and head.isascii()
