"""Narratives as a document a person edits: Markdown, and the blocks a Word file is made of.

One control is one heading, “## ELC-01 Title”; what stands below it, up to the next heading, is its
narrative. A line “Runs so since: 2026-01-01” right below the heading dates the version. Quoted
lines are what the export says for the reader's orientation; reading leaves them out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from audits.rules.controls import LIMITS

HEADING: Final = re.compile(r"#{1,6}\s+(?P<text>.*\S)\s*#*\s*$")
SINCE: Final = re.compile(r"\s*runs so since\s*:\s*(?P<day>.*)", re.IGNORECASE)
QUOTED: Final = re.compile(r"\s*>")
MARKED: Final = re.compile(r"^(\s*)(\\*(?:#|>|runs so since\s*:))", re.IGNORECASE)
UNMARKED: Final = re.compile(r"^(\s*)\\(\\*(?:#|>|runs so since\s*:))", re.IGNORECASE)
TITLE: Final = "Control narratives"


@dataclass(frozen=True, slots=True)
class ToldNarrative:
    """A control's narrative to be written down. facts: one line for orientation, or empty."""

    ref: str
    title: str
    text: str
    effective_from: date | None = None
    facts: str = ""


@dataclass(frozen=True, slots=True)
class ReadNarrative:
    """One heading of a document: a narrative, or why it is refused. line: the heading's, from 1."""

    line: int
    ref: str
    text: str = ""
    effective_from: date | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a document. heading: it opens a control; its text stands without marks."""

    number: int
    text: str
    heading: bool = False


def to_markdown(narratives: Iterable[ToldNarrative]) -> str:
    """The document of these narratives, in their order; `read` takes it back."""
    parts = [f"# {TITLE}"]
    for told in narratives:
        parts.append(f"## {told.ref} {' '.join(told.title.split())}")
        if told.facts:
            parts.append(f"> {told.facts}")
        if told.effective_from:
            parts.append(f"Runs so since: {told.effective_from.isoformat()}")
        parts.append("\n".join(marked(line) for line in lines_of(told.text)))
    return "\n\n".join(parts) + "\n"


def marked(line: str) -> str:
    """A line of a narrative that would read as a mark of the document, told as plain text."""
    return MARKED.sub(r"\1\\\2", line)


def lines_of(text: str) -> list[str]:
    """The lines of a text, whatever they end with, without white space around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n")


def markdown_lines(text: str) -> list[Line]:
    """The lines of a Markdown document, its headings known."""
    lines = []
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        heading = HEADING.match(line)
        lines.append(Line(number, heading["text"] if heading else line, bool(heading)))
    return lines


def word_lines(paragraphs: Iterable[tuple[str, str]]) -> list[Line]:
    """The lines of a Word document from its (kind, text) paragraphs: heading, quote or text."""
    lines: list[Line] = []
    for number, (kind, text) in enumerate(paragraphs, 1):
        if kind == "heading":
            if words := " ".join(text.split()):
                lines.append(Line(number, words, heading=True))
        elif kind != "quote":
            lines += [Line(number, line) for line in text.split("\n")]
            lines.append(Line(number, ""))
    return lines


def read(lines: Sequence[Line], known: Mapping[str, str]) -> list[ReadNarrative]:
    """The narratives of a document, in order.

    known: folded id → id of each control of the library. A heading that opens with no known id is
    refused, except the document's own title.
    """
    found: list[ReadNarrative] = []
    seen: dict[str, int] = {}
    for at, line in enumerate(lines):
        if not line.heading or (not found and _is_title(line.text, known)):
            continue
        below = _below(lines, at)
        one = _narrative(line, below, known)
        first = seen.setdefault(one.ref.casefold(), one.line)
        if first != one.line and not one.problem:
            told = f"{one.ref} is told at line {first} already. Leave one of the two out."
            one = ReadNarrative(one.line, one.ref, problem=told)
        found.append(one)
    return found


def _is_title(text: str, known: Mapping[str, str]) -> bool:
    return text.casefold() == TITLE.casefold() and _first_word(text) not in known


def _first_word(text: str) -> str:
    """The id a heading opens with, folded."""
    return text.split(maxsplit=1)[0].strip(":").casefold()


def _below(lines: Sequence[Line], at: int) -> list[str]:
    below = []
    for line in lines[at + 1 :]:
        if line.heading:
            break
        below.append(line.text)
    return below


def _narrative(line: Line, below: Sequence[str], known: Mapping[str, str]) -> ReadNarrative:
    ref = known.get(_first_word(line.text), "")
    if not ref:
        shown = line.text if len(line.text) <= 60 else f"{line.text[:57]}…"
        return ReadNarrative(
            line.number, shown,
            problem="No control of yours has this id. Open the heading with the control's id, or "
            "add the control first.",
        )  # fmt: skip
    since, kept = _since([text for text in below if not QUOTED.match(text)])
    if isinstance(since, str):
        return ReadNarrative(line.number, ref, problem=since)
    text = "\n".join(UNMARKED.sub(r"\1\2", one) for one in kept).strip()
    if problem := _problem(text):
        return ReadNarrative(line.number, ref, problem=problem)
    return ReadNarrative(line.number, ref, text, since)


def _since(below: list[str]) -> tuple[date | str | None, list[str]]:
    """The day told right below the heading, or why it is none; and the lines that remain."""
    first = next((at for at, text in enumerate(below) if text.strip()), 0)
    told = SINCE.match(below[first]) if below else None
    if not told:
        return None, below
    rest = below[first + 1 :]
    day = told["day"].strip()
    try:
        return date.fromisoformat(day), rest
    except ValueError:
        return f"“{day[:40]}” is no day. Write it as 2026-01-31.", rest


def _problem(text: str) -> str:
    if not text:
        return "Nothing is told below this heading. Tell the control, or leave the heading out."
    if len(text) > LIMITS["narrative"]:
        return f"This is {len(text):,} characters; a narrative holds {LIMITS['narrative']:,}."
    if "\0" in text:
        return "Remove the zero character from this text."
    return ""
