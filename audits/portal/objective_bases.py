"""Pages of what the objectives of a SOC 1 rest on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse

from audits.actions import objective_bases as actions
from audits.actions.objective_bases import Rests
from audits.choices import Assertion, ObjectiveGroup
from audits.choices.system import EntryKind
from audits.models import ScopeItem
from audits.models.objective_bases import ObjectiveBasis
from audits.queries import objective_bases
from audits.rules.scope import refuse_other_basis
from tenants.choices import Basis
from tenants.permissions import P, require
from tenants.portal.base import Request, applying, back, engagement_page, holds, sent, signed_in
from tenants.portal.engagements import found
from tenants.portal.fields import VersionForm


class RestsForm(VersionForm):
    """What an objective rests on: transactions and assertions, or a guarded application."""

    group = forms.ChoiceField(label="About", choices=ObjectiveGroup)
    stated_by = forms.CharField(
        label="Stated by", max_length=160, required=False,
        help_text="Empty where the client states it; else the law or body that does.",
    )  # fmt: skip
    transaction_classes = forms.TypedMultipleChoiceField(
        label="Transactions", required=False, coerce=UUID, widget=forms.CheckboxSelectMultiple,
        help_text="For a business process: what it handles, as the client states it.",
    )  # fmt: skip
    assertions = forms.MultipleChoiceField(
        required=False, choices=Assertion, widget=forms.CheckboxSelectMultiple,
        help_text="For a business process: what of the financial statements it speaks for.",
    )  # fmt: skip
    application = forms.TypedChoiceField(
        required=False, coerce=UUID, empty_value=None,
        help_text="For IT general controls: the application they guard.",
    )  # fmt: skip
    supports: forms.ModelChoiceField[ScopeItem] = forms.ModelChoiceField(
        queryset=None, required=False, empty_label="None",
        help_text="For IT general controls: the business objective the application serves.",
    )  # fmt: skip
    hosting = forms.BooleanField(
        label="It guards the user entities’ own financial processing", required=False,
        help_text="Pure hosting: there is no business objective of the client’s own.",
    )  # fmt: skip

    def __init__(self, data: Any, item: ScopeItem, basis: ObjectiveBasis | None) -> None:
        super().__init__(data, initial=_initial(item, basis))
        stated = objective_bases.named_entries(item.engagement)
        named = {kind: [(str(one.entry_id), str(one)) for one in stated if one.kind == kind]
                 for kind in (EntryKind.TRANSACTION_CLASS, EntryKind.APPLICATION)}  # fmt: skip
        fields: dict[str, Any] = self.fields
        fields["transaction_classes"].choices = named[EntryKind.TRANSACTION_CLASS]
        fields["application"].choices = [("", "None"), *named[EntryKind.APPLICATION]]
        fields["supports"].queryset = objective_bases.others(item)

    @property
    def told(self) -> Rests:
        """What the form says."""
        said = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        for name in ("transaction_classes", "assertions"):
            said[name] = tuple(said[name])
        return Rests(**said)


def _initial(item: ScopeItem, basis: ObjectiveBasis | None) -> dict[str, Any]:
    if basis is None:
        return {"group": item.objective.group if item.objective else ""}
    return {
        "group": basis.group, "stated_by": basis.stated_by, "assertions": basis.assertions,
        "transaction_classes": [str(each) for each in basis.transaction_classes],
        "application": str(basis.application or ""), "supports": basis.supports_id,
        "hosting": basis.hosting, "version": basis.version,
    }  # fmt: skip


@signed_in
def index(request: Request, engagement: UUID) -> HttpResponse:
    """Every objective in scope, what it rests on, and what is missing."""
    row = found(request, engagement)
    context = {
        "rows": objective_bases.standing(row) if row.basis == Basis.OBJECTIVE else [],
        "sets": holds(request, P.SET_SCOPE, row),
    }  # fmt: skip
    return engagement_page(request, row, "audits/objective_bases/index.html", context)


@signed_in
def say(request: Request, engagement: UUID, scope_item: UUID) -> HttpResponse:
    """What an objective rests on, to be said or changed."""
    row = found(request, engagement)
    rows = ScopeItem.objects.select_related("engagement", "objective").filter(engagement=row)
    item = rows.find(request.user, scope_item)  # type: ignore[attr-defined]
    require(request.user, P.SET_SCOPE, row)
    refuse_other_basis(row.basis, Basis.OBJECTIVE)
    basis = objective_bases.of_item(item)
    form = RestsForm(sent(request), item, basis)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            if basis is None:
                actions.say(item, form.told, by=request.user)
            else:
                version = form.cleaned_data["version"]
                actions.change(basis, form.told, by=request.user, version=version)
        if not form.errors:
            says = f"It is said what {item.identifier} rests on."
            return back(request, "audits:objective_bases", row.pk, says=says)
    context = {"form": form, "item": item}
    status = 400 if form.errors else 200
    template = "audits/objective_bases/form.html"
    return engagement_page(request, row, template, context, status=status)
