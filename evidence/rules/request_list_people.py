"""Whom a row names: owner and contributors by e-mail (IM-05)."""

from __future__ import annotations

from dataclasses import dataclass

from evidence.rules import request_list_cells as cells
from evidence.rules.request_list_notes import RowNotes
from evidence.rules.request_list_words import ListField

F = ListField


@dataclass(frozen=True, slots=True)
class People:
    """owners: the addresses of the owner's cell, the first of whom is the owner.

    contributors: the others, and those of their own column. unknown: valid ones nobody has.
    """

    owners: tuple[str, ...]
    contributors: tuple[str, ...]
    unknown: tuple[str, ...]


def read_people(notes: RowNotes) -> People:
    """The people of a row. Where a list has only names, the owner is found by name.

    Unknown addresses are suggested for an invitation, never invited by themselves.
    """
    text, place = _owner_text(notes)
    owners = cells.read_addresses(text)
    helpers = cells.read_addresses(notes.told_text(F.CONTRIBUTORS))
    for name, found in ((place, owners), (F.CONTRIBUTORS, helpers)):
        for address in found.bad:
            notes.say("bad_email", name, shown=address)
    if owners.all:
        notes.told.add(F.OWNER_EMAIL)
    else:
        _note_missing(notes)
    if len(owners.all) > 1:
        notes.say("two_emails", place, count=len(owners.all), owner=owners.all[0])
        notes.told.add(F.CONTRIBUTORS)
    contributors = tuple(
        email
        for email in dict.fromkeys(owners.all[1:] + helpers.all)
        if email not in owners.all[:1]
    )
    bad = {*owners.bad, *helpers.bad}
    people = notes.settings.context.people
    unknown = tuple(
        email for email in owners.all[:1] + contributors if email not in bad and email not in people
    )
    for email in unknown:
        notes.say("unknown_email", place, shown=email)
    return People(owners.all, contributors, unknown)


def _owner_text(notes: RowNotes) -> tuple[str, ListField]:
    """The owner's address and the field that told it; empty when none did."""
    text = notes.told_text(F.OWNER_EMAIL)
    if text:
        return text, F.OWNER_EMAIL
    name = notes.text(F.OWNER_NAME)
    if "@" in name:
        return name, F.OWNER_NAME
    return notes.settings.people_by_name.get(cells.folded_text(name), ""), F.OWNER_NAME


def _note_missing(notes: RowNotes) -> None:
    """Nobody is named by e-mail: a doubt when the list has a column for it."""
    name = cells.clean_line(notes.text(F.OWNER_NAME))
    if name and not cells.is_blank(name):
        notes.say("owner_not_known", F.OWNER_NAME, shown=name)
    elif F.OWNER_EMAIL in notes.settings.columns:
        notes.say("missing_owner", F.OWNER_EMAIL)
