"""A plain Word document (DOCX) from headings and paragraphs; same input, same bytes."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

W: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
UNPRINTABLE: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold."""

TYPES: Final = (
    f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>'
    '<Override PartName="/word/styles.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/></Types>'
)
LINKS: Final = (
    f'{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" '
    'Target="{target}"/></Relationships>'
)


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph. style: Title, Heading1, Heading2, Quote, or empty for plain text."""

    text: str
    style: str = ""


_STYLES: Final = {
    "Title": ("Title", 40, True, "000000"),
    "Heading1": ("heading 1", 32, True, "000000"),
    "Heading2": ("heading 2", 26, True, "000000"),
    "Quote": ("Quote", 20, False, "595959"),
}
"""Style id → name as Word knows it, size in half points, bold, colour."""


def document(blocks: Iterable[Block]) -> bytes:
    """The bytes of a DOCX file with these paragraphs; line ends inside one become line breaks."""
    body = "".join(_paragraph(block) for block in blocks)
    parts = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": LINKS.format(kind="officeDocument", target="word/document.xml"),
        "word/document.xml": f'{HEAD}<w:document xmlns:w="{W}"><w:body>{body}'
        "<w:sectPr/></w:body></w:document>",
        "word/_rels/document.xml.rels": LINKS.format(kind="styles", target="styles.xml"),
        "word/styles.xml": _styles(),
    }
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = ZIP_DEFLATED
            archive.writestr(entry, text.encode())
    return made.getvalue()


def _paragraph(block: Block) -> str:
    style = f'<w:pPr><w:pStyle w:val="{block.style}"/></w:pPr>' if block.style else ""
    lines = UNPRINTABLE.sub("", block.text).split("\n")
    runs = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in lines)
    return f"<w:p>{style}<w:r>{runs}</w:r></w:p>"


def _styles() -> str:
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/>'
        f'<w:pPr><w:spacing w:before="240" w:after="80"/></w:pPr>'
        f'<w:rPr>{"<w:b/>" if bold else ""}<w:color w:val="{color}"/><w:sz w:val="{size}"/>'
        "</w:rPr></w:style>"
        for key, (name, size, bold, color) in _STYLES.items()
    )
    plain = (
        '<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Calibri" w:hAnsi="Calibri"/>'
        '<w:sz w:val="22"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr>'
        '<w:spacing w:after="160" w:line="276" w:lineRule="auto"/></w:pPr></w:pPrDefault>'
        "</w:docDefaults>"
    )
    return f'{HEAD}<w:styles xmlns:w="{W}">{plain}{styles}</w:styles>'
