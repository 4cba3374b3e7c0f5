"""Pages of the client's own account of its system: kinds as tabs, entries, their forms."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from audits.actions import system_entries as actions
from audits.choices.system import EntryKind
from audits.models.system import SystemEntry
from audits.portal.library import place_of
from audits.portal.system_forms import EntryFilters, RetireEntryForm, SystemEntryForm
from audits.queries import system_entries
from audits.queries.system_facts import said_of
from audits.rules.system_entries import KINDS
from tenants.errors import NotVisible
from tenants.permissions import NotAllowed, P
from tenants.portal.base import Request, applying, back, form_page, may, sent, signed_in
from tenants.portal.fields import VersionForm
from tenants.portal.paging import numbered

SIZE = 50


@signed_in
def index(request: Request) -> HttpResponse:
    """The entries of one kind, or of all."""
    client = place_of(request).client
    form = EntryFilters(request.GET)
    asked = form.asked
    rows = system_entries.listed(request.user, client, **asked)
    kind = asked.get("kind", "")
    context = {
        "form": form, "page": numbered(request, rows, "entries", SIZE), "kind": kind,
        "about": KINDS.get(kind), "filtered": bool(asked.keys() - {"kind"}),
        "views": _views(request, client, kind), "writes": _writes(request),
    }  # fmt: skip
    return render(request, "audits/system/index.html", context)


def _views(request: Request, client: Any, kind: str) -> list[dict[str, Any]]:
    """A tab for each kind with how many entries stand, and one for all."""
    counts = system_entries.counts(request.user, client)
    at = reverse("audits:system_entries")
    everything = {"label": "All", "url": at, "active": not kind, "count": sum(counts.values())}
    return [everything] + [
        {"label": KINDS[each].plural, "url": f"{at}?kind={each}", "active": each == kind,
         "count": count or None}
        for each, count in counts.items()
    ]  # fmt: skip


@signed_in
def entry(request: Request, entry: UUID) -> HttpResponse:
    """One entry: its facts, and what it is related to."""
    row = _entry(request, entry)
    context = {
        "entry": row, "facts": said_of(row),
        "linked_from": system_entries.linked_from(row),
        "writes": actions.may_write(request.user, row.client, row),
    }  # fmt: skip
    return render(request, "audits/system/entry.html", context)


@signed_in
def add(request: Request, entry_kind: str) -> HttpResponse:
    """The form of a new entry of a kind."""
    client = place_of(request).client
    _asks(request)
    if entry_kind not in KINDS:
        raise NotVisible("There is no such kind of entry.")
    form = SystemEntryForm(sent(request), client, entry_kind, owners=_owners(request))
    if request.method == "POST" and form.is_valid():
        with applying(form):
            row = actions.add(client, form.told, related=form.related,
                              owner=form.cleaned_data.get("owner"), by=request.user)  # fmt: skip
        if not form.errors:
            return back(request, "audits:system_entry", row.pk, says=f"{row.ref} is written down.")
    return _form(request, form, entry_kind)


@signed_in
def edit(request: Request, entry: UUID) -> HttpResponse:
    """An entry to be told otherwise."""
    row = _written(request, entry)
    form = SystemEntryForm(sent(request), row.client, row.kind, row, owners=_owners(request))
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.change(
                row, form.told, related=form.related, owner=form.cleaned_data.get("owner"),
                by=request.user, version=form.cleaned_data["version"],
            )  # fmt: skip
        if not form.errors:
            return back(request, "audits:system_entry", row.pk, says=f"{row.ref} is changed.")
    return _form(request, form, row.kind, entry=row)


@signed_in
def retire(request: Request, entry: UUID) -> HttpResponse:
    """The question before an entry is no part of the system, and its retirement."""
    row = _written(request, entry)
    form = RetireEntryForm(sent(request), initial={"version": row.version})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.retire(row, by=request.user, **form.cleaned_data)
        if not form.errors:
            return back(request, "audits:system_entry", row.pk, says=f"{row.ref} is retired.")
    return form_page(request, form, "audits/system/retire.html", entry=row)


@signed_in
def bring_back(request: Request, entry: UUID) -> HttpResponse:
    """The question before a retired entry is part of the system again, and its return."""
    row = _written(request, entry)
    form = VersionForm(sent(request), initial={"version": row.version})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.bring_back(row, by=request.user, **form.cleaned_data)
        if not form.errors:
            says = f"{row.ref} is part of the system again."
            return back(request, "audits:system_entry", row.pk, says=says)
    return form_page(request, form, "audits/system/bring_back.html", entry=row)


def _form(request: Request, form: Any, kind: str, **more: Any) -> HttpResponse:
    label = EntryKind(kind).label
    title = f"Edit {more['entry'].ref}" if more else f"New: {label}"
    context = {"title": title, "kind": kind, "about": KINDS[kind], **more}
    return form_page(request, form, "audits/system/form.html", **context)


def _entry(request: Request, key: UUID) -> Any:
    """An entry of one's own organization. Raises NotVisible."""
    client = place_of(request).client
    rows = system_entries.with_links(SystemEntry.objects.filter(client=client))
    return rows.find(request.user, key)  # type: ignore[attr-defined]


def _written(request: Request, key: UUID) -> Any:
    """An entry to be changed. Raises NotVisible, NotAllowed."""
    row = _entry(request, key)
    if not actions.may_write(request.user, row.client, row):
        said = "This entry is somebody else's. Ask them, or an administrator, to change it."
        raise NotAllowed(said, anchor=row.client, asked=str(P.EDIT_LIBRARY), subject=row)
    return row


def _writes(request: Request) -> bool:
    return may(request, P.EDIT_LIBRARY) or may(request, P.EDIT_OWN_CONTROLS)


def _asks(request: Request) -> None:
    if not _writes(request):
        said = "Your role does not include “edit own controls” here."
        raise NotAllowed(said, anchor=request.organization, asked=str(P.EDIT_OWN_CONTROLS))


def _owners(request: Request) -> Any:
    """Whom an administrator may name; a control owner names nobody."""
    if not may(request, P.EDIT_LIBRARY):
        return None
    return system_entries.owners(request.user, request.organization)
