"""The mappings of an engagement that do not say why yet, fifty at a time (NR-14)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse

from audits.actions import mapping_reasons
from audits.actions.controls import RATIONALE_LIMIT
from audits.queries.narrative_findings import without_reason
from tenants.permissions import P, require
from tenants.portal.base import Request, applying, back, engagement_page, signed_in
from tenants.portal.engagements import found

SHOWN = 50


class ReasonsForm(forms.Form):
    """One line for each mapping; empty ones wait."""

    def __init__(self, data: Any, mappings: list[Any]) -> None:
        super().__init__(data)
        self.mappings = mappings
        for mapping in mappings:
            self.fields[str(mapping.pk)] = forms.CharField(
                label=f"Why {mapping.control.ref} answers to {mapping.scope_item.identifier}",
                max_length=RATIONALE_LIMIT, required=False,
            )  # fmt: skip

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Each mapping with its field."""
        return [{"mapping": one, "field": self[str(one.pk)]} for one in self.mappings]

    @property
    def reasons(self) -> dict[UUID, str]:
        """Mapping → what was written."""
        return {one.pk: self.cleaned_data[str(one.pk)] for one in self.mappings}


@signed_in
def index(request: Request, engagement: UUID) -> HttpResponse:
    """The next mappings without a reason, and their reasons."""
    row = found(request, engagement)
    require(request.user, P.MAP_CONTROLS, row)
    waiting = without_reason(row)
    form = ReasonsForm(request.POST or None, list(waiting[:SHOWN]))
    if request.method == "POST" and form.is_valid():
        with applying(form):
            count = mapping_reasons.explain(row, form.reasons, by=request.user)
        if not form.errors:
            says = f"{count} reason{'' if count == 1 else 's'} kept."
            return back(request, "audits:mapping_reasons", row.pk, says=says)
    context = {"form": form, "total": waiting.count()}
    status = 400 if form.errors else 200
    return engagement_page(request, row, "audits/controls/reasons.html", context, status=status)
