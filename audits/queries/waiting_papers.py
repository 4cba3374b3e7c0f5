"""What of a file waits for the person acting."""

from __future__ import annotations

from django.db.models import Exists, OuterRef
from django.urls import reverse

from audits.models.sign_offs import ReviewNote, SignOff
from audits.papers import PREPARED
from tenants.models import User
from tenants.permissions import P
from tenants.queries.waiting import SHOWN, WaitingGroup, WaitingItem


def notes_on_my_papers(user: User) -> list[WaitingGroup]:
    """Open review notes without an answer on papers that `user` prepared (1 query)."""
    mine = SignOff.objects.filter(
        engagement=OuterRef("engagement"), paper_kind=OuterRef("paper_kind"),
        paper_id=OuterRef("paper_id"), level=PREPARED, signer=user, taken_back_at=None,
    )  # fmt: skip
    rows = ReviewNote.objects.granting(user, P.ANSWER_REVIEW_NOTE).filter(
        Exists(mine), cleared_at=None, answered_at=None
    )
    found = list(rows.select_related("engagement"))
    if not found:
        return []
    items = [
        WaitingItem(
            f"Answer the note on {note.paper_name}",
            reverse("audits:paper", args=[note.engagement_id, note.paper_kind, note.paper_id]),
            engagement=note.engagement.title,
        )
        for note in found[:SHOWN]
    ]
    return [
        WaitingGroup("Review notes for you", "To answer", items, len(found), url=items[0].url,
                     icon="message", tone="soon")
    ]  # fmt: skip
