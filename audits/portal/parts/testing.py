"""Pages of testing."""

from __future__ import annotations

from typing import Any, Final

from django.urls import path

from audits.portal import test_grid, test_plans, testing

routes: list[Any] = []
own_library: list[Any] = []
TEST = "testing/tests/<uuid:test>/"
CONTROL = "testing/controls/<uuid:control>/"
of_an_engagement = [
    path("testing/", testing.index, name="testing"),
    path("testing/plan/<uuid:plan_of>/", testing.plan, name="test_plan"),
    path(CONTROL, testing.control, name="tested_control"),
    path(f"{CONTROL}plan/", test_plans.thought, name="control_plan"),
    path(f"{CONTROL}test/", test_plans.new, name="test_new"),
    path(f"{CONTROL}report/", test_plans.check, name="ipe_new"),
    path("testing/reports/<uuid:ipe_check>/", test_plans.check_again, name="ipe_edit"),
    path(TEST, testing.test, name="test"),
    path(f"{TEST}edit/", test_plans.edit, name="test_edit"),
    path(f"{TEST}steps/", test_plans.steps, name="test_steps"),
    path(f"{TEST}copy/", test_plans.copy, name="test_copy"),
    path(f"{TEST}grid/", test_grid.grid, name="test_grid"),
    path(f"{TEST}grid/cells/", test_grid.cells, name="test_cells"),
    path(f"{TEST}grid/paste/", test_grid.paste, name="test_paste"),
    path(f"{TEST}items/add/", test_grid.add_item, name="test_item_add"),
    path(f"{TEST}items/<uuid:sample_item>/drop/", test_grid.drop_item, name="test_item_drop"),
    path(f"{TEST}drop/", testing.drop, name="test_drop"),
    path(f"{TEST}approve/", testing.approve, name="test_approve"),
    path(f"{TEST}begin/", testing.begin, name="test_begin"),
    path(f"{TEST}conclude/", testing.conclude, name="test_conclude"),
    path(f"{TEST}skip/", testing.skip, name="test_skip"),
    path(f"{TEST}reopen/", testing.reopen, name="test_reopen"),
]

PHRASES: Final = {
    "controlplan.thought_over": "wrote what is thought of a control: {label}",
    "controltest.planned": "planned {label}",
    "controltest.told": "changed what {label} says",
    "controltest.steps_written": "wrote the steps of {label}",
    "controltest.dropped": "took {label} out of the plan",
    "controltest.approve": "approved {label}",
    "controltest.begin": "started {label}",
    "controltest.conclude": "concluded {label}",
    "controltest.skip": "skipped {label}",
    "controltest.reopen": "reopened {label}",
    "controltest.tested": "wrote down what {label} found",
    "controltest.item_added": "added an item to {label}",
    "controltest.item_dropped": "took an item out of {label}",
    "ipecheck.checked": "checked a report: {label}",
}
ICONS: Final = {"controltest.conclude": "check", "controltest.planned": "list-check"}
