"""Who may do what with the tests of controls: the firm's own."""

from __future__ import annotations

from typing import Any

from audits.actions.control_tests import LIFECYCLE
from audits.choices.testing import TestStatus
from tenants.access_matrix import EVERYBODY, FIRM_TEAM, ON_THE_ENGAGEMENT, Resource, Who
from tenants.choices import Role
from tenants.permissions import P

OPEN_STATES = (TestStatus.PLANNED, TestStatus.APPROVED, TestStatus.PERFORMING)
AT_WORK: tuple[str, ...] = (TestStatus.APPROVED, TestStatus.PERFORMING)
NOT_BEGUN = (TestStatus.PLANNED, TestStatus.APPROVED)
THEIRS = Who(
    "a specialist only on controls assigned to them",
    lambda who, state: who.role != Role.SPECIALIST,
)
REPLANNERS = Who(
    "once it is approved, those who plan tests",
    lambda who, state: (
        THEIRS.holds(who, state) and (state not in AT_WORK or who.holds(P.PLAN_TEST))
    ),
)
NAMES: dict[str, Any] = {"sees": ON_THE_ENGAGEMENT, "page_sees": FIRM_TEAM}

CONTROL_PLAN = (
    Resource("control_plan", "Plan for a control", FIRM_TEAM,
             note="From planning to the report; a control without one is key, of standard risk.")
    .may("list", sees=EVERYBODY, api="GET control-plan-list", note="those in sight")
    .may("view", api="GET control-plan-detail", pages="audits:tested_control")
    .may("write", P.PLAN_TEST, **NAMES, api="POST control-plan-list", pages="audits:control_plan")
    .may("change", P.PLAN_TEST, api="PATCH control-plan-detail")
)  # fmt: skip

CONTROL_TEST = (
    Resource("control_test", "Test of a control", FIRM_TEAM, dict(TestStatus.choices),
             note="Once it is approved, its plan is for those who plan tests.")
    .may("list", sees=EVERYBODY, page_sees=FIRM_TEAM, api="GET control-test-list",
         pages="audits:testing", note="those in sight")
    .may("view", api="GET control-test-detail", pages="audits:test, audits:test_plan")
    .may("plan", P.PERFORM_TEST, only=THEIRS, **NAMES, api="POST control-test-list",
         pages="audits:test_new")
    .may("change", P.PERFORM_TEST, only=THEIRS, states=OPEN_STATES,
         api="PATCH control-test-detail", pages="audits:test_edit")
    .may("write the steps", P.PERFORM_TEST, only=REPLANNERS, states=OPEN_STATES,
         api="POST control-test-steps, POST control-test-copy-steps",
         pages="audits:test_steps, audits:test_copy")
    .may("drop", P.PLAN_TEST, states=NOT_BEGUN, api="DELETE control-test-detail",
         pages="audits:test_drop")
    .may("see the grid", api="GET control-test-grid", pages="audits:test_grid")
    .may("fill in", P.PERFORM_TEST, only=THEIRS, states=AT_WORK, api="POST control-test-cells",
         pages="audits:test_cells, audits:test_paste", label="Fill in the grid")
    .may("add an item", P.PERFORM_TEST, only=THEIRS, states=OPEN_STATES,
         api="POST control-test-add-item", pages="audits:test_item_add")
    .may("drop an item", P.PERFORM_TEST, only=THEIRS, states=OPEN_STATES,
         api="POST control-test-drop-item", pages="audits:test_item_drop",
         note="of no population")
    .moves(LIFECYCLE, api="control-test-{}", pages="audits:test_{}",
           only=dict.fromkeys(("begin", "conclude", "skip", "reopen"), THEIRS))
)  # fmt: skip

IPE_CHECK = (
    Resource("ipe_check", "Check of a report (IPE)", FIRM_TEAM)
    .may("list", sees=EVERYBODY, api="GET ipe-check-list", note="those in sight")
    .may("view", api="GET ipe-check-detail")
    .may("write", P.PERFORM_TEST, only=THEIRS, **NAMES, api="POST ipe-check-list",
         pages="audits:ipe_new")
    .may("correct", P.PERFORM_TEST, only=THEIRS, api="PATCH ipe-check-detail",
         pages="audits:ipe_edit")
)  # fmt: skip

RESOURCES = [CONTROL_PLAN, CONTROL_TEST, IPE_CHECK]
OPEN: dict[str, str] = {}
TASKS: dict[str, str] = {}
