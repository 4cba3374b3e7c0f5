"""One story of a request: what was said and done, oldest first, as the timeline shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from evidence.choices import RequestStatus, ReturnReason
from evidence.portal.request_words import MARKS, WORDS
from evidence.queries.request_page import Story
from tenants.choices import TrailZone
from tenants.models import TrailEntry
from tenants.portal.trail_words import verb_words
from tenants.templatetags.kit import american

Entry = dict[str, Any]
FIELDS = {
    "due_on": "due date", "requested_on": "day it was asked", "acceptance_hint": "good evidence",
    "period_from": "period", "period_to": "end of the period", "ref": "reference",
    "covers_all_scope": "whole scope", "owner_email": "owner’s address",
    "scope_items": "criteria or objectives", "sensitivity": "who may see it",
}  # fmt: skip
"""Field → what people call it, where its name does not say it."""


def entries_of(story: Story, names: Mapping[str, str]) -> list[Entry]:
    """Messages, the firm's notes and acts in one line of time.

    `names`: file version id → its name, for the files that the reader sees.
    """
    found = [*_messages(story), *_notes(story), *_acts(story, names)]
    return sorted(found, key=lambda entry: entry["at"])


def _messages(story: Story) -> Iterator[Entry]:
    for message in story.messages:
        yield {
            "at": message.written_at, "who": message.author, "text": message.text,
            "what": f"of {message.organization.name} wrote",
        }  # fmt: skip


def _notes(story: Story) -> Iterator[Entry]:
    for note in story.notes:
        yield {
            "at": note.written_at, "who": note.author, "text": note.text, "what": "noted",
            "firm_only": True,
        }  # fmt: skip


def _acts(story: Story, names: Mapping[str, str]) -> Iterator[Entry]:
    for act in story.acts:
        moved = bool(act.before and act.after and act.before != act.after)
        words = WORDS.get(act.verb, verb_words(act.verb)).replace("{label}", "the request")
        yield {
            "at": act.at,
            "who": story.people.get(act.person_id) if act.person_id else None,
            "what": words + _more(act, names),
            "text": act.note,
            "status": act.after if moved else "",
            "status_label": RequestStatus(act.after).label if moved else "",
            "icon": MARKS.get(act.verb, ""),
            "firm_only": act.zone == TrailZone.FIRM,
        }


def _more(act: TrailEntry, names: Mapping[str, str]) -> str:
    """What the act's detail adds to its words."""
    detail = act.detail or {}
    if act.verb == "give_back" and detail.get("reason") in ReturnReason.values:
        return f": {ReturnReason(detail['reason']).label.lower()}"
    if act.verb == "due_date_changed":
        return f" from {_day(detail.get('before'))} to {_day(detail.get('after'))}"
    if act.verb == "due_date_proposed":
        return f": {_day(detail.get('after'))}"
    if act.verb == "edited" and detail.get("fields"):
        return f": {', '.join(FIELDS.get(name, verb_words(name)) for name in detail['fields'])}"
    if "sha256" in detail:
        name = names.get(str(detail.get("file_version")))
        return f": {name}" if name else f" (SHA-256 {detail['sha256'][:12]})"
    return ""


def _day(text: Any) -> str:
    """A day of the trail as people write it."""
    try:
        return american(date.fromisoformat(str(text)))
    except ValueError:
        return "no date"
