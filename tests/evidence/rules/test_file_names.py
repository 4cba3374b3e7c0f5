"""File names: UPL-3, UPL-4, UPL-14, UPL-17."""

from __future__ import annotations

import re
import unicodedata
from email.message import Message
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.package_names import name_fault, name_key, refuse_unsafe
from evidence.rules.file_names import (
    FILE_BYTES,
    PATH_BYTES,
    PackagePaths,
    clean_name,
    content_disposition,
    package_path,
)

HOSTILE = [
    "",
    ".",
    "..",
    "...",
    " . ",
    "/",
    "../../etc/passwd",
    "..\\..\\windows\\system32\\cmd.exe",
    "C:\\fakepath\\report.pdf",
    "/absolute.txt",
    "nul\x00byte.txt",
    "line\r\nSet-Cookie: a=b.txt",
    "tab\tin\x0bname.csv",
    "invoice\u202efdp.exe",
    "\u2066isolated\u2069.txt",
    "zero\u200bwidth\ufeff.txt",
    "line\u2028separator\u2029.txt",
    "half\ud800pair.txt",
    "not\ufffea\uffffcharacter.txt",
    "CON",
    "con.txt",
    "NUL .tar.gz",
    "com1.log",
    "LPT\u00b9.txt",
    "CONIN$",
    "trailing dots...",
    "trailing space ",
    " leading space",
    "-rf",
    "~",
    ".htaccess",
    ".bashrc.",
    'quote"inside".pdf',
    "percent%41.pdf",
    "semi;colon=1.pdf",
    "a<b>c|d?e*f:g.txt",
    "$(reboot).sh",
    "`id`.txt",
    "{{7*7}}.html",
    "<script>alert(1)</script>.svg",
    "\u30c6\u30b9\u30c8.pdf",
    "caf\u00e9.pdf",
    "cafe\u0301.pdf",
    "\ufb01le.txt",
    "\u017fecret.txt",
    "\u0130stanbul.txt",
    "stra\u00dfe.pdf",
    "STRASSE.pdf",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467.png",
    "\u0645\u0644\u0641.pdf",
    "no extension",
    "many.dots.in.a.name.xlsx",
    "x" * 300 + ".pdf",
    "\u00e9" * 300 + ".xlsx",
    "\U0001f4c4" * 100 + ".docx",
    "a." + "e" * 300,
    "\u0301combining first.txt",
    "a" * 255,
    "tar.gz/" * 50,
]
NAMES = st.one_of(st.text(max_size=300), st.sampled_from(HOSTILE))


@pytest.mark.parametrize(
    ("given_name", "cleaned"),
    [
        ("Q3 access review.xlsx", "Q3 access review.xlsx"),
        ("cafe\u0301.pdf", "caf\u00e9.pdf"),
        ("../../etc/passwd", ".._.._etc_passwd"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("line\r\nbreak.txt", "linebreak.txt"),
        ("..", "unnamed"),
        ("\x00", "unnamed"),
        ("x" * 300 + ".pdf", "x" * 251 + ".pdf"),
        ("\U0001f468\u200d\U0001f469.png", "\U0001f468\u200d\U0001f469.png"),
    ],
)
def test_a_name_is_kept_as_given_but_for_what_could_harm(given_name, cleaned):
    assert clean_name(given_name) == cleaned


@given(NAMES)
def test_a_clean_name_is_short_visible_text_and_cleaning_again_changes_nothing(name):
    cleaned = clean_name(name)
    assert 0 < len(cleaned.encode()) <= 255
    assert cleaned == unicodedata.normalize("NFC", cleaned) == clean_name(cleaned)
    assert cleaned.strip(". ")
    assert not re.search(r"[/\\\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]", cleaned)


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=400))
def test_a_long_name_keeps_its_extension(stem):
    assert clean_name(f"a{stem}.xlsx").endswith(".xlsx")


@given(NAMES)
def test_a_download_header_is_one_ascii_line_that_gives_the_name_back(name):
    header = content_disposition(name)
    assert re.fullmatch(r"[\x20-\x7e]+", header)
    message = Message()
    message["Content-Disposition"] = header
    assert message.get_content_disposition() == "attachment"
    encoded = re.search(r"; filename\*=UTF-8''([A-Za-z0-9!#$&+\-.^_`|~%]+)$", header)
    plain = re.search(r'; filename="([^"\\]*)"', header)
    assert plain is not None
    assert plain[1]
    assert (unquote(encoded[1]) if encoded else plain[1]) == clean_name(name)


@given(st.lists(NAMES, min_size=1, max_size=3))
def test_a_package_path_is_safe_on_every_computer(parts):
    path = package_path("30-evidence", *parts)
    assert name_fault(path) == ""
    assert path.count("/") == len(parts)
    assert len(path.encode()) <= PATH_BYTES
    assert len(path.rpartition("/")[2].encode()) <= FILE_BYTES


@pytest.mark.parametrize(
    ("part", "safe"),
    [
        ("con.txt", "con_.txt"),
        ("NUL", "NUL_"),
        ("a<b>:c?.txt", "a_b__c_.txt"),
        ("report...", "report"),
        ("1-0a1b2c3d-Access review.xlsx", "1-0a1b2c3d-Access review.xlsx"),
    ],
)
def test_what_windows_refuses_is_replaced(part, safe):
    assert package_path("30-evidence", part) == f"30-evidence/{safe}"


@given(st.lists(NAMES, max_size=30))
def test_paths_of_one_package_never_meet(names):
    paths = PackagePaths()
    taken = [paths.take("30-evidence", "R-001", name) for name in names]
    refuse_unsafe(taken)
    assert len({name_key(path) for path in taken}) == len(names)


def test_names_that_differ_in_case_or_normal_form_get_a_number():
    paths = PackagePaths()
    names = ["Caf\u00e9.pdf", "cafe\u0301.PDF", "STRASSE.txt", "stra\u00dfe.txt", "caf\u00e9.pdf"]
    assert [paths.take("30-evidence", name) for name in names] == [
        "30-evidence/Caf\u00e9.pdf",
        "30-evidence/caf\u00e9 (2).PDF",
        "30-evidence/STRASSE.txt",
        "30-evidence/stra\u00dfe (2).txt",
        "30-evidence/caf\u00e9 (3).pdf",
    ]


def test_a_file_never_takes_the_name_of_a_folder_nor_a_folder_that_of_a_file():
    paths = PackagePaths()
    paths.take("30-evidence", "R-001", "a.txt")
    assert paths.take("30-evidence", "r-001") == "30-evidence/r-001 (2)"
    with pytest.raises(ValueError, match="name of a file"):
        paths.take("30-evidence", "R-001", "A.TXT", "b.txt")


def test_folders_too_deep_for_a_file_name_are_refused():
    with pytest.raises(ValueError, match="no room"):
        package_path(*["f" * 60] * 4, "file.txt")


@pytest.mark.parametrize(
    "path",
    ["../a", "/a", "a//b", "a/./b", "a\\b", "c:/a", "a/con.txt", "a/b.", "cafe\u0301", "a\nb", ""],
)
def test_an_unsafe_path_is_refused(path):
    with pytest.raises(ValueError, match="package path"):
        refuse_unsafe([path])


@pytest.mark.parametrize("pair", [("a/B", "a/b"), ("a", "a/b"), ("a/b", "A"), ("ss", "\u00df")])
def test_paths_that_meet_when_unpacked_are_refused(pair):
    with pytest.raises(ValueError, match="meet another"):
        refuse_unsafe(pair)
    refuse_unsafe(pair[:1])
