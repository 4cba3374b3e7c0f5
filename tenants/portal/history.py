"""The history of an engagement, and of one's own organization: who did what, when."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tenants import downloads, signing
from tenants.actions import trail_exports
from tenants.actions.trail_checkpoints import fresh
from tenants.choices import TrailZone
from tenants.errors import NotVisible
from tenants.models import Engagement, Organization, TrailEntry, User
from tenants.permissions import require
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
    context = _read(request, row) | {
        "export_url": reverse("tenants:trail_export", args=[row.pk]),
        "checkpoint_url": reverse("tenants:trail_checkpoint", args=[row.pk]),
        "receiving": "Partner, manager and the client’s administrators get",
    }
    return engagement_page(request, row, "tenants/engagements/history.html", context)


@signed_in
def of_organization(request: Request) -> HttpResponse:
    """What belongs to no engagement: people, sign-ins, settings; for one's administrators."""
    context = _read(request, request.organization) | {
        "export_url": reverse("tenants:organization_trail_export"),
        "checkpoint_url": reverse("tenants:organization_checkpoint"),
        "receiving": "Administrators get",
    }
    return render(request, "tenants/settings/history.html", context)


def _read(request: Request, book: Engagement | Organization) -> dict[str, Any]:
    """A page of a book, narrowed as asked, with what proves it."""
    require(request.user, trail.permission_to_read(book), book)
    everything = trail.of_book(request.user, book)
    form = HistoryForm(request.GET, trail.facets(everything))
    rows = trail.narrowed(everything, **form.asked)
    stretch = trail.stretch(
        rows, SIZE, before=request.GET.get("before", ""), after=request.GET.get("after", "")
    )
    return {
        "form": form,
        "filtered": any(form.asked.values()),
        "asked": urlencode({name: text for name, text in form.asked.items() if text}),
        "checkpoint": trail_books.latest(book.pk),
        "pulse": trail_books.pulse(),
        "entries": entries_of(stretch.entries),
        "page": _page(request, stretch, rows.count()),
    }


@transaction.non_atomic_requests
@require_safe
@signed_in
def export(request: Request, engagement: UUID) -> HttpResponseBase:
    """The trail as a file, as far as the person may read it: JSON lines to check, CSV to read."""
    with transaction.atomic():
        row = engagements.one(request.user, engagement)
    return _export(request, row)


@transaction.non_atomic_requests
@require_safe
@signed_in
def export_of_organization(request: Request) -> HttpResponseBase:
    """The organization's own trail as a file, for its administrators."""
    return _export(request, request.organization)


def _export(request: Request, book: Engagement | Organization) -> HttpResponseBase:
    kind = request.GET.get("as", "jsonl")
    with transaction.atomic():
        require(request.user, trail.permission_to_read(book), book)
        asked = HistoryForm(request.GET, trail.facets(trail.of_book(request.user, book))).asked
    trail_exports.note(
        book, by=request.user, organization=request.organization, kind=kind, asked=asked
    )
    of_engagement = isinstance(book, Engagement)
    checkpoint = fresh(book.pk, of_engagement=of_engagement) if kind == "jsonl" else None
    return downloads.of_trail(
        request, book, checkpoint, acts_in=request.organization, kind=kind, asked=asked
    )


@require_safe
@signed_in
def checkpoint(request: Request, engagement: UUID) -> HttpResponse:
    """The newest checkpoint of the engagement's trail as text, to be kept elsewhere."""
    return _checkpoint(request, engagements.one(request.user, engagement))


@require_safe
@signed_in
def checkpoint_of_organization(request: Request) -> HttpResponse:
    """The newest checkpoint of the organization's own trail, for its administrators."""
    return _checkpoint(request, request.organization)


def _checkpoint(request: Request, book: Engagement | Organization) -> HttpResponse:
    require(request.user, trail.permission_to_read(book), book)
    newest = trail_books.latest(book.pk)
    if newest is None:
        raise NotVisible("Nothing of this trail is signed yet; that happens within the hour.")
    name = f"checkpoint-{book.pk}-{newest.size}.txt"
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
