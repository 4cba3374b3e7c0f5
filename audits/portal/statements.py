"""Pages of what the client states of its system in an engagement."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse

from audits.actions import statements as actions
from audits.choices.system import EntryKind
from audits.models.statements import ScopeStatement
from audits.queries import statements
from audits.queries.system_facts import said_of
from audits.rules.statements import asked_of
from audits.rules.system_entries import KINDS
from tenants.errors import NotVisible
from tenants.models import Engagement
from tenants.permissions import P, require
from tenants.portal.base import Request, applying, back, engagement_page, holds, sent, signed_in
from tenants.portal.engagements import found
from tenants.portal.fields import VersionForm


class StateForm(forms.Form):
    """Why there is nothing of a kind, where the client's list has none."""

    none_reason = forms.CharField(
        label="Why there is none", max_length=actions.REASON_LIMIT, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Only if your list has none: readers want to know that nothing was forgotten.",
    )  # fmt: skip


class NothingForm(forms.Form):
    """A confirmation."""


@signed_in
def index(request: Request, engagement: UUID) -> HttpResponse:
    """Every kind the engagement asks about: what was stated, and what has changed since."""
    row = found(request, engagement)
    own = holds(request, P.VIEW_CLIENT_FILE, row)
    rows = statements.standing(row, request.user, own=own)
    context = {
        "rows": rows, "own": own, "states": holds(request, P.WRITE_DOCUMENT, row),
        "drafts": sum(each.draft is not None for each in rows),
        "behind": sum(bool(each.behind and each.behind.count) for each in rows),
        "silent": sum(each.current is None for each in rows),
    }  # fmt: skip
    return engagement_page(request, row, "audits/statements/index.html", context)


@signed_in
def kind(request: Request, engagement: UUID, entry_kind: str) -> HttpResponse:
    """What was stated of one kind: its entries, its versions, what differs from the one before."""
    row = _asking(request, engagement, entry_kind)
    held = list(statements.of_kind(row, entry_kind, request.user))
    asked = request.GET.get("number", "")
    shown = next((each for each in held if str(each.number) == asked), held[0] if held else None)
    if asked and (shown is None or str(shown.number) != asked):
        raise NotVisible("There is no such statement, or it is not shown to you.")
    own = holds(request, P.VIEW_CLIENT_FILE, row)
    newest = shown is not None and shown is held[0]
    context = {
        "kind": entry_kind, "about": KINDS[entry_kind], "held": held, "shown": shown,
        "entries": [(each, said_of(each)) for each in shown.entries.all()] if shown else [],
        "before": statements.against_the_one_before(shown) if shown else None,
        "behind": statements.against_the_library(shown) if shown and own and newest else None,
        "own": own, "states": holds(request, P.WRITE_DOCUMENT, row),
    }  # fmt: skip
    return engagement_page(request, row, "audits/statements/kind.html", context)


@signed_in
def take(request: Request, engagement: UUID, entry_kind: str) -> HttpResponse:
    """A kind to be stated: what the client's list tells of it, or that there is none."""
    row = _asking(request, engagement, entry_kind)
    require(request.user, P.WRITE_DOCUMENT, row)
    form = StateForm(sent(request))
    now = statements.library_now(row, [entry_kind]).get(entry_kind, {})
    if now:
        del form.fields["none_reason"]
    if request.method == "POST" and form.is_valid():
        with applying(form):
            made = actions.take(row, entry_kind, by=request.user, **form.cleaned_data)
        if not form.errors:
            says = f"{made} is a draft. Hand it over when it is right."
            return back(request, "audits:statement", row.pk, entry_kind, says=says)
    context = {"form": form, "kind": entry_kind, "about": KINDS[entry_kind], "now": now}
    status = 400 if form.errors else 200
    return engagement_page(request, row, "audits/statements/take.html", context, status=status)


@signed_in
def take_all(request: Request, engagement: UUID) -> HttpResponse:
    """The question before all that has changed is stated anew, and the drafts."""
    row = found(request, engagement)
    require(request.user, P.WRITE_DOCUMENT, row)
    form = NothingForm(sent(request))
    if request.method == "POST" and form.is_valid():
        with applying(form):
            made = actions.take_all(row, by=request.user)
        if not form.errors:
            says = f"{len(made)} drafts are written. Hand them over when they are right."
            return back(request, "audits:statements", row.pk, says=says)
    return _question(request, row, form, "audits/statements/take_all.html")


@signed_in
def hand_over_all(request: Request, engagement: UUID) -> HttpResponse:
    """The question before the firm gets every draft, and the hand-over."""
    row = found(request, engagement)
    require(request.user, P.WRITE_DOCUMENT, row)
    form = NothingForm(sent(request))
    if request.method == "POST" and form.is_valid():
        with applying(form):
            given = actions.hand_over_all(row, by=request.user)
        if not form.errors:
            says = f"{len(given)} statements are handed over."
            return back(request, "audits:statements", row.pk, says=says)
    return _question(request, row, form, "audits/statements/hand_over_all.html")


@signed_in
def hand_over(request: Request, engagement: UUID, statement: UUID) -> HttpResponse:
    """The question before the firm gets a draft, and the hand-over."""
    row, draft = _statement(request, engagement, statement)
    form = VersionForm(sent(request), initial={"version": draft.version})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.hand_over(draft, by=request.user, **form.cleaned_data)
        if not form.errors:
            return back(request, "audits:statement", row.pk, draft.kind, says="It is handed over.")
    return _question(request, row, form, "audits/statements/hand_over.html", statement=draft)


@signed_in
def drop(request: Request, engagement: UUID, statement: UUID) -> HttpResponse:
    """The question before a draft is thrown away, and its end."""
    row, draft = _statement(request, engagement, statement)
    form = VersionForm(sent(request), initial={"version": draft.version})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.drop(draft, by=request.user, **form.cleaned_data)
        if not form.errors:
            return back(request, "audits:statement", row.pk, draft.kind, says="The draft is gone.")
    return _question(request, row, form, "audits/statements/drop.html", statement=draft)


def _question(
    request: Request, row: Engagement, form: forms.Form, template: str, **more: Any
) -> HttpResponse:
    status = 400 if form.errors else 200
    return engagement_page(request, row, template, {"form": form, **more}, status=status)


def _asking(request: Request, engagement: UUID, entry_kind: str) -> Engagement:
    """The engagement, where it asks about such a kind. Raises NotVisible."""
    row = found(request, engagement)
    if entry_kind not in asked_of(row):
        label = dict(EntryKind.choices).get(entry_kind, "this").lower()
        raise NotVisible(f"This engagement does not ask about: {label}.")
    return row


def _statement(request: Request, engagement: UUID, key: UUID) -> tuple[Engagement, ScopeStatement]:
    row = found(request, engagement)
    rows = ScopeStatement.objects.select_related("engagement").filter(engagement=row)
    draft: ScopeStatement = rows.find(request.user, key)  # type: ignore[attr-defined]
    require(request.user, P.WRITE_DOCUMENT, row)
    return row, draft
