"""What tests leave open at the exit of walkthroughs and fieldwork, and that cures close it."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audits.actions import control_plans, control_tests, ipe_checks, results, test_plans
from audits.actions.control_plans import Thought
from audits.actions.results import Said
from audits.models.control_tests import ControlPlan, ControlTest
from audits.queries.papers import standings
from audits.queries.results import grid_of
from audits.queries.testing import deviating_cells, plan_of, results_of
from grc.sample.cures import testing as cures
from tenants.choices import Role
from tenants.queries.findings import open_findings
from tests import factories
from tests.audits import testing
from tests.audits.actions.test_results import all_cells, gridded
from tests.audits.helpers import fill_library, take_all
from tests.conftest import as_
from tests.parts.testing import REPORT

MINE = ("TP-", "IPE", "SO-0")


@pytest.fixture
def tested(world):
    fill_library(world, 1)
    take_all(world)
    factories.moved_to(world, "walkthrough")
    return world


def found(world, phase):
    """(rule, text) of what testing leaves open at the exit of a phase."""
    with as_(world.lead, world.firm):
        stands = open_findings(world.engagement, phase)
    return [(each.finding.rule, each.finding.text) for each in stands
            if each.finding.rule.startswith(MINE)]  # fmt: skip


def cured(world, status):
    factories.moved_to(world, status)
    cures.cure(factories.Cast(world), world.engagement)


def said(world, phase, rule):
    return [text for each, text in found(world, phase) if each == rule]


def test_walkthroughs_end_once_every_design_is_concluded_and_operation_planned(tested):
    rules = {rule for rule, _ in found(tested, "walkthrough")}
    assert {"TP-02", "TP-04"} <= rules
    cured(tested, "walkthrough")
    assert found(tested, "walkthrough") == []
    with as_(tested.lead, tested.firm):
        (result,) = results_of(tested.engagement).values()
    assert (result.design, len(result.operation)) == ("suitably_designed", 1)


def test_fieldwork_ends_once_every_test_is_concluded_and_prepared(tested):
    cured(tested, "walkthrough")
    assert said(tested, "fieldwork", "TP-04") == ["Test of operation 1 of ELC-01 is not concluded."]
    cured(tested, "fieldwork")
    assert found(tested, "fieldwork") == []
    assert said(tested, "review", "SO-04")
    cured(tested, "review")
    assert not [each for each in found(tested, "review") if "ELC-01" in each[1]]
    with as_(tested.lead, tested.firm):
        (result,) = results_of(tested.engagement).values()
        assert (result.tested, result.deviating, result.operates) == (3, 0, True)


def test_tp_03_a_failing_design_asks_for_no_test_of_operation(tested):
    factories.moved_to(tested, "fieldwork")
    testing.concluded(tested, "not_implemented")
    assert not said(tested, "walkthrough", "TP-04")
    assert not said(tested, "fieldwork", "TP-04")
    with as_(tested.lead, tested.firm):
        (result,) = results_of(tested.engagement).values()
        assert result.design_fails


def test_a_control_that_is_not_key_is_not_tested_for_operation(tested):
    with as_(tested.senior, tested.firm):
        control = testing.control_of(tested)
        assert said(tested, "fieldwork", "TP-04")
        control_plans.plan(control, Thought(key=False), by=tested.senior)
    assert not said(tested, "fieldwork", "TP-04")


def test_tp_07_interim_work_is_rolled_forward_to_the_end_of_the_period(tested):
    factories.moved_to(tested, "fieldwork")
    first = gridded(tested)
    with as_(tested.senior, tested.firm):
        by = tested.senior
        told = test_plans.Covers(covers_to=date(2026, 6, 30), report_wording="Inspected.")
        test_plans.change(first, told, by=by)
        results.write_cells(first, all_cells(first), by=by)
        control_tests.conclude(first, "no_deviations", "As told.", by=by)
    assert said(tested, "fieldwork", "TP-07") == [
        "ELC-01 is not tested for 2026-07-01 to 2026-09-30."
    ]
    steps = [testing.STEPS[1]]
    rest = testing.planned(tested, steps=steps, covers_from=date(2026, 7, 1))
    (open_,) = said(tested, "fieldwork", "TP-07")
    assert "asks nobody what has changed" in open_
    with as_(tested.senior, tested.firm):
        test_plans.write_steps(rest, testing.STEPS, testing.ASKED, by=tested.senior)
    assert not said(tested, "fieldwork", "TP-07")


def test_tp_04_the_whole_period_is_tested_or_the_partner_says_why_not(tested):
    factories.moved_to(tested, "fieldwork")
    testing.planned(tested, covers_from=date(2026, 1, 1))
    assert "ELC-01 is not tested for 2025-10-01 to 2025-12-31." in said(
        tested, "fieldwork", "TP-04"
    )


def test_tp_06_one_configuration_is_enough_where_its_general_controls_hold(tested):
    fill_library(tested, 2)
    factories.moved_to(tested, "planning")
    take_all(tested)
    factories.moved_to(tested, "fieldwork")
    test = gridded(tested, items=1)
    with as_(tested.senior, tested.firm):
        by = tested.senior
        results.write_cells(test, all_cells(test), by=by)
        control_tests.conclude(test, "no_deviations", "As configured.", by=by)
    assert said(tested, "fieldwork", "TP-06")
    with as_(tested.senior, tested.firm):
        general = testing.control_of(tested, "ELC-02")
        control_plans.plan(
            testing.control_of(tested), Thought(dependents_of=[general.pk]), by=tested.senior
        )
    assert said(tested, "fieldwork", "TP-06")
    cured(tested, "walkthrough")
    cured(tested, "fieldwork")
    assert not said(tested, "fieldwork", "TP-06")


def test_tp_06_another_day_is_enough_too(tested):
    factories.moved_to(tested, "fieldwork")
    test = gridded(tested, items=1)
    with as_(tested.senior, tested.firm):
        by = tested.senior
        results.add_item(test, "Rule 0", on=date(2026, 8, 2), by=by)
        results.write_cells(test, all_cells(test), by=by)
        control_tests.conclude(test, "no_deviations", "As configured.", by=by)
    assert not said(tested, "fieldwork", "TP-06")


def test_a_report_is_checked_before_fieldwork_ends(tested):
    factories.moved_to(tested, "fieldwork")
    with as_(tested.auditor, tested.firm):
        control = testing.control_of(tested)
        factories.arrange(control, ipe=["Active workers"])
        assert said(tested, "fieldwork", "IPE")
        ipe_checks.write(control, REPORT, by=tested.auditor)
    assert not said(tested, "fieldwork", "IPE")


def test_so_05_a_changed_cell_makes_the_signatures_on_its_test_stale(tested):
    cured(tested, "walkthrough")
    cured(tested, "fieldwork")
    with as_(tested.senior, tested.firm):
        test = ControlTest.objects.select_related("control__engagement", "engagement").get(
            kind="toe"
        )
        assert not said(tested, "fieldwork", "SO-05")
        control_tests.reopen(test, note="One more look.", by=tested.senior)
        cell = grid_of(test).lines[0]
        told = [Said(cell.item.pk, cell.cells[0].attribute_id, "pass", "T", "Seen again.")]
        results.write_cells(test, told, by=tested.senior)
        control_tests.conclude(test, "no_deviations", "As told.", by=tested.senior)
    assert said(tested, "fieldwork", "SO-05")


@pytest.mark.parametrize("change", ["step", "size", "key", "risk"])
def test_so_05_the_plan_of_the_tests_goes_stale_with_what_it_says(tested, change):
    cured(tested, "walkthrough")
    with as_(tested.senior, tested.firm):
        by = tested.senior
        test = ControlTest.objects.select_related("control__engagement", "engagement").get(
            kind="toe"
        )
        before = plan_of(tested.engagement)
        if change == "step":
            test_plans.write_steps(test, testing.STEPS[1:], testing.ASKED, by=by)
        elif change == "size":
            told = test_plans.Covers(planned_size=7, report_wording=test.report_wording)
            test_plans.change(test, told, by=by)
        else:
            thought = {"key": Thought(key=False), "risk": Thought(risk="low")}[change]
            control_plans.plan(test.control, thought, by=by)
        assert plan_of(tested.engagement) != before
        (paper,) = standings(tested.engagement, "test_plan").values()
        assert paper.missing == ("prepared", "reviewed")


def test_so_06_a_test_of_a_control_of_higher_risk_is_seen_by_the_partner(tested):
    cured(tested, "walkthrough")
    with as_(tested.senior, tested.firm):
        papers = standings(tested.engagement, "control_test").values()
        assert all("partner_reviewed" not in each.levels for each in papers)
        thought = Thought(risk="high", factors=["money"])
        control_plans.plan(testing.control_of(tested), thought, by=tested.senior)
        papers = standings(tested.engagement, "control_test").values()
        assert all("partner_reviewed" in each.levels for each in papers)
        assert ControlPlan.objects.count() == 1


def test_deviating_cells_are_told_with_what_they_are_about(tested):
    factories.moved_to(tested, "fieldwork")
    test = gridded(tested)
    with as_(tested.senior, tested.firm):
        one = all_cells(test)[1]
        told = [Said(one.item, one.attribute, "deviation", "", "No approval.")]
        results.write_cells(test, told, by=tested.senior)
        (cell,) = deviating_cells(tested.engagement)
        (result,) = results_of(tested.engagement).values()
    assert (cell.ref, cell.position, cell.letter, cell.note) == ("ELC-01", 1, "B", "No approval.")
    assert (result.tested, result.deviating) == (2, 1)


def test_a_gate_asks_as_often_for_two_controls_as_for_one(tested):
    factories.moved_to(tested, "fieldwork")
    gridded(tested)
    counts = []
    for _ in range(2):
        with as_(tested.lead, tested.firm), CaptureQueriesContext(connection) as asked:
            open_findings(tested.engagement, "fieldwork")
        counts.append(len(asked))
        fill_library(tested, 3)
        factories.moved_to(tested, "planning")
        take_all(tested)
        factories.moved_to(tested, "fieldwork")
        gridded(tested)
    assert counts[1] <= counts[0]


def test_a_walk_through_the_phases_ends_in_review(tested):
    factories.taken_on(tested, ("finish_walkthroughs", Role.MANAGER),
                       ("finish_fieldwork", Role.MANAGER))  # fmt: skip
    with as_(tested.lead, tested.firm):
        tested.engagement.refresh_from_db()
    assert tested.engagement.status == "review"
