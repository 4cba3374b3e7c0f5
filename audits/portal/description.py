"""Pages of how far the description of the system answers its criteria."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpResponse

from audits.actions import description as actions
from audits.queries import description
from tenants.errors import NotVisible
from tenants.permissions import P, require
from tenants.portal.base import Request, applying, back, engagement_page, holds, sent, signed_in
from tenants.portal.engagements import found
from tenants.portal.fields import VersionForm


class PointForm(VersionForm):
    """Where a criterion is answered, or why it need not be."""

    where = forms.CharField(
        label="Where the description answers it", max_length=actions.LONGEST, required=False,
        widget=forms.Textarea(attrs={"rows": 3}), help_text="Section and page, or a heading.",
    )  # fmt: skip
    none_reason = forms.CharField(
        label="Or why it need not", max_length=actions.LONGEST, required=False,
        widget=forms.Textarea(attrs={"rows": 3}), help_text="Such as: no such control is needed.",
    )  # fmt: skip


@signed_in
def index(request: Request, engagement: UUID) -> HttpResponse:
    """Every criterion of the description, where it is answered, and what is stated for it."""
    row = found(request, engagement)
    context = {
        "rows": description.checklist(row), "writes": holds(request, P.WRITE_DOCUMENT, row),
    }  # fmt: skip
    return engagement_page(request, row, "audits/description/index.html", context)


@signed_in
def place(request: Request, engagement: UUID, criterion: str) -> HttpResponse:
    """Where one criterion is answered, to be said."""
    row = found(request, engagement)
    asked = {each.criterion.identifier: each for each in description.checklist(row)}
    if criterion not in asked:
        raise NotVisible("This description does not answer such a criterion (RT-07, RT-18).")
    require(request.user, P.WRITE_DOCUMENT, row)
    answer = asked[criterion]
    point = answer.point
    initial = {
        "where": point.where, "none_reason": point.none_reason, "version": point.version
    } if point else {}  # fmt: skip
    form = PointForm(sent(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        told = dict(form.cleaned_data)
        version = told.pop("version")
        with applying(form):
            if point:
                actions.change(point, **told, by=request.user, version=version)
            else:
                actions.place(row, criterion, **told, by=request.user)
        if not form.errors:
            says = f"{criterion} is placed."
            return back(request, "audits:description", row.pk, says=says)
    status = 400 if form.errors else 200
    context = {"form": form, "answer": answer}
    template = "audits/description/form.html"
    return engagement_page(request, row, template, context, status=status)
