"""Pages of testing: what stands where, one control, one test, and its moves."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse

from audits.actions import control_tests, test_plans
from audits.actions.control_tests import LIFECYCLE
from audits.choices.testing import RiskFactor, TestKind
from audits.models import EngagementControl
from audits.models.control_tests import ControlPlan, ControlTest, IpeCheck
from audits.portal.testing_forms import ConclusionForm, ReopenForm
from audits.queries import testing
from tenants.choices import ExamType
from tenants.errors import NotVisible
from tenants.models import Engagement
from tenants.permissions import P, require
from tenants.portal.base import Request, applying, back, engagement_page, holds, sent, signed_in
from tenants.portal.fields import VersionForm
from tenants.portal.findings import of_the_firm
from tenants.portal.paging import numbered

SIZE = 50
PAGES: Final = {
    "approve": ("Approve the test", "From then on its plan is for those who plan tests.",
                "The test is approved."),
    "begin": ("Start the test", "", "The test has begun."),
    "skip": ("Skip the test", "The design fails, so operation is not tested (TP-03).",
             "The test is skipped."),
    "drop": ("Take the test out of the plan", "The history keeps that it was planned.",
             "The test is out of the plan."),
}  # fmt: skip
"""Move → its question, what it means, and what is said once it is made."""


@signed_in
def index(request: Request, engagement: UUID) -> HttpResponse:
    """Every control, and what test of it stands where."""
    row = of_the_firm(request).find(request.user, engagement)
    controls = EngagementControl.objects.visible_to(request.user).filter(engagement=row)
    listed = numbered(request, controls.order_by("ref"), "controls", SIZE)
    context = {
        "page": listed, "standings": testing.standings_of(listed.rows, request.user),
        "operates": row.exam_type == ExamType.TYPE_2,
        "planned": ControlTest.objects.visible_to(request.user)
        .filter(engagement=row, kind=TestKind.OPERATION).exists(),
    }  # fmt: skip
    return engagement_page(request, row, "audits/testing/index.html", context)


@signed_in
def control(request: Request, engagement: UUID, control: UUID) -> HttpResponse:
    """One control: what is thought of it, its tests, and the reports it rests on."""
    row, held = control_of(request, engagement, control)
    plans = ControlPlan.objects.visible_to(request.user).filter(control=held)
    plan = plans.select_related("assigned_to").first()
    rests_on = EngagementControl.objects.visible_to(request.user).filter(
        engagement=row, pk__in=plan.dependents_of if plan else ()
    )
    checks = IpeCheck.objects.visible_to(request.user).filter(control=held)
    checks = checks.select_related("done_by")
    context = {
        "control": held, "plan": plan or testing.NO_PLAN, "rests_on": rests_on,
        "tests": testing.tests_of(held, request.user), "checks": checks,
        "unchecked": testing.reports_unchecked(held, checks),
        "performs": holds(request, P.PERFORM_TEST, row), "plans": holds(request, P.PLAN_TEST, row),
        "operates": row.exam_type == ExamType.TYPE_2,
        "factors": [RiskFactor(each).label for each in (plan.factors if plan else ())],
    }  # fmt: skip
    return engagement_page(request, row, "audits/testing/control.html", context)


@signed_in
def test(request: Request, engagement: UUID, test: UUID) -> HttpResponse:
    """One test: its plan, its steps, and what it came to."""
    row, held = test_of(request, engagement, test)
    context = {
        "test": held, "control": held.control, "moves": LIFECYCLE.offered(held, request.user),
        "performs": holds(request, P.PERFORM_TEST, row), "plans": holds(request, P.PLAN_TEST, row),
        "design_fails": testing.design_fails(held.control_id),
    }  # fmt: skip
    return engagement_page(request, row, "audits/testing/test.html", context)


@signed_in
def plan(request: Request, engagement: UUID, plan_of: UUID) -> HttpResponse:
    """The plan of the tests of operation, as its signatures cover it."""
    row = of_the_firm(request).find(request.user, engagement)
    if plan_of != row.pk:
        raise NotVisible("There is no such page, or it is not shown to you.")
    content = testing.plan_of(row).get("controls", {})
    context = {"controls": sorted(content.items())}
    return engagement_page(request, row, "audits/testing/plan.html", context)


def confirmed(request: Request, engagement: UUID, test: UUID, move: str) -> HttpResponse:
    """The question before a move that asks for nothing more, and the move."""
    row, held = test_of(request, engagement, test)
    title, text, says = PAGES[move]
    asks = P.PLAN_TEST if move in ("approve", "drop") else P.PERFORM_TEST
    require(request.user, asks, row)
    form = VersionForm(sent(request), initial={"version": held.version})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            MOVES[move](held, by=request.user, version=form.cleaned_data["version"])
        if not form.errors and move == "drop":
            return back(request, "audits:tested_control", row.pk, held.control_id, says=says)
        if not form.errors:
            return back(request, "audits:test", row.pk, held.pk, says=says)
    context = {"form": form, "test": held, "title": title, "text": text, "button": title}
    status = 400 if form.errors else 200
    return engagement_page(request, row, "audits/testing/confirm.html", context, status=status)


MOVES: Final[dict[str, Any]] = {
    "approve": control_tests.approve, "begin": control_tests.begin, "skip": control_tests.skip,
    "drop": test_plans.drop,
}  # fmt: skip


@signed_in
def approve(request: Request, engagement: UUID, test: UUID) -> HttpResponse:
    """Let the test be performed."""
    return confirmed(request, engagement, test, "approve")


@signed_in
def begin(request: Request, engagement: UUID, test: UUID) -> HttpResponse:
    """Start to perform it."""
    return confirmed(request, engagement, test, "begin")


@signed_in
def skip(request: Request, engagement: UUID, test: UUID) -> HttpResponse:
    """Close it where the design fails."""
    return confirmed(request, engagement, test, "skip")


@signed_in
def drop(request: Request, engagement: UUID, test: UUID) -> HttpResponse:
    """Take it back out of the plan."""
    return confirmed(request, engagement, test, "drop")


@signed_in
def conclude(request: Request, engagement: UUID, test: UUID) -> HttpResponse:
    """What the test came to, and why."""
    row, held = test_of(request, engagement, test)
    require(request.user, P.PERFORM_TEST, row)
    form = ConclusionForm(sent(request), held.kind, initial={"version": held.version})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            control_tests.conclude(held, by=request.user, **form.cleaned_data)
        if not form.errors:
            return back(request, "audits:test", row.pk, held.pk, says="The test is concluded.")
    return test_form(request, row, held, form, "Conclude the test", "Conclude")


@signed_in
def reopen(request: Request, engagement: UUID, test: UUID) -> HttpResponse:
    """Go on with a test that was concluded."""
    row, held = test_of(request, engagement, test)
    require(request.user, P.PERFORM_TEST, row)
    form = ReopenForm(sent(request), initial={"version": held.version})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            control_tests.reopen(held, by=request.user, **form.cleaned_data)
        if not form.errors:
            return back(request, "audits:test", row.pk, held.pk, says="The test goes on.")
    context = {"form": form, "test": held, "title": "Reopen the test", "button": "Reopen"}
    status = 400 if form.errors else 200
    return engagement_page(request, row, "audits/testing/confirm.html", context, status=status)


def test_form(
    request: Request, row: Engagement, held: ControlTest, form: Any, title: str, button: str
) -> HttpResponse:
    """A form about a test, beside how its control is told."""
    context = {
        "form": form, "test": held, "control": held.control, "title": title, "button": button,
    }  # fmt: skip
    status = 400 if form.errors else 200
    return engagement_page(request, row, "audits/testing/form.html", context, status=status)


def control_of(request: Request, engagement: UUID, key: UUID) -> tuple[Engagement, Any]:
    """The engagement and one of its controls, for the firm's people. Raises NotVisible."""
    row = of_the_firm(request).find(request.user, engagement)
    rows = EngagementControl.objects.select_related("engagement").filter(engagement=row)
    return row, rows.find(request.user, key)


def test_of(request: Request, engagement: UUID, key: UUID) -> tuple[Engagement, ControlTest]:
    """The engagement and one of its tests, for the firm's people. Raises NotVisible."""
    row = of_the_firm(request).find(request.user, engagement)
    return row, testing.test_for(request.user, row, key)
