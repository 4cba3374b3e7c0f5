"""A ZIP file's directory, inspected within limits before anything in it is unpacked (UPL-10)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from evidence.workbooks import limits
from evidence.workbooks.errors import WorkbookRefused

CHUNK_BYTES: Final = 1 << 16
ENCRYPTED_FLAG: Final = 0x1
LOCAL_HEADER: Final = struct.Struct("<4s5H3L2H")
END_RECORD: Final = struct.Struct("<4s4H2LH")
END_RECORD_64: Final = struct.Struct("<4sQ2H2L4Q")
LOCATOR_64: Final = struct.Struct("<4sLQL")
LONGEST_COMMENT: Final = 65_535
RESAVE: Final = "Open it in Excel or LibreOffice, save it anew, and send that copy."


class Archive:
    """The parts of a ZIP file, by name; made only when its directory is within the limits."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.parts = {info.filename: info for info in _directory(file)}
        self.bytes_read = 0

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of one part, piece by piece.

        The size the directory tells is not believed: bytes are counted as they come, and more
        than told, or than the limits allow, raises WorkbookRefused.
        """
        info = self.parts[name]
        _refuse_oversize(info)
        unpacked = 0
        for chunk in _unpacked(self._file, info):
            unpacked += len(chunk)
            self.bytes_read += len(chunk)
            if unpacked > info.file_size:
                raise unsafe(f"its part {name} holds more than its directory says")
            if self.bytes_read > limits.ALL_PARTS_BYTES:
                raise too_large(name, f"over {limits.ALL_PARTS_BYTES // limits.MIB} MB in all")
            yield chunk

    def text(self, name: str, most: int = 1 << 20) -> bytes:
        """One small part as a whole; WorkbookRefused when it has more than `most` bytes."""
        info = self.parts.get(name)
        if info is None:
            return b""
        if info.file_size > most:
            raise unsafe(f"its part {name} is far larger than such a part ever is")
        return b"".join(self.chunks(name))


def too_large(name: str, size: str) -> WorkbookRefused:
    """The refusal of a part that unpacks to more than is read."""
    return WorkbookRefused(
        f"The part {name} of the workbook is too large: {size}. Copy the rows of the list into a "
        "new workbook (paste values only), save it, and send that.",
        code="workbook_too_large",
    )


def unsafe(what: str) -> WorkbookRefused:
    """The refusal of a file made to exhaust or mislead the reader."""
    return WorkbookRefused(f"The workbook was not opened: {what}. {RESAVE}", code="workbook_unsafe")


def damaged() -> WorkbookRefused:
    """The refusal of a file that is cut short or otherwise broken."""
    return WorkbookRefused(
        f"The file is damaged or incomplete and cannot be opened as a workbook. {RESAVE}",
        code="workbook_damaged",
    )


def _directory(file: BinaryIO) -> list[ZipInfo]:
    """The entries of the archive, checked. Raises WorkbookRefused."""
    entries, size = _told_directory(file)
    if entries > limits.ENTRIES or size > limits.DIRECTORY_BYTES:
        raise unsafe(f"it holds {entries:,} entries, more than the {limits.ENTRIES:,} allowed")
    try:
        infos = ZipFile(file).infolist()
    except (BadZipFile, OSError, ValueError, struct.error, NotImplementedError) as error:
        raise damaged() from error
    if len({info.filename for info in infos}) != len(infos):
        raise unsafe("two of its parts have the same name")
    if any(info.flag_bits & ENCRYPTED_FLAG for info in infos):
        raise WorkbookRefused(
            "The workbook is protected by a password. Remove the password (File, Info, Protect "
            "Workbook, Encrypt with Password: leave it empty), save, and send it again.",
            code="workbook_encrypted",
        )
    _refuse_overlaps(infos)
    return infos


def _told_directory(file: BinaryIO) -> tuple[int, int]:
    """How many entries and bytes the end of the file says its directory has."""
    length = file.seek(0, 2)
    tail_start = max(0, length - LONGEST_COMMENT - END_RECORD.size)
    file.seek(tail_start)
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < END_RECORD.size:
        raise damaged()
    record = END_RECORD.unpack_from(tail, at)
    entries, size = record[4], record[5]
    if at >= LOCATOR_64.size and tail[at - LOCATOR_64.size :].startswith(b"PK\x06\x07"):
        file.seek(min(LOCATOR_64.unpack_from(tail, at - LOCATOR_64.size)[2], length))
        wide = file.read(END_RECORD_64.size)
        if len(wide) < END_RECORD_64.size:
            raise damaged()
        entries, size = END_RECORD_64.unpack(wide)[7:9]
    return entries, size


def _refuse_overlaps(infos: list[ZipInfo]) -> None:
    """Raise when two entries claim the same bytes, the trick behind the densest bombs."""
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            raise unsafe(f"its part {info.filename} overlaps another")
        end = info.header_offset + LOCAL_HEADER.size + info.compress_size


def _refuse_oversize(info: ZipInfo) -> None:
    """Raise when a part says that it unpacks to more than is read."""
    if info.file_size > limits.PART_BYTES:
        most = limits.PART_BYTES // limits.MIB
        raise too_large(
            info.filename, f"{info.file_size // limits.MIB} MB unpacked, at most {most} MB are read"
        )
    packed = max(info.compress_size, 1)
    if info.file_size > limits.RATIO_FROM_BYTES and info.file_size / packed > limits.RATIO:
        raise unsafe(
            f"its part {info.filename} unpacks to {info.file_size // packed} times its size"
        )


def _unpacked(file: BinaryIO, info: ZipInfo) -> Iterator[bytes]:
    """What an entry really unpacks to, to the end of its stream, whatever its told size."""
    file.seek(info.header_offset)
    header = file.read(LOCAL_HEADER.size)
    if len(header) < LOCAL_HEADER.size or not header.startswith(b"PK\x03\x04"):
        raise damaged()
    *_, name_length, extra_length = LOCAL_HEADER.unpack(header)
    file.seek(name_length + extra_length, 1)
    if info.compress_type == ZIP_STORED:
        yield from _stored(file, info.compress_size)
    elif info.compress_type == ZIP_DEFLATED:
        yield from _inflated(file, info.compress_size)
    else:
        raise unsafe(f"its part {info.filename} is packed in a way no spreadsheet program uses")


def _stored(file: BinaryIO, left: int) -> Iterator[bytes]:
    """Bytes that are kept as they are."""
    while left and (chunk := file.read(min(CHUNK_BYTES, left))):
        left -= len(chunk)
        yield chunk


def _inflated(file: BinaryIO, left: int) -> Iterator[bytes]:
    """Bytes that are deflated, in pieces of bounded size."""
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for packed in _stored(file, left):
            yield stream.decompress(packed, CHUNK_BYTES)
            while stream.unconsumed_tail:
                yield stream.decompress(stream.unconsumed_tail, CHUNK_BYTES)
        # What zlib still holds is small: each call above was asked for all it could give.
        yield stream.flush()
    except zlib.error as error:
        raise damaged() from error
    if not stream.eof:
        raise damaged()
