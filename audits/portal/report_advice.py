"""Pages of the questionnaire: which report a client needs, and what became of the advice."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from audits.actions import report_advice as actions
from audits.models.report_advice import ReportAdvice
from audits.portal.choosing_forms import (
    AdvisedTermsForm,
    AnswersForm,
    OpenAdvisedForm,
    OverrideForm,
)
from audits.queries.choosing import advice_followed
from audits.rules.report_advice import (
    Answers,
    Recommendation,
    answers_of,
    difference,
    from_kept,
    recommend,
)
from tenants.choices import OrganizationKind
from tenants.errors import Invalid, NotVisible
from tenants.models import Engagement
from tenants.permissions import P, require
from tenants.portal.base import (
    Request,
    applying,
    back,
    engagement_page,
    form_page,
    holds,
    sent,
    signed_in,
)
from tenants.portal.findings import of_the_firm
from tenants.portal.steps import steps_at
from tenants.queries.engagements import terms_of
from tenants.rules.independence import STATEMENTS, VERSION

STEPS = ("Questions", "Reports")


@signed_in
def advise(request: Request) -> HttpResponse:
    """The questions; then the reports that fit, each to be opened as an engagement."""
    firm = request.organization
    if firm.kind != OrganizationKind.FIRM:
        raise NotVisible("There is no such page, or it is not shown to you.")
    require(request.user, P.OPEN_ENGAGEMENT, firm)
    data = sent(request)
    form = AnswersForm(data)
    if request.method != "POST" or not form.is_valid() or "again" in request.POST:
        context = {"steps": steps_at(0, STEPS)}
        return form_page(request, form, "audits/choosing/advise.html", **context)
    answers = form.answers
    recommended = recommend(answers)
    opening = data if "opening" in request.POST else None
    choice = OpenAdvisedForm(opening, firm)
    reports = [AdvisedTermsForm(opening, each, at) for at, each in enumerate(recommended)]
    if opening is not None and _valid(choice, reports):
        _open(request, choice, reports, answers)
        if _valid(choice, reports):
            says = "Open, with you on it. Now put your team together."
            return back(request, "tenants:engagements", says=says)
    return _reports(request, choice, reports, answers)


def _valid(choice: OpenAdvisedForm, reports: list[AdvisedTermsForm]) -> bool:
    return not [each for each in (choice, *reports) if not each.is_valid()]


def _open(
    request: Request, choice: OpenAdvisedForm, reports: list[AdvisedTermsForm], answers: Answers
) -> None:
    """Open those that are wanted; a refusal stands at the report and the field it names."""
    wanted = [each for each in reports if each.cleaned_data["wanted"]]
    with applying(choice):
        try:
            actions.open_advised(
                request.organization, choice.known[choice.cleaned_data["client"]], by=request.user,
                answers=answers, chosen=[each.new for each in wanted],
                independent=choice.cleaned_data["independent"],
            )  # fmt: skip
        except Invalid as refused:
            place, _, rest = refused.field.partition(".")
            if place != "chosen" or not rest:
                raise
            number, _, field = rest.partition(".")
            form = wanted[int(number)]
            form.add_error(field if field in form.fields else None, refused.message)


def _reports(
    request: Request, choice: OpenAdvisedForm, reports: list[AdvisedTermsForm], answers: Answers
) -> HttpResponse:
    context = {
        "form": choice, "reports": reports, "steps": steps_at(1, STEPS),
        "answered": [name for name, value in asdict(answers).items() if value],
        "statement": STATEMENTS[VERSION],
    }  # fmt: skip
    status = 400 if choice.errors or any(each.errors for each in reports) else 200
    return render(request, "audits/choosing/reports.html", context, status=status)


@signed_in
def advice(request: Request, engagement: UUID) -> HttpResponse:
    """What the answers of an engagement point to; they are given anew here."""
    row = of_the_firm(request).find(request.user, engagement)
    if request.method == "POST":
        require(request.user, P.SET_SCOPE, row)
    held = ReportAdvice.objects.visible_to(request.user).filter(engagement=row)
    kept = held.select_related("answered_by", "overridden_by").first()
    form = AnswersForm(sent(request), answers_of(kept.answers) if kept else None)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.answer(row, form.answers, by=request.user)
        if not form.errors:
            return back(request, "audits:advice", row.pk, says="The answers are kept.")
    context = {"form": form, "advice": kept, **_standing(request, row, kept)}
    status = 400 if form.errors else 200
    return engagement_page(request, row, "audits/choosing/advice.html", context, status=status)


def _standing(request: Request, row: Engagement, kept: ReportAdvice | None) -> dict[str, Any]:
    recommended: list[Recommendation] = from_kept(kept.recommended) if kept else []
    return {
        "recommended": recommended, "early": not row.types_frozen_at and row.kind == "examination",
        "differs": difference(recommended, terms_of(row)) if kept else "",
        "holds": bool(kept and advice_followed(row)),
        "may_answer": holds(request, P.SET_SCOPE, row),
        "may_decide": holds(request, P.DECIDE_ENGAGEMENT, row),
    }  # fmt: skip


@signed_in
def override(request: Request, engagement: UUID) -> HttpResponse:
    """The question before the terms are kept against the advice, and that."""
    row = of_the_firm(request).find(request.user, engagement)
    require(request.user, P.DECIDE_ENGAGEMENT, row)
    held = ReportAdvice.objects.visible_to(request.user).filter(engagement=row)
    kept = held.select_related("engagement").first()
    if kept is None:
        raise NotVisible("The questions are not answered yet.")
    form = OverrideForm(sent(request), initial={"version": kept.version})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.override(kept, by=request.user, **form.cleaned_data)
        if not form.errors:
            return back(request, "audits:advice", row.pk, says="The terms stay as they are.")
    context = {"form": form, "differs": difference(from_kept(kept.recommended), terms_of(row))}
    status = 400 if form.errors else 200
    return engagement_page(request, row, "audits/choosing/override.html", context, status=status)
