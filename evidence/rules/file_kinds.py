"""What kind of file arrived, told from its first bytes; what is refused, what is flagged (UPL-9).

Nothing is parsed or unpacked here (UPL-10, UPL-11): only marks in the first 64 KiB are looked
for, so a large file can hold something this does not see. Whatever was found, bytes are served
as no more than `download_type` allows.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from evidence.rules import file_marks as marks
from tenants.errors import Invalid


class Notice(StrEnum):
    """What the receiver of a file is told about it."""

    TYPE_MISMATCH = "type_mismatch"
    MACROS = "macros"
    ACTIVE_CONTENT = "active_content"
    PASSWORD_PROTECTED = "password_protected"  # noqa: S105 - a notice, not a password

    @property
    def sentence(self) -> str:
        """The notice in words."""
        return _SENTENCES[self]


_SENTENCES = {
    Notice.TYPE_MISMATCH: "The content is of another kind than the file's name or sender says.",
    Notice.MACROS: "The document can run macros. Open it with macros switched off.",
    Notice.ACTIVE_CONTENT: "The file can run scripts when opened. Look at it in a text editor.",
    Notice.PASSWORD_PROTECTED: "The file needs a password. Ask for it, or for an open copy.",
}


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What a file was found to be: its media type, a label to show, notices for its receiver."""

    content_type: str
    label: str
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file and the extensions it goes by.

    `is_common_form`: other programs use this form too, under extensions of their own.
    `is_safe`: may be sent under its own media type, always as an attachment.
    """

    content_type: str
    label: str
    extensions: frozenset[str]
    is_common_form: bool = False
    is_safe: bool = True
    notices: tuple[Notice, ...] = ()


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _kind(content_type: str, label: str, extensions: str, *notices: Notice, **facts: bool) -> Kind:
    return Kind(content_type, label, _words(extensions), notices=notices, **facts)


_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."
_TEXTS = "txt csv tsv log md json jsonl ndjson xml yaml yml ini conf cfg sql eml"
KINDS = {
    "pdf": _kind("application/pdf", "PDF document", "pdf"),
    "png": _kind("image/png", "PNG picture", "png"),
    "jpeg": _kind("image/jpeg", "JPEG picture", "jpg jpeg jpe jfif"),
    "gif": _kind("image/gif", "GIF picture", "gif"),
    "tiff": _kind("image/tiff", "TIFF picture", "tif tiff"),
    "webp": _kind("image/webp", "WebP picture", "webp"),
    "heic": _kind("image/heic", "HEIC picture", "heic heif"),
    "mp4": _kind("video/mp4", "Video", "mp4 m4v mov m4a 3gp", is_common_form=True),
    "rtf": _kind("application/rtf", "Rich text", "rtf doc", is_safe=False),
    "xlsx": _kind(_OOXML + "spreadsheetml.sheet", "Excel workbook", "xlsx xltx"),
    "docx": _kind(_OOXML + "wordprocessingml.document", "Word document", "docx dotx"),
    "pptx": _kind(_OOXML + "presentationml.presentation", "PowerPoint presentation", "pptx"),
    "xlsm": _kind(
        "application/vnd.ms-excel.sheet.macroenabled.12",
        "Excel workbook with macros",
        "xlsm xltm xlam xlsb",
        Notice.MACROS,
        is_safe=False,
    ),
    "docm": _kind(
        "application/vnd.ms-word.document.macroenabled.12",
        "Word document with macros",
        "docm dotm",
        Notice.MACROS,
        is_safe=False,
    ),
    "pptm": _kind(
        "application/vnd.ms-powerpoint.presentation.macroenabled.12",
        "PowerPoint presentation with macros",
        "pptm potm ppsm",
        Notice.MACROS,
        is_safe=False,
    ),
    "ods": _kind(_ODF + "spreadsheet", "OpenDocument spreadsheet", "ods"),
    "odt": _kind(_ODF + "text", "OpenDocument text", "odt"),
    "odp": _kind(_ODF + "presentation", "OpenDocument presentation", "odp"),
    "xls": _kind("application/vnd.ms-excel", "Excel workbook (97-2003)", "xls xlt"),
    "doc": _kind("application/msword", "Word document (97-2003)", "doc dot"),
    "ppt": _kind("application/vnd.ms-powerpoint", "PowerPoint presentation (97-2003)", "ppt pps"),
    "msg": _kind("application/vnd.ms-outlook", "Outlook message", "msg", is_safe=False),
    "locked": _kind(
        "application/x-ole-storage",
        "Office document with a password",
        "xlsx docx pptx xlsm docm pptm xlsb",
        Notice.PASSWORD_PROTECTED,
        is_safe=False,
    ),
    "ole": _kind(
        "application/x-ole-storage", "OLE document", "xls doc ppt msg vsd mpp pub", is_safe=False
    ),
    "zip": _kind("application/zip", "ZIP archive", "zip", is_common_form=True),
    "gzip": _kind("application/gzip", "GZIP archive", "gz tgz", is_common_form=True),
    "7z": _kind("application/x-7z-compressed", "7-Zip archive", "7z"),
    "rar": _kind("application/vnd.rar", "RAR archive", "rar"),
    "tar": _kind("application/x-tar", "TAR archive", "tar", is_common_form=True),
    "html": _kind("text/html", "Web page", "html htm xhtml", Notice.ACTIVE_CONTENT, is_safe=False),
    "svg": _kind("image/svg+xml", "SVG drawing", "svg", Notice.ACTIVE_CONTENT, is_safe=False),
    "xml": _kind("application/xml", "XML data", _TEXTS, is_common_form=True, is_safe=False),
    "json": _kind("application/json", "JSON data", _TEXTS, is_common_form=True),
    "eml": _kind("message/rfc822", "E-mail", f"{_TEXTS} mht mhtml", is_safe=False),
    "csv": _kind("text/csv", "CSV table", "csv tsv"),
    "txt": _kind("text/plain", "Text", _TEXTS, is_common_form=True),
    "other": _kind(
        "application/octet-stream", "File of unknown kind", "", is_common_form=True, is_safe=False
    ),
}
GENERIC = "application/octet-stream"

_REFUSED_EXTENSIONS = _words(
    "apk app appx bat cmd com cpl deb dll dmg exe hta jar js jse ksh lnk mjs msc msi msix msp"
    " pif pkg ps1 psd1 psm1 rpm scf scr sh sys url vb vbe vbs wsf wsh"
)
_CLAIMED = frozenset(extension for kind in KINDS.values() for extension in kind.extensions)
_BY_TYPE = {kind.content_type: kind for kind in KINDS.values()}
_HTML_TAGS = _words(
    "html head body script iframe style title meta link base form table div span p a b i br hr h1"
    " h2 h3 font img input object embed video audio"
)


def sniff(head: bytes, name: str, declared_type: str) -> Sniffed:
    """What a file is, from its first bytes (64 KiB are best), its name and the sender's word.

    Raises Invalid: empty_file when there is nothing, executable_refused for a program or
    script, by its content or its extension.
    """
    extension = _extension(name)
    if not head:
        raise Invalid(
            f"{name} is empty. Check the export it came from and upload it again.",
            code="empty_file",
            field="file",
        )
    if extension in _REFUSED_EXTENSIONS or marks.is_executable(head):
        raise Invalid(
            f"{name} is a program or script, which is not accepted as evidence. Upload a "
            "screenshot, an export, or the script's text in a PDF or .txt file.",
            code="executable_refused",
            field="file",
        )
    kind, notices = _find(head, extension)
    found = {*kind.notices, *notices}
    if _contradicts(kind, extension, declared_type):
        found.add(Notice.TYPE_MISMATCH)
    return Sniffed(kind.content_type, kind.label, tuple(n for n in Notice if n in found))


def download_type(content_type: str) -> str:
    """The media type to send a stored file under: its own when listed as safe, else generic."""
    kind = _BY_TYPE.get(content_type)
    return content_type if kind is not None and kind.is_safe else GENERIC


def _extension(name: str) -> str:
    """The last extension in lower case; what Windows would cut off an end is cut off first."""
    stem, dot, extension = name.partition(":")[0].rstrip(". ").rpartition(".")
    return extension.lower() if dot and stem else ""


def _find(head: bytes, extension: str) -> tuple[Kind, set[Notice]]:
    if head.startswith(marks.ZIP_MARKS):
        return _find_zip(head, extension)
    if head.startswith(marks.OLE_MARK):
        return _find_ole(head, extension)
    for offset, mark, kind in marks.PLAIN_MARKS:
        if head.startswith(mark, offset):
            return KINDS[kind], _notices_of_pdf(head) if kind == "pdf" else set()
    text = marks.text_of(head)
    return (KINDS["other"], set()) if text is None else _find_text(text, extension)


def _notices_of_pdf(head: bytes) -> set[Notice]:
    found = {Notice.PASSWORD_PROTECTED} if b"/Encrypt" in head else set()
    if any(mark in head for mark in (b"/JavaScript", b"/JS ", b"/JS(", b"/Launch")):
        found.add(Notice.ACTIVE_CONTENT)
    return found


def _find_zip(head: bytes, extension: str) -> tuple[Kind, set[Notice]]:
    names, encrypted = marks.zip_names(head)
    notices = {Notice.PASSWORD_PROTECTED} if encrypted else set()
    declared = _BY_TYPE.get(marks.open_document(head))
    if declared is not None:
        return declared, notices
    for folder, plain, with_macros in (
        ("xl/", "xlsx", "xlsm"),
        ("word/", "docx", "docm"),
        ("ppt/", "pptx", "pptm"),
    ):
        if any(name.startswith(folder) for name in names) or (
            "[Content_Types].xml" in names
            and extension in KINDS[plain].extensions | KINDS[with_macros].extensions
        ):
            macros = any(name.lower().endswith("vbaproject.bin") for name in names)
            macros = macros or extension in KINDS[with_macros].extensions
            return KINDS[with_macros if macros else plain], notices
    return KINDS["zip"], notices


def _find_ole(head: bytes, extension: str) -> tuple[Kind, set[Notice]]:
    streams = {
        "EncryptedPackage": "locked",
        "WordDocument": "doc",
        "PowerPoint Document": "ppt",
        "Workbook": "xls",
        "__properties_version1.0": "msg",
        "__substg1.0_": "msg",
    }
    found = marks.ole_names(head, (*streams, "_VBA_PROJECT"))
    notices = {Notice.MACROS} if "_VBA_PROJECT" in found else set()
    for stream, kind in streams.items():
        if stream in found:
            return KINDS[kind], notices
    # The list of streams lies beyond the head. Office documents with a password look like this.
    if extension in KINDS["locked"].extensions:
        return KINDS["locked"], notices
    return KINDS[extension if extension in {"xls", "doc", "ppt", "msg"} else "ole"], notices


def _find_text(text: str, extension: str) -> tuple[Kind, set[Notice]]:
    tag = marks.root_tag(text)
    if tag in _HTML_TAGS:
        return KINDS["html"], set()
    if tag == "svg":
        return KINDS["svg"], set()
    if tag:
        lower = text.lower()
        runs = "<script" in lower or "/xhtml" in lower or "<svg" in lower
        return KINDS["xml"], {Notice.ACTIVE_CONTENT} if runs else set()
    if extension in KINDS["csv"].extensions:
        return KINDS["csv"], set()
    if marks.looks_like_json(text):
        return KINDS["json"], set()
    return KINDS["eml" if marks.is_mail(text) else "txt"], set()


def _contradicts(kind: Kind, extension: str, declared_type: str) -> bool:
    """Whether name or sender promise another kind than was found.

    An extension nobody claims contradicts only kinds that always go by their own.
    """
    if extension in _CLAIMED and extension not in kind.extensions:
        return True
    if extension and extension not in kind.extensions and not kind.is_common_form:
        return True
    declared = _BY_TYPE.get(declared_type.partition(";")[0].strip().lower())
    if declared is None or declared.content_type in {GENERIC, kind.content_type}:
        return False
    if declared is KINDS["xls"] and kind is KINDS["csv"]:
        return False  # what Windows calls a CSV file where Excel is installed
    return not declared.extensions & kind.extensions and extension not in declared.extensions
