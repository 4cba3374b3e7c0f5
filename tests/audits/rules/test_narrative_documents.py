"""Narratives out to a document and back: nothing is lost, what is wrong is named with its line."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.rules.narrative_documents import ToldNarrative, markdown_lines, read, to_markdown

KNOWN = {"elc-01": "ELC-01", "ac-2": "AC-2"}
LINES = st.text(st.sampled_from("a#> \\\nRuns so since: 2026"), max_size=30)


def back(text):
    return read(markdown_lines(text), KNOWN)


def test_what_goes_out_comes_back():
    told = [
        ToldNarrative("ELC-01", "Code", "One.\n\nTwo.", date(2026, 1, 1), "Owner: Head of People"),
        ToldNarrative("AC-2", "Access", "Three."),
    ]
    document = to_markdown(told)
    assert document.startswith("# Control narratives\n\n## ELC-01 Code\n\n> Owner")
    first, second = back(document)
    assert (first.ref, first.text, first.effective_from) == (
        "ELC-01",
        "One.\n\nTwo.",
        date(2026, 1, 1),
    )
    assert (second.ref, second.text, second.effective_from) == ("AC-2", "Three.", None)
    assert not first.problem
    assert not second.problem


@given(LINES)
def test_no_text_reads_as_a_mark_of_the_document(text):
    kept = text.strip()
    (found,) = back(to_markdown([ToldNarrative("AC-2", "Access", text)]))
    assert (found.text, bool(found.problem)) == (kept, not kept)


@pytest.mark.parametrize(
    ("document", "line", "says"),
    [
        ("# Control narratives\n\n## ZZ-9 Nobody\ntext", 3, "No control of yours"),
        ("## AC-2 Access\n\n\n", 1, "Nothing is told"),
        ("## AC-2 Access\nRuns so since: soon\ntext", 1, "2026-01-31"),
        ("## AC-2 Access\n" + "x" * 20_001, 1, "20,001 characters"),
        ("## AC-2 Access\nA\0B", 1, "zero character"),
        ("## Introduction\ntext", 1, "No control of yours"),
    ],
)
def test_what_cannot_be_taken_is_named_with_its_line(document, line, says):
    (found,) = back(document)
    assert found.line == line
    assert says in found.problem
    assert not back("## AC-2: Access ##\r\ntext")[0].problem


def test_a_control_told_twice_is_refused_at_the_second_place():
    first, second = back("## AC-2 One\ntext\n\n## ac-2 Two\nother")
    assert not first.problem
    assert "line 1 already" in second.problem
