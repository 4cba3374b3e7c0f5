"""The history of an engagement: who did what, when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse

from tenants.choices import TrailZone
from tenants.models import TrailEntry, User
from tenants.permissions import P, require
from tenants.portal import trail_words
from tenants.portal.base import Request, engagement_page, signed_in
from tenants.queries import engagements, trail

SIZE = 40
"""Entries on a page."""


class HistoryForm(forms.Form):
    """What the history can be narrowed by: values that occur in it."""

    person = forms.ChoiceField(label="Person", required=False)
    verb = forms.ChoiceField(label="Act", required=False)
    subject = forms.ChoiceField(label="Record", required=False)

    def __init__(self, data: Any, facets: trail.Facets) -> None:
        super().__init__(data)
        acts = [(verb, trail_words.verb_words(verb).capitalize()) for verb in facets.verbs]
        kinds = [(kind, trail_words.subject_words(kind)) for kind in facets.subjects]
        self.fields["person"].choices = [("", "Everybody"), *facets.people]
        self.fields["verb"].choices = [("", "Every act"), *acts]
        self.fields["subject"].choices = [("", "Every record"), *kinds]

    @property
    def asked(self) -> dict[str, str]:
        """What was asked for and occurs."""
        self.is_valid()
        return dict(self.cleaned_data)


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
        "entries": entries_of(stretch.entries),
        "page": _page(request, stretch, rows.count()),
    }
    return engagement_page(request, row, "tenants/engagements/history.html", context)


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
