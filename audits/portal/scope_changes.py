"""Pages of changes of scope: what the client asks, what is proposed, decided and carried out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse

from audits.actions import scope, scope_changes
from audits.actions.scope_changes import LIFECYCLE, LONGEST, Proposed
from audits.choices.scope_changes import (
    ScopeChangeKind,
    ScopeChangeReason,
    ScopeChangeStatus,
)
from audits.models.scope_changes import ScopeChange, ScopeProposal
from audits.queries import scope_changes as queries
from tenants.choices import Category, ExamType
from tenants.errors import NotVisible
from tenants.models import Engagement
from tenants.permissions import P, require
from tenants.portal.base import (
    Request,
    applying,
    back,
    engagement_page,
    holds,
    sent,
    signed_in,
)
from tenants.portal.engagements import found
from tenants.portal.fields import READ_BY_FIRM, NoteForm
from tenants.portal.findings import of_the_firm

AREA = {"widget": forms.Textarea(attrs={"rows": 3}), "max_length": LONGEST}
OF_KIND = {
    ScopeChangeKind.CATEGORIES: ("categories",),
    ScopeChangeKind.PERIOD: ("period_start", "period_end", "as_of"),
}


class ScopeAskForm(forms.Form):
    """What the client asks for."""

    text = forms.CharField(
        label="What should be examined otherwise, and why", max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5}), help_text="Both sides read it.",
    )  # fmt: skip


class ScopeChangeForm(forms.Form):
    """A change of one kind, to be decided by the partner."""

    asked_by = forms.CharField(label="Who asks for it", max_length=160)
    reason_code = forms.ChoiceField(
        label="Reason", choices=[each for each in ScopeChangeReason.choices
                                 if each[0] != ScopeChangeReason.AVOID_MODIFICATION],
        help_text="Never to avoid a modified opinion or to hide deviations (RT-17).",
    )  # fmt: skip
    reason = forms.CharField(label="Why", **AREA)  # type: ignore[arg-type]
    effect = forms.CharField(label="Effect on the work and on readers", **AREA)  # type: ignore[arg-type]
    categories = forms.MultipleChoiceField(
        label="Categories from then on", choices=Category, widget=forms.CheckboxSelectMultiple
    )
    period_start = forms.DateField(label="First day from then on")
    period_end = forms.DateField(label="Last day from then on")
    as_of = forms.DateField(label="As-of date from then on")
    before = forms.CharField(label="As it is", **AREA)  # type: ignore[arg-type]
    after = forms.CharField(label="As it becomes", **AREA)  # type: ignore[arg-type]

    def __init__(self, data: Any, engagement: Engagement, kind: str) -> None:
        names = ("categories", "period_start", "period_end", "as_of")
        super().__init__(data, initial={name: getattr(engagement, name) for name in names})
        wanted = OF_KIND.get(ScopeChangeKind(kind), ("before", "after"))
        if engagement.exam_type == ExamType.TYPE_1:
            wanted = tuple(name for name in wanted if not name.startswith("period"))
        else:
            wanted = tuple(name for name in wanted if name != "as_of")
        for name in (*names, "before", "after"):
            if name not in wanted:
                del self.fields[name]
        self.order_fields([*wanted, "asked_by", "reason_code", "reason", "effect"])
        self.wanted, self.kind = wanted, kind

    @property
    def proposed(self) -> Proposed:
        """The change as a value."""
        data = dict(self.cleaned_data)
        after = {name: data.pop(name) for name in self.wanted}
        return Proposed(self.kind, after=after, **data)


class ScopeMoveForm(NoteForm):
    """A word on a change; carrying it out may take work away with the criteria."""

    confirmed = forms.BooleanField(label="Take away what hangs on criteria that go", required=False)


@signed_in
def index(request: Request, engagement: UUID) -> HttpResponse:
    """What the client asks for; for the firm, every change and how it stands."""
    row = found(request, engagement)
    asked = ScopeProposal.objects.visible_to(request.user).filter(engagement=row)
    changes = ScopeChange.objects.visible_to(request.user).filter(engagement=row)
    firm = holds(request, P.VIEW_FIRM_FILE, row)
    context = {
        "asked": asked.select_related("proposed_by"), "reads_file": firm,
        "changes": changes.select_related("proposed_by") if firm else (),
        "frozen": bool(row.types_frozen_at), "kinds": _kinds(row),
        "proposes": firm and holds(request, P.PROPOSE_SCOPE, row),
        "asks": not firm and holds(request, P.PROPOSE_SCOPE, row),
    }  # fmt: skip
    return engagement_page(request, row, "audits/scope_changes/index.html", context)


def _kinds(row: Engagement) -> list[tuple[str, str]]:
    """What may change: a SOC 1 has no categories."""
    return [
        (kind, str(label)) for kind, label in ScopeChangeKind.choices
        if kind != ScopeChangeKind.CATEGORIES or row.categories
    ]  # fmt: skip


@signed_in
def ask(request: Request, engagement: UUID) -> HttpResponse:
    """The client asks for a change."""
    row = found(request, engagement)
    require(request.user, P.VIEW_CLIENT_FILE, row)
    require(request.user, P.PROPOSE_SCOPE, row)
    form = ScopeAskForm(sent(request))
    if request.method == "POST" and form.is_valid():
        with applying(form):
            scope_changes.ask(row, by=request.user, **form.cleaned_data)
        if not form.errors:
            return back(request, "audits:scope_changes", row.pk, says="Your auditors read it now.")
    return _page(request, row, "audits/scope_changes/ask.html", {"form": form})


@signed_in
def new(request: Request, engagement: UUID, scope_kind: str) -> HttpResponse:
    """A change of one kind, to be proposed."""
    row = of_the_firm(request).find(request.user, engagement)
    if scope_kind not in dict(_kinds(row)):
        raise NotVisible("There is no such change, or it is not shown to you.")
    require(request.user, P.PROPOSE_SCOPE, row)
    form = ScopeChangeForm(sent(request), row, scope_kind)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            made = scope_changes.propose(row, form.proposed, by=request.user)
        if not form.errors:
            says = "It is proposed; the partner decides."
            return back(request, "audits:scope_change", row.pk, made.pk, says=says)
    context = {"form": form, "label": ScopeChangeKind(scope_kind).label}
    return _page(request, row, "audits/scope_changes/new.html", context)


@signed_in
def change(request: Request, engagement: UUID, scope_change: UUID) -> HttpResponse:
    """One change: what becomes otherwise, what it adds and takes away, and how it stands."""
    row, held = _change(request, engagement, scope_change)
    waits = held.status in (ScopeChangeStatus.PROPOSED, ScopeChangeStatus.APPROVED)
    of_categories = held.kind == ScopeChangeKind.CATEGORIES
    context = {
        "change": held, "facts": queries.facts(held), "days": queries.days(held),
        "effect": scope.effect_of(row, held.after["categories"])
        if of_categories and waits else None,
        "moves": LIFECYCLE.offered(held, request.user),
    }  # fmt: skip
    return engagement_page(request, row, "audits/scope_changes/change.html", context)


@signed_in
def move(request: Request, engagement: UUID, scope_change: UUID, move: str) -> HttpResponse:
    """The question before a change is approved, refused or carried out, and that."""
    row, held = _change(request, engagement, scope_change)
    step = LIFECYCLE.moves.get(move)
    if step is None or step.permission is None:
        raise NotVisible("There is no such step.")
    require(request.user, step.permission, row)
    form = ScopeMoveForm(sent(request), note=step.note, version=held.version, read_by=READ_BY_FIRM)
    if move != "apply" or held.kind != ScopeChangeKind.CATEGORIES:
        del form.fields["confirmed"]
    if request.method == "POST" and form.is_valid():
        with applying(form):
            scope_changes.move(held, move, by=request.user, **form.cleaned_data)
        if not form.errors:
            return back(request, "audits:scope_change", row.pk, held.pk, says="Done.")
    context = {"form": form, "change": held, "step": step, "facts": queries.facts(held)}
    return _page(request, row, "audits/scope_changes/move.html", context)


def _change(request: Request, engagement: UUID, key: UUID) -> tuple[Engagement, ScopeChange]:
    row = of_the_firm(request).find(request.user, engagement)
    rows = ScopeChange.objects.filter(engagement=row)
    rows = rows.select_related("engagement__client", "proposed_by", "decided_by")
    held: ScopeChange = rows.find(request.user, key)
    return row, held


def _page(
    request: Request, row: Engagement, template: str, context: dict[str, Any]
) -> HttpResponse:
    status = 400 if context["form"].errors else 200
    return engagement_page(request, row, template, context, status=status)
