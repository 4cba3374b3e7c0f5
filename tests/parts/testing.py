"""Tests of controls in the generated tests: one of operation, planned, with steps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

from django.db import transaction
from django.utils import timezone

from audits.actions import control_plans, control_tests, ipe_checks, results, test_plans
from audits.actions.control_plans import Thought
from audits.actions.ipe_checks import Checked
from audits.actions.results import Said
from audits.actions.test_plans import Covers
from audits.models import EngagementControl
from audits.models.control_tests import ControlPlan, ControlTest
from audits.models.results import TestCell
from audits.rules.testing import Attribute, Step
from tenants import acting
from tests import factories

FIELDS_TXT = """
shown firm audits.api.control_tests.StepShape: position nature instruction
shown firm audits.api.control_tests.AttributeShape: id position letter text
shown firm audits.api.control_tests.ControlTestSerializer: id version engagement control ref kind number status covers_from covers_to planned_size report_wording notes others_work steps attributes conclusion conclusion_reason concluded_by concluded_at planned_by planned_at moves
shown firm audits.api.control_plans.ControlPlanSerializer: id version engagement control ref key risk factors assigned_to dependents_of
shown firm audits.api.control_plans.IpeCheckSerializer: id version engagement control ref report source query run_by run_at row_count completeness accuracy done_by done_at
sent firm audits.api.control_tests.CoversBody: covers_from covers_to planned_size report_wording notes others_work
sent firm audits.api.control_tests.NewTestBody: covers_from covers_to planned_size report_wording notes others_work control kind
sent firm audits.api.control_tests.StepBody: nature instruction
sent firm audits.api.control_tests.AttributeBody: letter text
sent firm audits.api.control_tests.StepsBody: steps attributes
sent firm audits.api.control_tests.TemplateBody: template
sent firm audits.api.control_tests.ConclusionBody: conclusion conclusion_reason
sent firm audits.api.control_plans.ThoughtBody: key risk factors assigned_to dependents_of
sent firm audits.api.control_plans.PlannedBody: key risk factors assigned_to dependents_of control
sent firm audits.api.control_plans.CheckedReportBody: report source query run_by run_at row_count completeness accuracy
sent firm audits.api.control_plans.NewIpeCheckBody: report source query run_by run_at row_count completeness accuracy control
shown firm audits.api.test_results.TestCellShape: attribute result mark note
shown firm audits.api.test_results.GridItemShape: id position item_key origin facts cells
shown firm audits.api.test_results.GridAttributeShape: id letter text
shown firm audits.api.test_results.GridShape: version status headings attributes items counts
sent firm audits.api.test_results.CellBody: item attribute result mark note
sent firm audits.api.test_results.CellsBody: cells
sent firm audits.api.test_results.NewItemBody: name on
sent firm audits.api.test_results.DropItemBody: item
form firm audits.portal.test_grid.CellsForm: version found
form firm audits.portal.test_grid.PasteForm: version grid
form firm audits.portal.test_grid.ItemForm: version name on
form firm audits.portal.testing_forms.ThoughtForm: version key risk factors assigned_to dependents_of
form firm audits.portal.testing_forms.CoversForm: version covers_from covers_to planned_size report_wording notes others_who others_competence others_objectivity others_reperformed
form firm audits.portal.testing_forms.NewTestForm: version covers_from covers_to planned_size report_wording notes others_who others_competence others_objectivity others_reperformed kind
form firm audits.portal.testing_forms.StepsForm: version step_lines attribute_lines
form firm audits.portal.testing_forms.TemplateForm: version template
form firm audits.portal.testing_forms.ConclusionForm: version conclusion conclusion_reason
form firm audits.portal.testing_forms.ReopenForm: version note
form firm audits.portal.testing_forms.IpeForm: version report source query run_by run_at row_count completeness accuracy
"""  # noqa: E501  (a line is a class)
PORTAL_IDS = {
    "plan_of": "tenants.Engagement",
    "sample_item": "audits.SampleItem", "test": "audits.ControlTest",
    "ipe_check": "audits.IpeCheck", "plan": "audits.ControlPlan",
}  # fmt: skip
FORM_IDS = {
    "template": "audits.ControlTest", "assigned_to": "tenants.User",
    "dependents_of": "audits.EngagementControl",
}  # fmt: skip
STEPS = [Step("inquiry", "Ask who approves."), Step("inspection", "Read the tickets.")]
ASKED = [Attribute("Approved before it was granted"), Attribute("By somebody else")]
FIXED = {
    "steps": [{"nature": "inspection", "instruction": "Read the tickets."}],
    "attributes": [{"letter": "A", "text": "Approved before it was granted"}],
    "run_at": "2026-10-01T12:00:00Z", "conclusion_reason": "Every item was as told.",
    "others_work": {}, "covers_from": "2025-10-01", "covers_to": "2026-09-30",
    "dependents_of": [], "factors": ["judgment"],
}  # fmt: skip
NAMES = {
    "item": "audits.SampleItem",
    "attribute": "audits.TestAttribute",
    "assigned_to": "tenants.User",
    "dependents_of": "audits.EngagementControl",
}
REPORT = Checked(
    report="Active workers", source="HRIS", run_by="Ada", row_count=812,
    run_at=timezone.now().replace(microsecond=0), completeness="Agrees to the payroll count.",
    accuracy="Five rows agree to their contracts.",
)  # fmt: skip


def play(world: SimpleNamespace) -> dict[str, Any]:
    """A senior plans the test of one control, staff check the report it rests on."""
    template, made = planned(world), planned(world, report="Active workers by week")
    with _phase(world), _acts(world.senior, world.firm):
        item = results.add_item(made.test, "MFA rule", on=date(2026, 3, 2), by=world.senior)
        attribute = made.test.attributes.get(letter="A")
    return {
        "test item": item.pk, "its attribute": attribute.pk,
        "audits.ControlTest": made.test.pk, "template test": template.test.pk,
        "audits.ControlPlan": made.plan.pk, "audits.IpeCheck": made.check.pk,
    }  # fmt: skip


def furnish(world: SimpleNamespace, word: str) -> None:
    """What the firm alone reads, in every text of a test."""
    made = planned(world, f"{word}-firm")
    told = Covers(report_wording=f"{word}-firm", notes=f"{word}-firm")
    with _phase(world), _acts(world.senior, world.firm):
        test_plans.change(made.test, told, by=world.senior)
        item = results.add_item(
            made.test, f"{word}-firm item", on=date(2026, 3, 2), by=world.senior
        )
        control_tests.approve(made.test, by=world.senior)
        attribute = made.test.attributes.get(letter="A").pk
        cell = Said(item.pk, attribute, "pass", "T", f"{word}-firm cell")
        results.write_cells(made.test, [cell], by=world.senior)


def planned(
    world: SimpleNamespace, words: str = "Words", report: str = "Active workers"
) -> SimpleNamespace:
    """The first control with its plan, a planned test of operation and a checked report."""
    with _phase(world), _acts(world.senior, world.firm):
        rows = EngagementControl.objects.select_related("engagement")
        control = rows.filter(engagement=world.engagement).order_by("ref").first()
        plan = control_plans.plan(control, Thought(), by=world.senior)
        told = Covers(report_wording=f"Inspected a sample of tickets. {words}")
        test = test_plans.plan(control, "toe", told, by=world.senior)
        test_plans.write_steps(test, STEPS, ASKED, by=world.senior)
        check = ipe_checks.write(control, replace(REPORT, report=report), by=world.senior)
    return SimpleNamespace(control=control, plan=plan, test=test, check=check)


def _acts(who: Any, organization: Any) -> Any:
    from tests.access.scenes import acts

    return acts(who, organization)


@contextmanager
def _phase(world: SimpleNamespace) -> Iterator[None]:
    """Inside it the engagement is in fieldwork."""
    before = world.engagement.status
    with transaction.atomic():
        factories.moved_to(world, "fieldwork")
    yield
    with transaction.atomic():
        factories.moved_to(world, before)


def _while_it_is_tested(play: Any, state: str, who: Any) -> None:
    factories.moved_to(play.world, "fieldwork")


def _plan(play: Any, state: str, who: Any) -> None:
    _while_it_is_tested(play, state, who)
    with acting.on_behalf_of_the_engagement(play.world.engagement.pk):
        row = ControlPlan.objects.get(pk=play.ids["audits.ControlPlan"])
    factories.arrange(row, version=1)


def _filled(play: Any, state: str, who: Any) -> None:
    """Every cell of it has passed."""
    _in_state(play, state, who)
    with acting.on_behalf_of_the_engagement(play.world.engagement.pk):
        row = ControlTest.objects.get(pk=play.ids["audits.ControlTest"])
        TestCell.objects.bulk_create(
            TestCell(
                engagement=play.world.engagement, test=row, item_id=play.ids["test item"],
                attribute=each, result="pass",
            )
            for each in row.attributes.all()
        )  # fmt: skip


def _spare(play: Any, state: str, who: Any) -> None:
    _in_state(play, state, who, "template test")


def _in_state(play: Any, state: str, who: Any, label: str = "audits.ControlTest") -> None:
    _while_it_is_tested(play, state, who)
    with acting.on_behalf_of_the_engagement(play.world.engagement.pk):
        row = ControlTest.objects.get(pk=play.ids[label])
    columns: dict[str, Any] = {"status": state or "planned", "version": 1}
    if state == "concluded":
        columns |= _concluded("no_deviations", play.world.senior)
    factories.arrange(row, **columns)


def _concluded(conclusion: str, by: Any) -> dict[str, Any]:
    return {
        "conclusion": conclusion, "conclusion_reason": "As told.", "concluded_by": by,
        "concluded_at": timezone.now(),
    }  # fmt: skip


def _design_fails(play: Any, state: str, who: Any) -> None:
    _in_state(play, state, who)
    world = play.world
    with acting.on_behalf_of_the_engagement(world.engagement.pk):
        row = ControlTest.objects.get(pk=play.ids["audits.ControlTest"])
        ControlTest.objects.create(
            engagement=world.engagement, control_id=row.control_id, kind="tod", number=1,
            status="concluded", planned_by=world.senior,
            **_concluded("not_implemented", world.senior),
        )  # fmt: skip


ARRANGED = {
    "control_plan": _plan, "ipe_check": _while_it_is_tested,
    "control_test": _in_state, "control_test.conclude": _filled, "control_test.drop": _spare,
    "control_test.skip": _design_fails,
}  # fmt: skip
LABELS = {
    "control_test.drop": {"pk": "template test", "test": "template test"},
    "control_test.drop_an_item": {"sample_item": "test item"},
}  # fmt: skip
FIELDS = {
    "control_plan": lambda play, who: {
        "key": True, "risk": "high", "factors": ["judgment"],
        "version": "1",
    },
    "control_test": lambda play, who: {
        "kind": "toe", "template": str(play.ids["template test"]),
        "step_lines": "Inspection: read the tickets.", "attribute_lines": "A: Approved before",
        "notes": "Ask Ada.", "conclusion": "no_deviations",
        "conclusion_reason": "Every item was as told.", "note": "One more item.", "version": "1",
    },
    "control_test.fill_in": lambda play, who: {
        "cells": [{"item": str(play.ids["test item"]), "attribute": str(play.ids["its attribute"]),
                   "result": "pass"}],
        "found": json.dumps([[str(play.ids["test item"]), str(play.ids["its attribute"]),
                              "pass", "", ""]]),
        "grid": "Item\tA\n1\tP",
    },
    "control_test.add_an_item": lambda play, who: {"name": "Branch rule", "on": "2026-03-02"},
    "control_test.drop_an_item": lambda play, who: {"item": str(play.ids["test item"])},
    "ipe_check": lambda play, who: {
        "report": "Active workers by day", "source": "HRIS", "run_by": "Ada",
        "run_at": "2026-10-01T12:00:00Z", "row_count": 812, "completeness": "Agrees.",
        "accuracy": "Agrees.", "version": "1",
    },
}  # fmt: skip
