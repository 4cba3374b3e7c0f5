"""Word documents as people send them, read by the guarded child: text alone."""

from __future__ import annotations

import io
from zipfile import ZipFile

import pytest

from audits.rules import word
from evidence.workbooks import WorkbookRefused, read_word

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def docx(tmp_path, body, styles=""):
    made = tmp_path / "told.docx"
    with ZipFile(made, "w") as archive:
        archive.writestr(
            "word/document.xml", f"<w:document {W}><w:body>{body}</w:body></w:document>"
        )
        if styles:
            archive.writestr("word/styles.xml", f"<w:styles {W}>{styles}</w:styles>")
    return made


def paragraph(text, style="", more=""):
    kind = f'<w:pPr><w:pStyle w:val="{style}"/>{more}</w:pPr>' if style or more else ""
    return f"<w:p>{kind}<w:r><w:t>{text}</w:t></w:r></w:p>"


def test_our_own_document_is_read_back(tmp_path):
    blocks = [
        word.Block("Control narratives", "Title"), word.Block("AC-1 Access", "Heading2"),
        word.Block("Owner", "Quote"), word.Block("One & <two>\nthree é \x0b"),
    ]  # fmt: skip
    made = tmp_path / "ours.docx"
    made.write_bytes(word.document(blocks))
    assert word.document(blocks) == made.read_bytes()
    assert read_word(made) == [
        ("heading", "Control narratives"), ("heading", "AC-1 Access"), ("quote", "Owner"),
        ("text", "One & <two>\nthree é "),
    ]  # fmt: skip


def test_headings_are_known_by_name_or_level_in_any_language(tmp_path):
    styles = (
        '<w:style w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style>'
        '<w:style w:styleId="Eigen"><w:name w:val="Kontrolle"/><w:pPr><w:outlineLvl w:val="1"/>'
        '</w:pPr></w:style><w:style w:styleId="Text"><w:name w:val="Body"/></w:style>'
    )
    body = (
        paragraph("One", "berschrift2") + paragraph("Two", "Eigen") + paragraph("Three", "Text")
        + paragraph("Four", more='<w:outlineLvl w:val="0"/>')
    )  # fmt: skip
    kinds = [kind for kind, _ in read_word(docx(tmp_path, body, styles))]
    assert kinds == ["heading", "heading", "text", "heading"]


def test_struck_text_is_left_out_and_tables_are_read(tmp_path):
    body = (
        "<w:tbl><w:tr><w:tc>" + paragraph("In a table") + "</w:tc></w:tr></w:tbl>"
        "<w:p><w:r><w:t>Kept</w:t><w:br/><w:t>below</w:t></w:r>"
        "<w:del><w:r><w:delText>struck</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:tab/><w:t>new</w:t></w:r></w:ins></w:p>"
    )
    assert read_word(docx(tmp_path, body)) == [
        ("text", "In a table"), ("text", "Kept\nbelow new"),
    ]  # fmt: skip


def test_entities_and_other_files_are_refused(tmp_path):
    bomb = tmp_path / "bomb.docx"
    with ZipFile(bomb, "w") as archive:
        archive.writestr("word/document.xml", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
    with pytest.raises(WorkbookRefused) as refused:
        read_word(bomb)
    assert refused.value.code == "workbook_unsafe"
    other = tmp_path / "list.docx"
    made = io.BytesIO()
    with ZipFile(made, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    other.write_bytes(made.getvalue())
    with pytest.raises(WorkbookRefused, match=r"no Word document"):
        read_word(other)
