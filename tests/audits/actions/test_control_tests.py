"""Tests of controls: planned, approved, performed, concluded, each by its role (TP-01 to TP-10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from audits.actions import control_plans, control_tests, ipe_checks, test_plans
from audits.actions.control_plans import Thought
from audits.actions.test_plans import Covers
from audits.models.control_tests import ControlTest, TestAttribute
from audits.rules.testing import Attribute, Step
from tenants.choices import Role
from tenants.errors import Invalid, MoveRefused, NotVisible, Refused, StaleVersion
from tenants.models import TrailEntry
from tests import factories
from tests.audits import testing
from tests.audits.helpers import fill_library, take_all
from tests.audits.testing import concluded, control_of, performing, planned, walked
from tests.conftest import as_
from tests.parts.testing import REPORT


@pytest.fixture
def tested(world):
    fill_library(world, 2)
    take_all(world)
    factories.moved_to(world, "fieldwork")
    return world


def test_a_test_covers_the_period_unless_days_are_given(tested):
    test = planned(tested)
    assert (test.covers_from, test.covers_to) == (date(2025, 10, 1), date(2026, 9, 30))
    later = planned(tested, covers_from=date(2026, 7, 1))
    assert (later.number, later.covers_from) == (2, date(2026, 7, 1))
    with as_(tested.lead, tested.firm):
        entry = TrailEntry.objects.filter(verb="planned").first()
        assert (entry.zone, entry.subject_type) == ("firm", "controltest")


def test_tp_01_inquiry_alone_concludes_no_test_of_operation(tested):
    test = performing(tested, steps=[Step("inquiry", "Ask who approves.")])
    with as_(tested.senior, tested.firm):
        with pytest.raises(MoveRefused, match="TP-01"):
            control_tests.conclude(test, "no_deviations", "She said so.", by=tested.senior)
        with pytest.raises(IntegrityError, match="TP-01"), transaction.atomic():
            ControlTest.objects.filter(pk=test.pk).update(conclusion="no_deviations")
        test_plans.write_steps(test, testing.STEPS, testing.ASKED, by=tested.senior)
        assert not control_tests._more_than_inquiry(test)


def test_tp_02_a_design_is_suitable_only_once_an_item_was_walked(tested):
    test = performing(tested, "tod")
    with as_(tested.auditor, tested.firm), pytest.raises(Invalid, match="TP-02"):
        control_tests.conclude(test, "suitably_designed", "As seen.", by=tested.auditor)
    walked(tested)
    with as_(tested.auditor, tested.firm):
        control_tests.conclude(test, "suitably_designed", "As seen.", by=tested.auditor)
    assert (test.status, test.concluded_by) == ("concluded", tested.auditor)


@pytest.mark.parametrize("conclusion", ["no_deviations", "skipped", "nonsense"])
def test_tp_02_a_design_is_suitable_or_not_or_is_not_there(tested, conclusion):
    test = performing(tested, "tod")
    with as_(tested.auditor, tested.firm):
        with pytest.raises(Invalid) as refused:
            control_tests.conclude(test, conclusion, "As seen.", by=tested.auditor)
        assert refused.value.field == "conclusion"
        with pytest.raises(Invalid) as refused:
            control_tests.conclude(test, "not_implemented", " ", by=tested.auditor)
        assert refused.value.field == "conclusion_reason"
        control_tests.conclude(test, "not_implemented", "Nobody does it.", by=tested.auditor)


def test_tp_03_where_the_design_fails_operation_is_skipped(tested):
    test, other = planned(tested), planned(tested)
    with as_(tested.senior, tested.firm):
        with pytest.raises(MoveRefused, match="TP-03"):
            control_tests.skip(test, by=tested.senior)
        for each in (test, other):
            control_tests.approve(each, by=tested.senior)
        control_tests.begin(other, by=tested.senior)
    concluded(tested, "not_suitably_designed")
    with as_(tested.senior, tested.firm):
        with pytest.raises(MoveRefused, match="TP-03"):
            control_tests.begin(test, by=tested.senior)
        with pytest.raises(MoveRefused, match="TP-03"):
            control_tests.conclude(other, "no_deviations", "As told.", by=tested.senior)
        with pytest.raises(Refused, match="TP-03"):
            test_plans.plan(control_of(tested), "toe", Covers(), by=tested.senior)
        for each in (test, other):
            control_tests.skip(each, by=tested.senior)
            assert (each.status, each.conclusion) == ("concluded", "skipped")


def test_tp_05_a_test_asks_attributes_of_every_item(tested):
    test = planned(tested)
    with as_(tested.senior, tested.firm):
        assert [each.letter for each in test.attributes.all()] == ["A", "B"]
        test_plans.write_steps(test, testing.STEPS, [], by=tested.senior)
        with pytest.raises(MoveRefused, match="TP-05"):
            control_tests.approve(test, by=tested.senior)
        test_plans.write_steps(test, testing.STEPS, testing.ASKED, by=tested.senior)
        assert control_tests.approve(test, by=tested.senior).status == "approved"


def test_tp_05_an_attribute_keeps_its_letter_when_others_come_and_go(tested):
    test = planned(tested)
    with as_(tested.senior, tested.firm):
        before = TestAttribute.objects.get(test=test, letter="B").pk
        asked = [Attribute("New"), Attribute("By somebody else", "B")]
        test_plans.write_steps(test, testing.STEPS, asked, by=tested.senior)
        found = {each.letter: each for each in test.attributes.all()}
    assert (found["B"].pk, found["B"].position, found["A"].text) == (before, 2, "New")


@pytest.mark.parametrize(
    ("steps", "asked", "field"),
    [
        ([Step("guess", "Guess.")], [], "steps"),
        ([Step("inspection", " ")], [], "steps"),
        ([], [Attribute("One", "A"), Attribute("Two", "A")], "attributes"),
        ([], [Attribute("One", "a")], "attributes"),
        ([], [Attribute(" ")], "attributes"),
    ],
)
def test_steps_that_do_not_hold_are_refused_whole(tested, steps, asked, field):
    test = planned(tested)
    with as_(tested.senior, tested.firm):
        with pytest.raises(Invalid) as refused:
            test_plans.write_steps(test, steps, asked, by=tested.senior)
        assert refused.value.field == field
        assert (test.procedures.count(), test.attributes.count()) == (2, 2)


@pytest.mark.parametrize("days", [{"covers_from": date(2025, 9, 30)},
                                  {"covers_to": date(2026, 10, 1)}])  # fmt: skip
def test_tp_08_results_of_another_period_do_not_count(tested, days):
    test = planned(tested)
    with as_(tested.senior, tested.firm):
        with pytest.raises(Invalid, match="TP-08"):
            test_plans.plan(control_of(tested), "toe", Covers(**days), by=tested.senior)
        with pytest.raises(IntegrityError, match="TP-08"), transaction.atomic():
            ControlTest.objects.filter(pk=test.pk).update(**days)
        assert test_plans.change(test, Covers(covers_to=date(2026, 6, 30)), by=tested.senior)


def test_tp_08_a_template_brings_its_steps_and_no_result(tested):
    source = concluded(tested, "not_implemented", "tod")
    with as_(tested.senior, tested.firm):
        test = test_plans.plan(control_of(tested), "tod", Covers(), by=tested.senior)
        test_plans.copy_steps(test, source, by=tested.senior)
        test.refresh_from_db()
        assert [each.instruction for each in test.procedures.all()] == [
            "Ask who approves.", "Read the tickets.",
        ]  # fmt: skip
        assert (test.attributes.count(), test.report_wording) == (2, testing.WORDING)
        assert (test.status, test.conclusion) == ("planned", "")


def test_a_template_is_a_test_of_the_same_kind(tested):
    test = planned(tested)
    with as_(tested.senior, tested.firm):
        foreign = ControlTest(engagement=tested.engagement, control=test.control, kind="tod")
        with pytest.raises(Refused, match="same kind"):
            test_plans.copy_steps(test, foreign, by=tested.senior)


@pytest.mark.parametrize("missing", ["who", "competence", "objectivity", "reperformed"])
def test_tp_09_others_work_is_told_whole_or_not_at_all(tested, missing):
    work = {
        "who": "Internal audit", "competence": "Certified", "objectivity": "Reports to the board",
        "reperformed": "Two of ten",
    }  # fmt: skip
    test = planned(tested)
    with as_(tested.senior, tested.firm):
        told = Covers(others_work={**work, missing: " "})
        with pytest.raises(Invalid, match="TP-09") as refused:
            test_plans.change(test, told, by=tested.senior)
        assert refused.value.field == "others_work"
        test_plans.change(test, Covers(others_work=work), by=tested.senior)
        assert ControlTest.objects.get(pk=test.pk).others_work == work


def test_tp_10_the_report_tells_of_a_test_apart_from_the_notes(tested):
    test = planned(tested, report_wording="", notes="Ask Ada about ticket 7.")
    with as_(tested.senior, tested.firm):
        with pytest.raises(MoveRefused, match="TP-10"):
            control_tests.approve(test, by=tested.senior)
        told = Covers(report_wording=testing.WORDING, notes="Ask Ada about ticket 7.")
        test_plans.change(test, told, by=tested.senior)
        control_tests.approve(test, by=tested.senior)
        assert "Ada" not in ControlTest.objects.get(pk=test.pk).report_wording


def test_rt_07_a_type_1_has_no_test_of_operation(tested):
    test = planned(tested, "tod")
    with as_(tested.senior, tested.firm):
        assert test_plans.plan(control_of(tested), "toe", Covers(), by=tested.senior).pk
    factories.arrange(tested.engagement, status="draft", types_frozen_at=None)
    days = {"as_of": date(2026, 9, 30), "period_start": None, "period_end": None}
    factories.arrange(tested.engagement, exam_type="T1", **days)
    factories.moved_to(tested, "fieldwork")
    with as_(tested.senior, tested.firm):
        with pytest.raises(Refused, match="RT-07"):
            test_plans.plan(control_of(tested), "toe", Covers(), by=tested.senior)
        with pytest.raises(IntegrityError, match="RT-07"), transaction.atomic():
            ControlTest.objects.create(
                engagement=tested.engagement, control=test.control, kind="toe", number=9,
                planned_by=tested.senior, covers_from=date(2026, 1, 1), covers_to=date(2026, 2, 1),
            )  # fmt: skip
        assert test_plans.plan(control_of(tested), "tod", Covers(), by=tested.senior).pk


def test_a_specialist_tests_only_what_is_assigned_to_them(tested):
    specialist = factories.member(tested.firm, Role.SPECIALIST, name="Sam Specialist")
    factories.assigned(tested.engagement, tested.firm, specialist, Role.SPECIALIST)
    test = planned(tested)
    with as_(tested.senior, tested.firm):
        control_tests.approve(test, by=tested.senior)
    with as_(specialist, tested.firm), pytest.raises(PermissionDenied):
        control_tests.begin(test, by=specialist)
    with as_(tested.senior, tested.firm):
        control_plans.plan(control_of(tested), Thought(assigned_to=specialist), by=tested.senior)
    with as_(specialist, tested.firm):
        assert control_tests.begin(test, by=specialist).status == "performing"


def test_what_is_approved_is_changed_by_those_who_plan_tests(tested):
    test = planned(tested, who="auditor")
    with as_(tested.auditor, tested.firm):
        with pytest.raises(PermissionDenied):
            control_tests.approve(test, by=tested.auditor)
        test_plans.write_steps(test, testing.STEPS, testing.ASKED, by=tested.auditor)
    with as_(tested.senior, tested.firm):
        control_tests.approve(test, by=tested.senior)
    with as_(tested.auditor, tested.firm):
        with pytest.raises(PermissionDenied):
            test_plans.write_steps(test, testing.STEPS, [], by=tested.auditor)
        with pytest.raises(PermissionDenied):
            test_plans.change(test, Covers(planned_size=3), by=tested.auditor)
        told = Covers(report_wording=test.report_wording, notes="Ask again.")
        assert test_plans.change(test, told, by=tested.auditor).notes == "Ask again."


def test_a_concluded_test_is_reopened_before_anything_changes(tested):
    test = concluded(tested, "not_implemented")
    with as_(tested.senior, tested.firm):
        with pytest.raises(Refused, match="concluded"):
            test_plans.write_steps(test, [], [], by=tested.senior)
        with pytest.raises(Invalid):
            control_tests.reopen(test, note=" ", by=tested.senior)
        control_tests.reopen(test, note="One more item came.", by=tested.senior)
        assert (test.status, test.conclusion, test.concluded_by) == ("performing", "", None)
        test_plans.write_steps(test, testing.STEPS, testing.ASKED, by=tested.senior)


def test_two_people_do_not_write_past_each_other(tested):
    test = planned(tested)
    with as_(tested.senior, tested.firm):
        seen = ControlTest.objects.get(pk=test.pk).version
        test_plans.write_steps(test, testing.STEPS, [], by=tested.senior, version=seen)
        with pytest.raises(StaleVersion):
            test_plans.write_steps(test, [], [], by=tested.senior, version=seen)


def test_a_test_leaves_the_plan_until_it_is_begun(tested):
    test, begun = planned(tested), performing(tested)
    with as_(tested.senior, tested.firm):
        test_plans.drop(test, by=tested.senior)
        assert not ControlTest.objects.filter(pk=test.pk).exists()
        with pytest.raises(Refused, match="being performed"):
            test_plans.drop(begun, by=tested.senior)


@pytest.mark.parametrize("status", ["acceptance", "released"])
def test_tests_are_planned_between_planning_and_the_report(tested, status):
    assert planned(tested)
    factories.moved_to(tested, status)
    with as_(tested.senior, tested.firm), pytest.raises(Refused, match="between planning"):
        test_plans.plan(control_of(tested), "toe", Covers(), by=tested.senior)


def test_a_higher_risk_says_why(tested):
    with as_(tested.senior, tested.firm):
        control = control_of(tested)
        with pytest.raises(Invalid) as refused:
            control_plans.plan(control, Thought(risk="high"), by=tested.senior)
        assert refused.value.field == "factors"
        row = control_plans.plan(
            control, Thought(risk="high", factors=["judgment"]), by=tested.senior
        )
        again = control_plans.plan(control, Thought(key=False), by=tested.senior)
    assert (row.pk, row.version, again.version, again.key) == (again.pk, 1, 2, False)


def test_a_control_rests_on_others_of_its_engagement(tested):
    with as_(tested.senior, tested.firm):
        first = control_of(tested)
        for wrong in (first.pk, tested.engagement.pk):
            with pytest.raises(Invalid) as refused:
                control_plans.plan(first, Thought(dependents_of=[wrong]), by=tested.senior)
            assert refused.value.field == "dependents_of"


def test_a_report_is_checked_once_and_corrected(tested):
    with as_(tested.auditor, tested.firm):
        control = control_of(tested)
        check = ipe_checks.write(control, REPORT, by=tested.auditor)
        with pytest.raises(Invalid, match="checked already"):
            ipe_checks.write(control, REPORT, by=tested.auditor)
        with pytest.raises(Invalid) as refused:
            ipe_checks.correct(check, replace(REPORT, accuracy=" "), by=tested.auditor)
        assert refused.value.field == "accuracy"
        ipe_checks.correct(check, replace(REPORT, row_count=813), by=tested.auditor)
    assert (check.row_count, check.version) == (813, 2)


def test_the_client_and_other_firms_see_no_test(tested):
    test = planned(tested)
    for who, home in (
        (tested.client, tested.client_organization), (tested.rival, tested.other_firm),
        (tested.colleague, tested.firm),
    ):  # fmt: skip
        with as_(who, home), pytest.raises(NotVisible):
            ControlTest.objects.find(who, test.pk)
    with as_(tested.reviewer, tested.firm):
        assert ControlTest.objects.find(tested.reviewer, test.pk)
