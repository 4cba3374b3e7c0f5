"""Pages of deviations: what was found, one of them, explaining it and taking it back."""

from __future__ import annotations

from dataclasses import fields
from functools import partial
from typing import Any, Final
from uuid import UUID

from django import forms
from django.http import HttpResponse

from audits.actions import deviations as actions
from audits.actions import told_deviations
from audits.actions.deviations import LIFECYCLE
from audits.choices.deviations import FIRM_ALONE, DeviationNature, DeviationStatus
from audits.models import EngagementControl
from audits.models.deviations import Deviation
from audits.queries import deviations
from audits.rules.deviations import LONGEST, SHORT, Account, unexplained
from tenants.errors import NotVisible
from tenants.models import Engagement
from tenants.permissions import P, require
from tenants.portal.base import Request, applying, back, engagement_page, holds, sent, signed_in
from tenants.portal.fields import READ_BY_FIRM, NoteForm, VersionForm
from tenants.portal.findings import of_the_firm
from tenants.portal.paging import numbered

SIZE: Final = 50
ACCOUNT: Final = tuple(field.name for field in fields(Account))


def _area(label: str, rows: int = 3, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": rows}), **more
    )


class AccountForm(VersionForm):
    """What is known of a deviation."""

    happened = _area("What happened")
    happened_on = forms.DateField(label="When (optional)", required=False)
    cause = _area("Why: its cause", required=False)
    nature = forms.ChoiceField(
        label="Isolated or systematic", choices=[("", "Not said yet"), *DeviationNature.choices],
        required=False, help_text="Systematic: it would happen again in items nobody looked at.",
    )  # fmt: skip
    effect = _area("Effect: did the risk come true?", required=False)
    found_by = forms.CharField(
        label="Found by", max_length=SHORT, required=False,
        help_text="The auditor in the sample, or the company itself.",
    )  # fmt: skip
    fixed = _area("What was done since", 2, required=False)
    compensating = forms.ChoiceField(
        label="Compensating control", required=False,
        help_text="For the same criterion or objective, and itself tested effective (DV-04).",
    )  # fmt: skip
    compensating_why = _area("How it would have caught the same failure", 2, required=False)
    intentional = forms.BooleanField(
        label="It looks intended", required=False, help_text="The partner is told at once."
    )
    after_the_fact = forms.BooleanField(
        label="Its evidence was made after the fact", required=False,
        help_text="Backdated, or created when you asked (DV-02). The partner is told at once.",
    )  # fmt: skip

    def __init__(
        self, data: Any, controls: list[tuple[str, str]], row: Deviation | None = None
    ) -> None:
        told = {name: getattr(row, name) for name in ("version", *ACCOUNT)} if row else {}
        if row:
            told["compensating"] = str(row.compensating_id or "")
        super().__init__(data, initial=told)
        field: Any = self.fields["compensating"]
        own = str(row.control_id) if row else ""
        field.choices = [("", "None"), *(each for each in controls if each[0] != own)]

    @property
    def account(self) -> Account:
        """The account as the form tells it."""
        said = {name: self.cleaned_data[name] for name in ACCOUNT}
        return Account(**said | {"compensating": _key(said["compensating"])})


class DeviationMoveForm(NoteForm):
    """A word on a move; the client is told in words of their own."""

    text = _area("What the client reads", 5)


class NewDeviationForm(AccountForm):
    """A deviation that stands in no grid."""

    control = forms.ChoiceField(label="Control")

    def __init__(self, data: Any, controls: list[tuple[str, str]]) -> None:
        super().__init__(data, controls)
        field: Any = self.fields["control"]
        field.choices = controls
        self.order_fields(["control"])


@signed_in
def index(request: Request, engagement: UUID) -> HttpResponse:
    """Every deviation, and how many cells wait to be written down."""
    row = of_the_firm(request).find(request.user, engagement)
    context = {
        "page": numbered(request, deviations.listed(row, request.user), "deviations", SIZE),
        "untold": deviations.untold(row), "performs": holds(request, P.PERFORM_TEST, row),
    }  # fmt: skip
    return engagement_page(request, row, "audits/deviations/index.html", context)


@signed_in
def take(request: Request, engagement: UUID) -> HttpResponse:
    """Write down every cell that deviates."""
    row = of_the_firm(request).find(request.user, engagement)
    require(request.user, P.PERFORM_TEST, row)
    form = VersionForm(sent(request))
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.take_found(row, by=request.user)
        if not form.errors:
            says = "They are written down. Explain them next."
            return back(request, "audits:deviations", row.pk, says=says)
    return _page(request, row, "audits/deviations/take.html", {
        "form": form, "count": len(deviations.untold(row)),
    })  # fmt: skip


@signed_in
def new(request: Request, engagement: UUID) -> HttpResponse:
    """A deviation that stands in no grid."""
    row = of_the_firm(request).find(request.user, engagement)
    require(request.user, P.PERFORM_TEST, row)
    form = NewDeviationForm(sent(request), _controls(request, row))
    if request.method == "POST" and form.is_valid():
        rows = EngagementControl.objects.select_related("engagement").filter(engagement=row)
        control = rows.find(request.user, form.cleaned_data["control"])
        with applying(form):
            made = actions.record(control, form.account, by=request.user)
        if not form.errors:
            says = "It is written down."
            return back(request, "audits:deviation", row.pk, made.pk, says=says)
    context = {"form": form, "title": "Write down a deviation"}
    return _page(request, row, "audits/deviations/form.html", context)


@signed_in
def deviation(request: Request, engagement: UUID, deviation: UUID) -> HttpResponse:
    """One deviation: what happened, why, what it means, and how it stands."""
    row, held = deviation_of(request, engagement, deviation)
    lacks = unexplained(held.cause, held.nature, held.effect)
    context = {
        "deviation": held, "moves": LIFECYCLE.offered(held, request.user), "lacks": lacks,
        "changes": holds(request, P.PERFORM_TEST, row) and held.status != DeviationStatus.CLOSED,
        "drops": holds(request, P.PERFORM_TEST, row) and held.status in FIRM_ALONE
        and not held.after_the_fact,
    }  # fmt: skip
    return engagement_page(request, row, "audits/deviations/deviation.html", context)


@signed_in
def edit(request: Request, engagement: UUID, deviation: UUID) -> HttpResponse:
    """Say more of it, or otherwise."""
    row, held = deviation_of(request, engagement, deviation)
    require(request.user, P.PERFORM_TEST, row)
    form = AccountForm(sent(request), _controls(request, row), held)
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"]
        with applying(form):
            actions.change(held, form.account, by=request.user, version=version)
        if not form.errors:
            return back(request, "audits:deviation", row.pk, held.pk, says="It is kept.")
    context = {"form": form, "deviation": held, "title": str(held)}
    return _page(request, row, "audits/deviations/form.html", context)


@signed_in
def drop(request: Request, engagement: UUID, deviation: UUID) -> HttpResponse:
    """Take back what is none after all."""
    row, held = deviation_of(request, engagement, deviation)
    require(request.user, P.PERFORM_TEST, row)
    form = NoteForm(sent(request), note="required", version=held.version, read_by=READ_BY_FIRM)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.drop(held, by=request.user, **form.cleaned_data)
        if not form.errors:
            return back(request, "audits:deviations", row.pk, says="It is taken back.")
    context = {"form": form, "deviation": held, "title": "Take it back", "text": ""}
    return _page(request, row, "audits/deviations/move.html", context)


@signed_in
def move(request: Request, engagement: UUID, deviation: UUID, move: str) -> HttpResponse:
    """The question before a move, and the move."""
    row, held = deviation_of(request, engagement, deviation)
    step = LIFECYCLE.moves.get(move)
    if step is None or step.permission is None:
        raise NotVisible("There is no such step.")
    require(request.user, step.permission, row)
    form = DeviationMoveForm(
        sent(request), note=step.note, version=held.version, read_by=READ_BY_FIRM
    )
    tells = move == "communicate"
    if not tells:
        del form.fields["text"]
    make = told_deviations.communicate if tells else partial(actions.move, name=move)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            make(held, by=request.user, **form.cleaned_data)
        if not form.errors:
            return back(request, "audits:deviation", row.pk, held.pk, says="Done.")
    context = {
        "form": form,
        "deviation": held,
        "title": step.title,
        "text": "" if tells else held.happened,
    }
    return _page(request, row, "audits/deviations/move.html", context)


def deviation_of(request: Request, engagement: UUID, key: UUID) -> tuple[Engagement, Deviation]:
    """The engagement and one of its deviations, for the firm's people. Raises NotVisible."""
    row = of_the_firm(request).find(request.user, engagement)
    rows = Deviation.objects.filter(engagement=row).select_related(
        "engagement", "control__engagement", "test", "item", "attribute", "compensating",
        "recorded_by",
    )  # fmt: skip
    held: Deviation = rows.find(request.user, key)
    return row, held


def _controls(request: Request, row: Engagement) -> list[tuple[str, str]]:
    rows = EngagementControl.objects.visible_to(request.user).filter(engagement=row)
    return [(str(each.pk), str(each)) for each in rows.order_by("ref")]


def _key(value: str) -> UUID | None:
    return UUID(value) if value else None


def _page(
    request: Request, row: Engagement, template: str, context: dict[str, Any]
) -> HttpResponse:
    status = 400 if context["form"].errors else 200
    return engagement_page(request, row, template, context, status=status)
