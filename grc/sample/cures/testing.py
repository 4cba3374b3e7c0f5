"""The firm walks, plans, performs, concludes and signs the tests of every control."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.utils import timezone

from audits.actions import (
    control_tests,
    ipe_checks,
    populations,
    results,
    samples,
    sign_offs,
    test_plans,
    walkthroughs,
)
from audits.actions.ipe_checks import Checked
from audits.actions.populations import Told
from audits.actions.results import Said
from audits.actions.samples import Choice
from audits.actions.test_plans import Covers
from audits.actions.walkthroughs import Seen
from audits.choices.populations import PopulationPart
from audits.choices.testing import TestConclusion, TestKind, TestStatus
from audits.models import EngagementControl
from audits.models.control_tests import ControlTest, IpeCheck
from audits.models.populations import Population
from audits.papers import PARTNER_REVIEWED, PREPARED, REVIEWED
from audits.queries.papers import standings
from audits.queries.results import grid_of
from audits.queries.testing import results_of
from audits.rules.population_rows import Layout
from audits.rules.testing import Attribute, Step
from grc.sample.cures import Cast
from tenants.choices import EngagementStatus as S
from tenants.choices import ExamType, Role
from tenants.models import Engagement

STEPS: Final = (
    Step("inquiry", "Ask who performs the control, when, and what has changed."),
    Step("inspection", "Read the records of the item."),
)
ASKED: Final = (
    Attribute("It was performed as told, by somebody competent"),
    Attribute("It was performed in time, and what stood out was followed up"),
)
SIGNS: Final = {PREPARED: Role.STAFF, REVIEWED: Role.SENIOR, PARTNER_REVIEWED: Role.PARTNER}
PLAN_SIGNS: Final = {PREPARED: Role.SENIOR, REVIEWED: Role.MANAGER}
RUNS: Final = 4
"""Performances of a control that its population tells of."""


def cure(cast: Cast, engagement: Engagement) -> None:
    """What tests are asked at the exit of the phase: designs, then operation, then reviews."""
    if engagement.status == S.WALKTHROUGH:
        _test_designs(cast, engagement)
        sign_papers(cast, engagement, "control_test", SIGNS)
        if engagement.exam_type == ExamType.TYPE_2:
            _plan_operation(cast, engagement)
            sign_papers(cast, engagement, "test_plan", PLAN_SIGNS)
    elif engagement.status == S.FIELDWORK:
        _check_reports(cast, engagement)
        _test_operation(cast, engagement)
        sign_papers(cast, engagement, "control_test", {PREPARED: Role.STAFF})
    elif engagement.status == S.REVIEW:
        sign_papers(cast, engagement, "test_plan", PLAN_SIGNS)
        sign_papers(cast, engagement, "control_test", SIGNS)


def _test_designs(cast: Cast, engagement: Engagement) -> None:
    """Each control without a design concluded is walked, planned, approved and concluded."""
    with cast.acting_as(engagement, Role.STAFF) as by:
        untested = [each.control_id for each in results_of(engagement).values() if not each.design]
        planned = []
        for control in _controls(engagement, untested):
            told = Seen(
                "The last time it was performed", timezone.localdate(),
                f"The {control.owner_role}", "Each step left the record that is told of it.",
            )  # fmt: skip
            walkthroughs.write(control, told, by=by)
            planned.append(_planned(control, TestKind.DESIGN, Covers(), by))
    _approve(cast, engagement, planned)
    with cast.acting_as(engagement, Role.STAFF) as by:
        for test in planned:
            control_tests.begin(test, by=by)
            control_tests.conclude(
                test, TestConclusion.SUITABLY_DESIGNED,
                "Run as told it meets what it answers to; one item was walked end to end.", by=by,
            )  # fmt: skip


def _plan_operation(cast: Cast, engagement: Engagement) -> None:
    """Each key control whose design holds gets a test of its operation."""
    with cast.acting_as(engagement, Role.SENIOR) as by:
        wanting = [
            each.control_id for each in results_of(engagement).values()
            if each.key and not each.design_fails and not each.operation
        ]  # fmt: skip
        wording = "Inspected the records of a sample of its performances over the period."
        planned = [
            _planned(control, TestKind.OPERATION, Covers(report_wording=wording), by)
            for control in _controls(engagement, wanting)
        ]
    _approve(cast, engagement, planned)


def _planned(control: EngagementControl, kind: str, told: Covers, by: Any) -> ControlTest:
    test = test_plans.plan(control, kind, told, by=by)
    return test_plans.write_steps(test, STEPS, ASKED, by=by)


def _approve(cast: Cast, engagement: Engagement, tests: list[ControlTest]) -> None:
    with cast.acting_as(engagement, Role.SENIOR) as by:
        for test in tests:
            control_tests.approve(test, by=by)


def _test_operation(cast: Cast, engagement: Engagement) -> None:
    """Each open test gets its population, a sample, a filled grid and a conclusion."""
    with cast.acting_as(engagement, Role.SENIOR) as by:
        rows = ControlTest.objects.filter(engagement=engagement, kind=TestKind.OPERATION)
        waiting = list(
            rows.exclude(status=TestStatus.CONCLUDED).select_related(
                "engagement__client", "control__engagement"
            )
        )
        for test in waiting:
            _drawn(test, by)
    with cast.acting_as(engagement, Role.STAFF) as by:
        for test in waiting:
            _filled(test, by)


def _drawn(test: ControlTest, by: Any) -> None:
    """The test has items: by a population told over its whole time, accepted and drawn from."""
    if Population.objects.filter(test=test).exists() or not test.covers_from or not test.covers_to:
        return
    span = (test.covers_to - test.covers_from) / RUNS
    days = [test.covers_from + span * n for n in range(RUNS)]
    rows = "\n".join(["Run,Day", *(f"R-{n},{day.isoformat()}" for n, day in enumerate(days, 1))])
    told = Told(
        part=PopulationPart.WHOLE, covers=(test.covers_from, test.covers_to),
        unit="one performance of the control", source="Calendar of controls", query="all runs",
        run_by="Control owner", run_at=timezone.now(), layout=Layout(("Run",), "Day"),
    )  # fmt: skip
    population = populations.write_in(test, told, rows, by=by)
    populations.accept(
        population, completeness="As many runs as the calendar says.",
        accuracy="Each run was traced to its record.", by=by,
    )  # fmt: skip
    samples.draw(population, Choice(), by=by)


def _filled(test: ControlTest, by: Any) -> None:
    """Every pending cell passes, and the test is concluded by what its grid shows."""
    test.refresh_from_db(fields=["version", "status"])
    grid = grid_of(test)
    pending = [
        Said(line.item.pk, grid.attributes[place].pk, "pass")
        for line in grid.lines for place, cell in line.placed if cell is None
    ]  # fmt: skip
    if pending:
        results.write_cells(test, pending, by=by)
    deviates = grid_of(test).counts["deviation"]
    said = TestConclusion.DEVIATIONS if deviates else TestConclusion.NO_DEVIATIONS
    control_tests.conclude(test, said, "What the grid shows of every item.", by=by)


def _check_reports(cast: Cast, engagement: Engagement) -> None:
    """Each report on which a control rests is checked."""
    with cast.acting_as(engagement, Role.STAFF) as by:
        checked = set(
            IpeCheck.objects.filter(engagement=engagement).values_list("control", "report")
        )
        for control in _controls(engagement, None):
            for report in control.ipe:
                if (control.pk, report) not in checked:
                    told = Checked(
                        report, ", ".join(control.systems) or "The system", "Control owner",
                        timezone.now(), RUNS, "Its rows agree to the system's own count.",
                        "A few rows were traced to their source.",
                    )  # fmt: skip
                    ipe_checks.write(control, told, by=by)


def _controls(engagement: Engagement, ids: list[UUID] | None) -> list[Any]:
    rows = EngagementControl.objects.filter(engagement=engagement).select_related("engagement")
    return list(rows.order_by("ref") if ids is None else rows.filter(pk__in=ids).order_by("ref"))


def sign_papers(cast: Cast, engagement: Engagement, kind: str, signs: dict[str, Role]) -> None:
    """Open what waits for each level, and sign it together, each level by its role."""
    for level, role in signs.items():
        with cast.acting_as(engagement, role) as by:
            waiting = [
                key for key, each in standings(engagement, kind).items()
                if each.missing[:1] == (level,)
                and (kind != "control_test" or each.content["conclusion"])
            ]  # fmt: skip
            for key in waiting:
                sign_offs.open_paper(engagement, kind, key, by=by)
            for start in range(0, len(waiting), sign_offs.MOST):
                batch = waiting[start : start + sign_offs.MOST]
                sign_offs.sign_many(engagement, kind, batch, level, by=by)
