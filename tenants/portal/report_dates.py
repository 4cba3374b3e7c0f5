"""The date of a report: set by the partner while it is in reporting."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpResponse

from tenants.actions import report_dates
from tenants.permissions import P, require
from tenants.portal.base import Request, applying, back, engagement_page, sent, signed_in
from tenants.queries import engagements


class ReportDateForm(forms.Form):
    """The day, with the version the person saw."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    report_date = forms.DateField(
        label="Report date", widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Assertion and representation letter are dated the same day.",
        error_messages={"required": "Give the date of the report."},
    )  # fmt: skip


@signed_in
def change(request: Request, engagement: UUID) -> HttpResponse:
    """The form of the date, and setting it."""
    row = engagements.one(request.user, engagement)
    require(request.user, P.RELEASE_REPORT, row)
    initial = {"version": row.version, "report_date": row.report_date}
    form = ReportDateForm(sent(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            report_dates.set_report_date(
                row, form.cleaned_data["report_date"], by=request.user,
                version=form.cleaned_data["version"],
            )  # fmt: skip
        if not form.errors:
            return back(request, "tenants:engagement", row.pk, says="The report is dated.")
    status = 400 if form.errors else 200
    template = "tenants/engagements/report_date.html"
    return engagement_page(request, row, template, {"form": form}, status=status)
