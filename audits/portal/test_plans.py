"""Pages on which tests are planned: thoughts on a control, a test, its steps, reports checked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse

from audits.actions import control_plans, ipe_checks, test_plans
from audits.actions.control_plans import Thought
from audits.choices.testing import TestKind
from audits.models import EngagementControl
from audits.models.control_tests import ControlPlan, ControlTest, IpeCheck
from audits.portal.testing import control_of, test_form, test_of
from audits.portal.testing_forms import (
    CoversForm,
    IpeForm,
    NewTestForm,
    StepsForm,
    TemplateForm,
    ThoughtForm,
)
from audits.queries import testing
from tenants.models import Assignment, Engagement
from tenants.permissions import P, require
from tenants.portal.base import Request, applying, back, engagement_page, sent, signed_in
from tenants.portal.findings import of_the_firm


@signed_in
def thought(request: Request, engagement: UUID, control: UUID) -> HttpResponse:
    """What is thought of a control: key or not, its risk, who works on it, what it rests on."""
    row, held = control_of(request, engagement, control)
    require(request.user, P.PLAN_TEST, row)
    plan = ControlPlan.objects.visible_to(request.user).filter(control=held).first()
    people = {
        each.person_id: each.person
        for each in Assignment.objects.filter(engagement=row, organization=row.firm_id)
        .select_related("person").order_by("person__name")
    }  # fmt: skip
    others = EngagementControl.objects.visible_to(request.user).filter(engagement=row)
    others = others.exclude(pk=held.pk).order_by("ref")
    form = ThoughtForm(
        sent(request), [(str(key), person.name) for key, person in people.items()],
        [(str(each.pk), str(each)) for each in others],
        initial=_thought(plan or testing.NO_PLAN),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        version, person = values.pop("version"), values.pop("assigned_to")
        rests_on = [UUID(each) for each in values.pop("dependents_of")]
        told = Thought(
            **values, dependents_of=rests_on, assigned_to=people[UUID(person)] if person else None
        )
        with applying(form):
            control_plans.plan(held, told, by=request.user, version=version)
        if not form.errors:
            return back(request, "audits:tested_control", row.pk, held.pk, says="It is kept.")
    return _control_form(request, row, held, form, f"What you think of {held.ref}")


def _thought(plan: ControlPlan) -> dict[str, Any]:
    return {
        "version": plan.version, "key": plan.key, "risk": plan.risk, "factors": plan.factors,
        "assigned_to": str(plan.assigned_to_id or ""),
        "dependents_of": [str(each) for each in plan.dependents_of],
    }  # fmt: skip


@signed_in
def new(request: Request, engagement: UUID, control: UUID) -> HttpResponse:
    """The form of one more test of a control."""
    row, held = control_of(request, engagement, control)
    require(request.user, P.PERFORM_TEST, row)
    asked = request.GET.get("kind", TestKind.DESIGN)
    form = NewTestForm(sent(request), row, asked)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            made = test_plans.plan(
                held, form.cleaned_data["kind"], form.told, by=request.user
            )  # fmt: skip
        if not form.errors:
            says = "The test is planned. Write its steps."
            return back(request, "audits:test_steps", row.pk, made.pk, says=says)
    return _control_form(request, row, held, form, "Plan a test")


@signed_in
def edit(request: Request, engagement: UUID, test: UUID) -> HttpResponse:
    """What a test covers and how it is told."""
    row, held = test_of(request, engagement, test)
    require(request.user, P.PERFORM_TEST, row)
    form = CoversForm(sent(request), held.kind, held)
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"]
        with applying(form):
            test_plans.change(held, form.told, by=request.user, version=version)
        if not form.errors:
            return back(request, "audits:test", row.pk, held.pk, says="It is changed.")
    return test_form(request, row, held, form, "Change the test", "Save")


@signed_in
def steps(request: Request, engagement: UUID, test: UUID) -> HttpResponse:
    """The steps and attributes of a test."""
    row, held = test_of(request, engagement, test)
    require(request.user, P.PERFORM_TEST, row)
    form = StepsForm(sent(request), initial=StepsForm.of(held))
    if request.method == "POST" and form.is_valid():
        with applying(form):
            test_plans.write_steps(
                held, form.cleaned_data["step_lines"], form.cleaned_data["attribute_lines"],
                by=request.user, version=form.cleaned_data["version"],
            )  # fmt: skip
        if not form.errors:
            return back(request, "audits:test", row.pk, held.pk, says="The steps are written.")
    return test_form(request, row, held, form, "Steps and attributes", "Save")


@signed_in
def copy(request: Request, engagement: UUID, test: UUID) -> HttpResponse:
    """Another test as a template."""
    row, held = test_of(request, engagement, test)
    require(request.user, P.PERFORM_TEST, row)
    templates = {each.pk: each for each in testing.templates_for(held, request.user)[:500]}
    named = [(str(key), _named(each)) for key, each in templates.items()]
    form = TemplateForm(sent(request), named, initial={"version": held.version})
    if request.method == "POST" and form.is_valid():
        template = templates[UUID(form.cleaned_data["template"])]
        with applying(form):
            test_plans.copy_steps(
                held, template, by=request.user, version=form.cleaned_data["version"]
            )
        if not form.errors:
            says = "The steps are copied; no result came along."
            return back(request, "audits:test", row.pk, held.pk, says=says)
    return test_form(request, row, held, form, "Copy steps from another test", "Copy")


def _named(test: ControlTest) -> str:
    return f"{test.engagement.title}: {test}"


@signed_in
def check(request: Request, engagement: UUID, control: UUID) -> HttpResponse:
    """The check of one more report on which a control rests."""
    row, held = control_of(request, engagement, control)
    require(request.user, P.PERFORM_TEST, row)
    form = IpeForm(sent(request), initial={"report": request.GET.get("report", "")})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            ipe_checks.write(held, form.told, by=request.user)
        if not form.errors:
            says = "The check is in the file."
            return back(request, "audits:tested_control", row.pk, held.pk, says=says)
    return _control_form(request, row, held, form, "Check a report")


@signed_in
def check_again(request: Request, engagement: UUID, ipe_check: UUID) -> HttpResponse:
    """The check of a report, written anew."""
    row = of_the_firm(request).find(request.user, engagement)
    require(request.user, P.PERFORM_TEST, row)
    rows = IpeCheck.objects.select_related("engagement", "control__engagement")
    held: IpeCheck = rows.filter(engagement=row).find(request.user, ipe_check)
    names = ("version", *IpeForm.base_fields)
    form = IpeForm(sent(request), initial={name: getattr(held, name) for name in names})
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"]
        with applying(form):
            ipe_checks.correct(held, form.told, by=request.user, version=version)
        if not form.errors:
            says = "The check is written anew."
            return back(request, "audits:tested_control", row.pk, held.control_id, says=says)
    return _control_form(request, row, held.control, form, "Correct a check")


def _control_form(
    request: Request, row: Engagement, held: EngagementControl, form: Any, title: str
) -> HttpResponse:
    context = {"control": held, "form": form, "title": title, "button": "Save"}
    status = 400 if form.errors else 200
    return engagement_page(request, row, "audits/testing/form.html", context, status=status)
