"""A library's narratives out to a document that a person edits, and back: all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Final

from django.db import transaction

from audits.actions.library import lock, write
from audits.models import Control, Narrative
from audits.queries.library import library_of
from audits.rules import word
from audits.rules.control_changes import ControlChange, Outcome, compare
from audits.rules.delimited import MOST_BYTES
from audits.rules.narrative_documents import (
    TITLE,
    Line,
    ReadNarrative,
    ToldNarrative,
    lines_of,
    markdown_lines,
    marked,
    read,
    to_markdown,
)
from tenants import trail
from tenants.errors import Invalid
from tenants.models import Organization, User
from tenants.permissions import P, require

Reader = Callable[[bytes], Sequence[Line]]
KINDS: Final = {
    "md": "text/markdown; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
"""Ending of a file that goes out → its media type."""


@dataclass(frozen=True, slots=True)
class NarrativeChange:
    """What a document does to one control. outcome: update, unchanged, or error with `problem`."""

    line: int
    ref: str
    outcome: str
    problem: str = ""
    text: str = ""
    before: str = ""


def export(client: Organization, kind: str, *, by: User) -> bytes:
    """The narratives of the controls that run, by id, as Markdown or DOCX; noted in the trail.

    Raises PermissionDenied, Invalid for another kind.
    """
    require(by, P.PROPOSE_NARRATIVE, client)
    if kind not in KINDS:
        raise Invalid("as: choose from md, docx.", code="kind_unknown", field="as")
    told = _told(client)
    trail.record("narratives_exported", client, by=by, organization_id=client.pk,
                 detail={"kind": kind, "count": len(told)})  # fmt: skip
    return to_markdown(told).encode() if kind == "md" else word.document(_blocks(told))


def preview(client: Organization, content: bytes, name: str, *, by: User) -> list[NarrativeChange]:
    """What a document would do, heading by heading; nothing is written.

    name: as sent; its ending says which kind it is. Raises PermissionDenied, Invalid for what is
    no document of narratives.
    """
    require(by, P.EDIT_LIBRARY, client)
    changes, _ = _compared(client, read_document(client, content, name))
    return changes


def bring_in(client: Organization, content: bytes, name: str, *, by: User) -> list[NarrativeChange]:
    """Make each narrative that is told otherwise the next version of its control.

    Raises PermissionDenied, Invalid naming the first heading that was refused: nothing is
    brought in by halves.
    """
    require(by, P.EDIT_LIBRARY, client)
    found = read_document(client, content, name)
    with transaction.atomic():
        lock(client)
        changes, meant = _compared(client, found)
        _refuse_problems(changes)
        for since in dict.fromkeys(one.effective_from for _, one in meant):
            part = [change for change, one in meant if one.effective_from == since]
            library = library_of(client, refs=[change.told.ref for change in part])
            write(client, library, part, by=by, effective_from=since)
        if meant:
            trail.record("narratives_imported", client, by=by, organization_id=client.pk,
                         detail={"updated": len(meant)})  # fmt: skip
    return changes


def read_document(client: Organization, content: bytes, name: str) -> list[ReadNarrative]:
    """The narratives of a document, each read or refused. Raises Invalid for no such document."""
    ending = PurePath(name).suffix.lower()
    reader = READERS.get(ending)
    if reader is None:
        known = ", ".join(sorted(READERS))
        raise Invalid(
            f"“{ending or name[:40]}” is not read. Send a document that ends in: {known}.",
            code="kind_unknown", field="file",
        )  # fmt: skip
    if len(content) > MOST_BYTES:
        raise Invalid(
            f"The file is larger than {MOST_BYTES >> 20} MB. Take its pictures out, or split it.",
            code="document_too_large", field="file",
        )  # fmt: skip
    refs = Control.objects.filter(client=client, retired_on=None).values_list("ref", flat=True)
    found = read(reader(content), {ref.casefold(): ref for ref in refs})
    if not found:
        raise Invalid(
            "No narrative was found: each control is a heading that opens with its id, such as "
            "“ELC-01 Code of conduct”, with its text below.",
            code="narratives_missing", field="file",
        )  # fmt: skip
    return found


def read_markdown(content: bytes) -> list[Line]:
    """The lines of a Markdown file. Raises Invalid for what is no text, or too much of it."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(
            "The file is not UTF-8 text. Save it as UTF-8 and send it again.",
            code="unknown_encoding", field="file",
        ) from error  # fmt: skip
    return markdown_lines(text)


READERS: dict[str, Reader] = {".md": read_markdown, ".markdown": read_markdown}
"""Ending of a file → what reads it; a higher app adds those that a guarded process must parse."""


def _told(client: Organization) -> list[ToldNarrative]:
    library = library_of(client)
    since = dict(
        Narrative.objects.filter(client=client)
        .order_by("control", "number").values_list("control", "effective_from")
    )  # fmt: skip
    running = [row for row in library.controls.values() if not row.retired_on]
    return [
        ToldNarrative(
            row.ref, row.title, row.narrative or "", since.get(row.pk),
            f"{row.owner_role} · {row.get_frequency_display()} · "
            f"{', '.join(library.told[row.ref].systems or ()) or 'no system named'}",
        )
        for row in sorted(running, key=lambda row: row.ref)
    ]  # fmt: skip


def _blocks(narratives: Sequence[ToldNarrative]) -> list[word.Block]:
    blocks = [word.Block(TITLE, "Title")]
    for told in narratives:
        blocks.append(word.Block(f"{told.ref} {' '.join(told.title.split())}", "Heading2"))
        blocks.append(word.Block(told.facts, "Quote"))
        if told.effective_from:
            blocks.append(word.Block(f"Runs so since: {told.effective_from.isoformat()}"))
        text = "\n".join(marked(line) for line in lines_of(told.text))
        blocks += [word.Block(part) for part in text.split("\n\n")]
    return blocks


def _compared(
    client: Organization, found: Sequence[ReadNarrative]
) -> tuple[list[NarrativeChange], list[tuple[ControlChange, ReadNarrative]]]:
    """What each heading does, and the changes that are meant."""
    told = library_of(client, refs=[one.ref for one in found if not one.problem]).told
    changes, meant = [], []
    for one in found:
        if one.problem:
            changes.append(NarrativeChange(one.line, one.ref, "error", one.problem))
            continue
        before = told[one.ref].narrative
        if before.split() == one.text.split():
            changes.append(NarrativeChange(one.line, one.ref, "unchanged", text=one.text))
            continue
        change = compare(told, [replace(told[one.ref], narrative=one.text)])[0]
        assert change.outcome == Outcome.UPDATE
        meant.append((change, one))
        changes.append(NarrativeChange(one.line, one.ref, "update", text=one.text, before=before))
    return changes, meant


def _refuse_problems(changes: Sequence[NarrativeChange]) -> None:
    wrong = [one for one in changes if one.outcome == "error"]
    if wrong:
        more = f"; {len(wrong)} headings need correction." if len(wrong) > 1 else "."
        raise Invalid(
            f"Line {wrong[0].line}, {wrong[0].ref}: {wrong[0].problem} Nothing was brought in"
            + more,
            code="narrative_refused", field="file",
        )  # fmt: skip
