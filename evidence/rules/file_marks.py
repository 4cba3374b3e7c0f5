"""Marks in the first bytes of a file that give its kind away. Searching only, no parsing."""

from __future__ import annotations

import codecs
import re

PLAIN_MARKS = (  # where, which bytes, the kind's name in file_kinds.KINDS
    (0, b"%PDF-", "pdf"),
    (0, b"\x89PNG\r\n\x1a\n", "png"),
    (0, b"\xff\xd8\xff", "jpeg"),
    (0, b"GIF87a", "gif"),
    (0, b"GIF89a", "gif"),
    (0, b"II*\0", "tiff"),
    (0, b"MM\0*", "tiff"),
    (8, b"WEBP", "webp"),
    (4, b"ftyphei", "heic"),
    (4, b"ftypmif1", "heic"),
    (4, b"ftyp", "mp4"),
    (0, b"\x1f\x8b\x08", "gzip"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"Rar!\x1a\x07", "rar"),
    (257, b"ustar", "tar"),
    (0, b"{\\rtf", "rtf"),
)
EXECUTABLE_MARKS = (
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",  # Mach-O, in four forms
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",  # Mach-O for several processors; a Java class
    b"\0asm",
    b"dex\n",
    b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46",  # a Windows shortcut
    b"\xed\xab\xee\xdb",  # an RPM package
    b"!<arch>\ndebian",
)
NAME_BYTES = 255  # a longer name in a ZIP is read no further
OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08PK\x03\x04")

_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_VISIBLE = re.compile(r"\S")
_SHEBANG = re.compile(rb"#![ \t]*/")
_TAG = re.compile(r"<(?:[a-z0-9]+:)?([a-z][a-z0-9]*)", re.IGNORECASE)
_DOCTYPE = re.compile(r"<!doctype\s+(?:[a-z0-9]+:)?([a-z]+)", re.IGNORECASE)
_ANY_HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]*):")
_MAIL_HEADER = re.compile(
    "from|to|cc|subject|date|received|return-path|message-id|mime-version|delivered-to"
)
_JSON = re.compile(r'\s*(?:\{\s*["}]|\[\s*(?:["{\[\]]|-?\d[\d.eE+-]*\s*,))')


def is_executable(head: bytes) -> bool:
    """Whether an operating system would run the file: a program, or a script that says so."""
    if head.startswith(ZIP_MARKS):
        names, _ = zip_names(head)
        return any(name.endswith((".class", "classes.dex")) for name in names)
    windows_program = head.startswith(b"MZ") and b"\0" in head[:1024]
    return windows_program or head.startswith(EXECUTABLE_MARKS) or bool(_SHEBANG.match(head))


def text_of(head: bytes) -> str | None:
    """The text, when it is one: UTF-8, UTF-16 with its mark, or Windows-1252; else None.

    The last character may be cut off where `head` ends.
    """
    is_utf16 = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if is_utf16 else ("utf-8-sig", "cp1252"):
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(head)
        except UnicodeDecodeError:
            continue
        return None if _CONTROLS.search(text) else text
    return None


def root_tag(text: str) -> str:
    """The first element of a text in mark-up, in lower case without prefix; `` for other text.

    Comments, the XML declaration and processing instructions are passed over; a document
    type answers for its element. `?` stands for mark-up whose element is not to be seen.
    """
    at = start = _past_space(text, 0)
    while text.startswith(("<?", "<!--"), at):
        end = text.find("?>" if text.startswith("<?", at) else "-->", at)
        if end < 0:
            return "?"
        at = _past_space(text, text.index(">", end) + 1)
    found = _DOCTYPE.match(text, at) or _TAG.match(text, at)
    return found[1].lower() if found else "?" * (at > start)


def _past_space(text: str, at: int) -> int:
    visible = _VISIBLE.search(text, at)
    return visible.start() if visible else len(text)


def is_mail(text: str) -> bool:
    """Whether the text begins as an e-mail does: header lines only, two of them well known."""
    known: set[str] = set()
    for line in text.splitlines():
        if not line.strip():
            break
        if line[0] in " \t" and known:
            continue
        header = _ANY_HEADER.match(line)
        if header is None:
            return False
        known.add(header[1].lower())
    return sum(_MAIL_HEADER.fullmatch(name) is not None for name in known) >= 2


def looks_like_json(text: str) -> bool:
    """Whether the text begins as a JSON object or list does."""
    return _JSON.match(text) is not None


def zip_names(head: bytes) -> tuple[list[str], bool]:
    """Names of the ZIP entries that begin in `head`, and whether one of them is encrypted."""
    names, encrypted = [], False
    for found in re.finditer(rb"PK\x03\x04", head):
        header = head[found.start() : found.start() + 30]
        if len(header) == 30:
            encrypted = encrypted or bool(header[6] & 1)
            length = min(int.from_bytes(header[26:28], "little"), NAME_BYTES)
            name = head[found.start() + 30 : found.start() + 30 + length]
            names.append(name.decode("utf-8", "replace"))
    return names, encrypted


def open_document(head: bytes) -> str:
    """The media type that an OpenDocument file names in its first entry, or nothing."""
    if head[30:38] != b"mimetype":
        return ""
    found = re.match(rb"application/vnd\.oasis\.opendocument\.[a-z-]+", head[38:120])
    return found[0].decode() if found else ""


def ole_names(head: bytes, names: tuple[str, ...]) -> set[str]:
    """Which of `names` occur as names of streams in an OLE file's visible part."""
    return {name for name in names if name.encode("utf-16-le") in head}
