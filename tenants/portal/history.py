"""The history of an engagement: who did what, when."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tenants import signing
from tenants.actions import trail_exports
from tenants.actions.trail_checkpoints import fresh
from tenants.choices import TrailZone
from tenants.errors import NotVisible
from tenants.models import TrailEntry, User
from tenants.permissions import P, require
from tenants.portal import trail_words
from tenants.portal.base import Request, engagement_page, signed_in
from tenants.queries import engagements, trail, trail_books
from tenants.trail_verifier import key_text

SIZE = 40
"""Entries on a page."""


class HistoryForm(forms.Form):
    """What the history can be narrowed by: values that occur in it."""

    person = forms.ChoiceField(label="Person", required=False)
    verb = forms.ChoiceField(label="Act", required=False)
    subject = forms.ChoiceField(label="Record", required=False)
    since = forms.DateField(label="From", required=False)
    until = forms.DateField(label="To", required=False)
    refusals = forms.BooleanField(label="Refusals only", required=False)

    def __init__(self, data: Any, facets: trail.Facets) -> None:
        super().__init__(data)
        acts = [(verb, trail_words.verb_words(verb).capitalize()) for verb in facets.verbs]
        kinds = [(kind, trail_words.subject_words(kind)) for kind in facets.subjects]
        self.fields["person"].choices = [("", "Everybody"), *facets.people]
        self.fields["verb"].choices = [("", "Every act"), *acts]
        self.fields["subject"].choices = [("", "Every record"), *kinds]

    @property
    def asked(self) -> dict[str, str]:
        """What was asked for and occurs, as text; days in ISO form."""
        self.is_valid()
        return {name: str(value) if value else "" for name, value in self.cleaned_data.items()}


@signed_in
def history(request: Request, engagement: UUID) -> HttpResponse:
    """The trail of the engagement, newest first, as far as the person may read it."""
    row = engagements.one(request.user, engagement)
    require(request.user, P.VIEW_TRAIL, row)
    everything = trail.of_engagement(request.user, row)
    form = HistoryForm(request.GET, trail.facets(everything))
    rows = trail.narrowed(everything, **form.asked)
    stretch = trail.stretch(
        rows, SIZE, before=request.GET.get("before", ""), after=request.GET.get("after", "")
    )
    context = {
        "form": form,
        "filtered": any(form.asked.values()),
        "asked": urlencode({name: text for name, text in form.asked.items() if text}),
        "checkpoint": trail_books.latest(row.pk),
        "pulse": trail_books.pulse(),
        "entries": entries_of(stretch.entries),
        "page": _page(request, stretch, rows.count()),
    }
    return engagement_page(request, row, "tenants/engagements/history.html", context)


@transaction.non_atomic_requests
@require_safe
@signed_in
def export(request: Request, engagement: UUID) -> HttpResponse:
    """The trail as a file, as far as the person may read it: JSON lines to check, CSV to read."""
    kind = request.GET.get("as", "jsonl")
    with transaction.atomic():
        row = engagements.one(request.user, engagement)
        require(request.user, P.VIEW_TRAIL, row)
        asked = HistoryForm(request.GET, trail.facets(trail.of_engagement(request.user, row))).asked
    taken: dict[str, Any] = {
        "by": request.user,
        "organization": request.organization,
        "kind": kind,
        "asked": asked,
    }
    trail_exports.note(row, **taken)
    checkpoint = fresh(row.pk, of_engagement=True) if kind == "jsonl" else None
    return trail_exports.answer(row, trail_exports.made(row, checkpoint, **taken), kind)


@require_safe
@signed_in
def checkpoint(request: Request, engagement: UUID) -> HttpResponse:
    """The newest checkpoint of the engagement's trail as text, to be kept elsewhere."""
    row = engagements.one(request.user, engagement)
    require(request.user, P.VIEW_TRAIL, row)
    newest = trail_books.latest(row.pk)
    if newest is None:
        raise NotVisible("Nothing of this trail is signed yet; that happens within the hour.")
    name = f"checkpoint-{row.pk}-{newest.size}.txt"
    return HttpResponse(
        newest.text,
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_safe
@signed_in
def verify(request: Request) -> HttpResponse:
    """How anybody checks a copy of a trail, with the key and the program for it."""
    return render(request, "tenants/trail_verify.html", {"key": key_text(signing.public_key())})


@require_safe
@signed_in
def verifier(request: Request) -> HttpResponse:
    """The program that checks copies: one file, for any Python from 3.8 on."""
    source = resources.files("tenants").joinpath("trail_verifier.py").read_bytes()
    return HttpResponse(
        source,
        content_type="text/x-python; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="verify_trail.py"'},
    )


def entries_of(entries: Sequence[TrailEntry]) -> list[dict[str, Any]]:
    """Entries as `partials/timeline.html` shows them (1 query for the people)."""
    people = trail.people_of(list(entries))
    return [_entry(entry, people) for entry in entries]


def _entry(entry: TrailEntry, people: dict[UUID, User]) -> dict[str, Any]:
    moved = bool(entry.before and entry.after and entry.before != entry.after)
    return {
        "at": entry.at,
        "who": people.get(entry.person_id) if entry.person_id else None,
        "what": trail_words.phrase(entry),
        "text": entry.note,
        "status": entry.after if moved else "",
        "status_label": trail_words.label_of(entry, entry.after) if moved else "",
        "icon": trail_words.ICONS.get(trail_words.key_of(entry), ""),
        "firm_only": entry.zone == TrailZone.FIRM,
    }


def _page(request: Request, stretch: trail.Stretch, total: int) -> dict[str, Any]:
    return {
        "shown": len(stretch.entries),
        "total": total,
        "noun": "entry" if total == 1 else "entries",
        "previous_url": _address(request, "after", stretch.newer_from),
        "next_url": _address(request, "before", stretch.older_from),
    }


def _address(request: Request, name: str, key: UUID | None) -> str | None:
    if key is None:
        return None
    query = request.GET.copy()
    for cursor in ("before", "after"):
        query.pop(cursor, None)
    query[name] = str(key)
    return "?" + query.urlencode()
