"""Notes of reviewers on papers: written, answered, cleared; at wrap-up kept or dropped (SO-07)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audits.models.sign_offs import ReviewNote
from audits.queries.papers import standing
from tenants import trail
from tenants.errors import Invalid, Refused
from tenants.lifecycle import changing
from tenants.models import Engagement, User
from tenants.permissions import NotAllowed, P, require

LONGEST = 4_000


def write(engagement: Engagement, kind: str, paper_id: UUID, *, text: str, by: User) -> ReviewNote:
    """Ask something of who prepared a paper.

    Raises PermissionDenied, NotVisible for a paper there is not, Invalid without a text.
    """
    require(by, P.WRITE_REVIEW_NOTE, engagement)
    paper = standing(engagement, kind, paper_id)
    with transaction.atomic():
        note: ReviewNote = ReviewNote.objects.create(
            engagement=engagement, paper_kind=kind, paper_id=paper_id, paper_name=paper.name[:200],
            author=by, text=_said(text),
        )  # fmt: skip
        trail.record("written", note, by=by, engagement_id=engagement.pk)
    return note


def answer(note: ReviewNote, *, text: str, by: User, version: int | None = None) -> ReviewNote:
    """Answer a note that is open; another answer takes the place of the one before.

    Raises PermissionDenied, Refused once it is cleared, Invalid, StaleVersion.
    """
    require(by, P.ANSWER_REVIEW_NOTE, note.engagement)
    said = _said(text)
    with changing("answered", note, by=by, version=version) as row:
        _is_open(row)
        row.answer, row.answered_by, row.answered_at = said, by, timezone.now()
    return note


def clear(note: ReviewNote, *, by: User, version: int | None = None) -> ReviewNote:
    """Take a note as settled: its author does, or the manager (SO-07).

    Raises PermissionDenied, Refused for anybody else's note or one that is cleared, StaleVersion.
    """
    engagement = note.engagement
    require(by, P.WRITE_REVIEW_NOTE, engagement)
    if note.author_id != by.pk and not by.has_perm(P.MANAGE_ENGAGEMENT, engagement):
        said = "SO-07: its author clears a note, or a manager."
        raise NotAllowed(said, anchor=engagement, asked="clear", subject=note)
    with changing("cleared", note, by=by, version=version) as row:
        _is_open(row)
        row.cleared_by, row.cleared_at = by, timezone.now()
    return note


def _said(text: str) -> str:
    if not text.strip():
        raise Invalid("Write something.", code="text_required", field="text")
    if len(text) > LONGEST:
        raise Invalid(f"Say it in {LONGEST} characters.", code="text_too_long", field="text")
    return text.strip()


def _is_open(note: ReviewNote) -> None:
    if note.cleared_at is not None:
        raise Refused("This note is cleared. Write another one.", code="note_cleared")
