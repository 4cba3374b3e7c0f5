"""Pages of the terms: whom the report is for, the report before it, and the advice on it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse

from audits.actions import prior_reports, report_audiences
from audits.choices.choosing import Reader
from audits.models.prior_reports import PriorReport
from audits.models.report_advice import ReportAdvice
from audits.models.report_audiences import ReportAudience
from audits.portal.choosing_forms import AudienceForm, PriorReportForm
from audits.queries.choosing import days_between
from audits.rules.periods import gap_in_words
from audits.rules.report_advice import difference, from_kept
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
from tenants.portal.findings import of_the_firm
from tenants.queries.engagements import terms_of
from tenants.rules.engagements import warnings


@signed_in
def agreement(request: Request, engagement: UUID) -> HttpResponse:
    """What is agreed: terms and audience; for the firm, the advice and the report before."""
    row = found(request, engagement)
    audience = ReportAudience.objects.visible_to(request.user).filter(engagement=row).first()
    reads_file = holds(request, P.VIEW_FIRM_FILE, row)
    context = {
        "audience": audience, "reads_file": reads_file,
        "readers": [str(Reader(each).label) for each in audience.readers] if audience else [],
        "may_set": holds(request, P.SET_SCOPE, row),
        "warnings": warnings(terms_of(row)) if reads_file else [],
        **(_of_the_firm(request, row) if reads_file else {}),
    }  # fmt: skip
    return engagement_page(request, row, "audits/choosing/agreement.html", context)


def _of_the_firm(request: Request, row: Engagement) -> dict[str, object]:
    advice = ReportAdvice.objects.visible_to(request.user).filter(engagement=row).first()
    recommended = from_kept(advice.recommended) if advice else []
    prior = _prior(request, row)
    return {
        "advice": advice, "recommended": recommended, "prior": prior,
        "differs": difference(recommended, terms_of(row)) if advice else "",
        "between": gap_in_words(days_between(row, prior)) if prior else "",
    }  # fmt: skip


def _prior(request: Request, row: Engagement) -> PriorReport | None:
    held = PriorReport.objects.visible_to(request.user).filter(engagement=row)
    stated: PriorReport | None = held.select_related("stated_by").first()
    return stated


@signed_in
def prior_report(request: Request, engagement: UUID) -> HttpResponse:
    """The report before this one, to be stated."""
    row = of_the_firm(request).find(request.user, engagement)
    require(request.user, P.SET_SCOPE, row)
    mine = Engagement.objects.visible_to(request.user).select_related("firm", "client")
    others = mine.filter(client=row.client, kind="examination").exclude(pk=row.pk)
    form = PriorReportForm(sent(request), row, _prior(request, row), list(others))
    if request.method == "POST" and form.is_valid():
        with applying(form):
            prior_reports.state(row, form.stated, prior=form.prior, by=request.user)
        if not form.errors:
            return back(request, "audits:agreement", row.pk, says="The report before is stated.")
    status = 400 if form.errors else 200
    context = {"form": form}
    return engagement_page(request, row, "audits/choosing/prior.html", context, status=status)


@signed_in
def audience(request: Request, engagement: UUID) -> HttpResponse:
    """Whom the report is for, to be stated."""
    row = found(request, engagement)
    require(request.user, P.SET_SCOPE, row)
    held = ReportAudience.objects.visible_to(request.user).filter(engagement=row).first()
    form = AudienceForm(sent(request), row, held)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            report_audiences.state(row, **form.cleaned_data, by=request.user)
        if not form.errors:
            return back(request, "audits:agreement", row.pk, says="The audience is stated.")
    status = 400 if form.errors else 200
    context = {"form": form}
    return engagement_page(request, row, "audits/choosing/audience.html", context, status=status)
