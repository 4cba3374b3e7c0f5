"""The firm's own tables, for its administrators: what holds, since when, and setting another."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render

from audits.actions import firm_tables as actions
from audits.choices.populations import FirmTableKind
from audits.queries import firm_tables
from audits.rules.firm_tables import MOST_ITEMS, Evaluation, SampleSizes, content_of
from tenants.permissions import P, require
from tenants.portal.base import Request, applying, back, form_page, sent, signed_in

LINES = {
    "annual": "Yearly", "semiannual": "Twice a year", "quarterly": "Quarterly",
    "monthly": "Monthly", "weekly": "Weekly", "daily": "Daily",
    "multiple_daily": "Several times a day", "automated": "Automated, for each configuration",
}  # fmt: skip
"""Lines with three sizes → what they are called."""
NUMBERS = {
    "all_below": "All rows, below", "few": "Otherwise this many", "share_from": "A share, from",
    "share_percent": "Which share, in per cent", "most_from": "No longer a share, from",
    "most": "But this many", "higher_percent": "At higher risk, in per cent of that",
    "higher_most": "At higher risk, at most",
}  # fmt: skip
"""Lines of counted events → what they are called."""
RISKS = ("Lower risk", "Standard", "Higher risk")
REASON = "Kept with your name, beside the version."


class TableForm(forms.Form):
    """A table to be set, with the version it was opened at and the reason."""

    number = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Why", max_length=actions.LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=REASON,
    )  # fmt: skip


class SampleSizesForm(TableForm):
    """Three sizes a line, and how events that are counted are sized."""

    def __init__(self, data: Any, values: SampleSizes, number: int) -> None:
        super().__init__(data, initial={"number": number})
        for name, label in LINES.items():
            for place, (size, risk) in enumerate(zip(getattr(values, name), RISKS, strict=True)):
                self.fields[f"{name}_{place}"] = _number(f"{label}: {risk.lower()}", size)
        for name, label in NUMBERS.items():
            self.fields[name] = _number(label, getattr(values, name))

    @property
    def content(self) -> dict[str, Any]:
        """The table as the form tells it."""
        told = self.cleaned_data
        sizes = {name: [told[f"{name}_{place}"] for place in range(3)] for name in LINES}
        return sizes | {name: told[name] for name in NUMBERS}

    @property
    def lines(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Each frequency with its three fields."""
        return [
            (label, [self[f"{name}_{place}"] for place in range(3)])
            for name, label in LINES.items()
        ]

    @property
    def numbers(self) -> list[forms.BoundField]:
        """The fields of counted events."""
        return [self[name] for name in NUMBERS]


class EvaluationForm(TableForm):
    """The rate one tolerates, and how sure one is."""

    tolerable_rate = forms.CharField(
        label="Tolerable rate of deviations, in per cent", max_length=6,
        help_text="From 1 to 50. The upper limit is held against it, never the bare rate.",
    )  # fmt: skip
    confidence = forms.CharField(
        label="Confidence, in per cent", max_length=6, help_text="From 50 to 99."
    )
    field_order = ("tolerable_rate", "confidence", "reason", "number")

    def __init__(self, data: Any, values: Evaluation, number: int) -> None:
        super().__init__(data, initial={"number": number, **content_of(values)})

    @property
    def content(self) -> dict[str, Any]:
        """The table as the form tells it."""
        return {name: self.cleaned_data[name] for name in ("tolerable_rate", "confidence")}


FORMS: dict[str, Any] = {
    FirmTableKind.SAMPLE_SIZES: SampleSizesForm, FirmTableKind.EVALUATION: EvaluationForm,
}  # fmt: skip


@signed_in
def index(request: Request) -> HttpResponse:
    """Which tables hold, and every version there was."""
    require(request.user, P.MANAGE_FIRM_TABLES, request.organization)
    firm = request.organization
    size_number, sizes = firm_tables.sample_sizes(firm.pk)
    judged_number, judged = firm_tables.evaluation(firm.pk)
    context = {
        "sizes": [(label, getattr(sizes, name)) for name, label in LINES.items()],
        "events": [(label, getattr(sizes, name)) for name, label in NUMBERS.items()],
        "size_number": size_number, "judged_number": judged_number, "judged": judged,
        "versions": firm_tables.versions(request.user, firm).order_by("-made_at"),
    }  # fmt: skip
    return render(request, "audits/firm_tables/index.html", context)


@signed_in
def set_table(request: Request, table_kind: str) -> HttpResponse:
    """The form of one table, and setting it."""
    require(request.user, P.MANAGE_FIRM_TABLES, request.organization)
    if table_kind not in FORMS:
        raise Http404
    held = firm_tables.current(request.organization.pk, table_kind)
    form = FORMS[table_kind](sent(request), held.values, held.number)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            made = actions.set_table(
                request.organization, table_kind, form.content, by=request.user,
                reason=form.cleaned_data["reason"], number=form.cleaned_data["number"],
            )  # fmt: skip
        if not form.errors:
            says = f"{made} holds from now on."
            return back(request, "audits:firm_tables", says=says)
    title = FirmTableKind(table_kind).label
    return form_page(
        request, form, f"audits/firm_tables/{table_kind}.html", title=title, risks=RISKS
    )


def _number(label: str, size: int) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=MOST_ITEMS, initial=size)
