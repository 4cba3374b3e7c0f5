"""The directory of an OLE compound file: what old Office files and encrypted new ones are."""

from __future__ import annotations

import struct
from typing import BinaryIO, Final

from evidence.workbooks.archives import damaged
from evidence.workbooks.errors import WorkbookRefused
from evidence.workbooks.kinds import SAVE_AS, SEND_LIST, not_a_spreadsheet

SIGNATURE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HEADER_BYTES: Final = 512
TABLE_ENTRIES_IN_HEADER: Final = 109
LAST_REGULAR_SECTOR: Final = 0xFFFFFFFA
ENTRY_BYTES: Final = 128
MOST_DIRECTORY_SECTORS: Final = 4_096
MOST_TABLE_EXTENSIONS: Final = 16  # of 127 sectors each: over 100 MB of file

UNLOCK: Final = (
    "Open it in Excel, choose File, Info, Protect Workbook, Encrypt with Password, clear the "
    "password, save, and send it again."
)
OTHERS: Final = {
    "WordDocument": "a Word document",
    "PowerPoint Document": "a PowerPoint presentation",
    "__properties_version1.0": "an Outlook message",
    "VisioDocument": "a Visio drawing",
}


def refuse_unless_xls(file: BinaryIO) -> None:
    """Raise WorkbookRefused unless the compound file holds an Excel 97-2003 workbook."""
    names = stream_names(file)
    if "EncryptedPackage" in names or "EncryptionInfo" in names:
        raise encrypted()
    if "Workbook" in names or "Book" in names:
        return
    for stream, what in OTHERS.items():
        if stream in names:
            raise not_a_spreadsheet(what, SEND_LIST)
    raise not_a_spreadsheet("an old Office file of another kind", SAVE_AS)


def encrypted() -> WorkbookRefused:
    """The refusal of a workbook behind a password."""
    return WorkbookRefused(
        f"The workbook is encrypted with a password, so nothing in it can be read. {UNLOCK}",
        code="workbook_encrypted",
    )


def stream_names(file: BinaryIO) -> frozenset[str]:
    """The names of all streams and storages. Raises WorkbookRefused for a broken file."""
    file.seek(0)
    header = file.read(HEADER_BYTES)
    if len(header) < HEADER_BYTES:
        raise damaged()
    (shift,) = struct.unpack_from("<H", header, 30)
    if shift not in (9, 12):
        raise damaged()
    (sector,) = struct.unpack_from("<L", header, 48)
    table = _allocation_sectors(file, header, 1 << shift)
    names: set[str] = set()
    for _ in range(MOST_DIRECTORY_SECTORS):
        if sector >= LAST_REGULAR_SECTOR:
            return frozenset(names)
        names.update(_names_in(_sector(file, sector, 1 << shift)))
        sector = _next_sector(file, sector, table, 1 << shift)
    raise damaged()


def _allocation_sectors(file: BinaryIO, header: bytes, size: int) -> tuple[int, ...]:
    """Where the allocation table lies: 109 sectors told in the header, more in a chain."""
    table = list(struct.unpack_from(f"<{TABLE_ENTRIES_IN_HEADER}L", header, 76))
    (following,) = struct.unpack_from("<L", header, 68)
    for _ in range(MOST_TABLE_EXTENSIONS):
        if following >= LAST_REGULAR_SECTOR:
            return tuple(table)
        data = _sector(file, following, size)
        if len(data) < size:
            raise damaged()
        *more, following = struct.unpack(f"<{size // 4}L", data)
        table.extend(more)
    raise damaged()


def _sector(file: BinaryIO, number: int, size: int) -> bytes:
    """One sector; WorkbookRefused when it lies beyond the end."""
    file.seek((number + 1) * size)
    data = file.read(size)
    if len(data) < ENTRY_BYTES:
        raise damaged()
    return data


def _next_sector(file: BinaryIO, sector: int, table: tuple[int, ...], size: int) -> int:
    """The sector that follows in a chain, by the allocation table."""
    which, position = divmod(sector, size // 4)
    if which >= len(table) or table[which] >= LAST_REGULAR_SECTOR:
        raise damaged()
    data = _sector(file, table[which], size)
    if len(data) < size:
        raise damaged()
    (following,) = struct.unpack_from("<L", data, position * 4)
    return int(following)


def _names_in(sector: bytes) -> list[str]:
    """The names of the directory entries in one sector."""
    names = []
    for at in range(0, len(sector) - ENTRY_BYTES + 1, ENTRY_BYTES):
        (length,) = struct.unpack_from("<H", sector, at + 64)
        if 2 < length <= 64:
            names.append(sector[at : at + length - 2].decode("utf-16-le", "replace"))
    return names
