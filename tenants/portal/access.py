"""The page “Who may do what”: the access matrix, by role and by record."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tenants.portal.base import Request, signed_in
from tenants.queries import access

ANYBODY = "everybody"


class MatrixForm(forms.Form):
    """Whose rights, and on what."""

    who = forms.ChoiceField(label="Role", required=False)
    record = forms.ChoiceField(label="Record", required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.fields["who"].choices = [(ANYBODY, "Every role"), *access.standings()]
        self.fields["record"].choices = [("", "Every record"), *access.records()]


@require_safe
@signed_in
def matrix(request: Request) -> HttpResponse:
    """Who may do what to which record: one's own role first, any other by the filter."""
    own = access.standing_of(request.membership.role)
    form = MatrixForm({"who": request.GET.get("who") or own, "record": request.GET.get("record")})
    who, record = (form.cleaned_data.values()) if form.is_valid() else (own, "")
    several = who == ANYBODY
    context = {
        "form": form,
        "several": several,
        "mine": who == own,
        "role": dict(access.standings()).get(who, ""),
        "chapters": access.chapters(who="" if several else who, record=record),
    }
    return render(request, "tenants/access.html", context)
