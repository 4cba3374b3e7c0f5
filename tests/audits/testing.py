"""Tests of controls, arranged by the real actions."""

from __future__ import annotations

from typing import Any

from audits.actions import control_tests, test_plans, walkthroughs
from audits.actions.test_plans import Covers
from audits.actions.walkthroughs import Seen
from audits.models import EngagementControl
from audits.models.control_tests import ControlTest
from audits.rules.testing import Attribute, Step
from tests.conftest import as_

STEPS = (Step("inquiry", "Ask who approves."), Step("inspection", "Read the tickets."))
ASKED = (Attribute("Approved before it was granted"), Attribute("By somebody else"))
WORDING = "Inspected the tickets of a sample of grants."


def control_of(world: Any, ref: str = "") -> Any:
    """A control of the engagement, the first without a ref; for whoever acts."""
    rows = EngagementControl.objects.select_related("engagement").filter(
        engagement=world.engagement
    )
    return rows.get(ref=ref) if ref else rows.order_by("ref").first()


def planned(
    world: Any, kind: str = "toe", who: str = "senior", steps: Any = STEPS, **told: Any
) -> ControlTest:
    """A test of the first control with steps and attributes."""
    by = getattr(world, who)
    told.setdefault("report_wording", WORDING)
    with as_(by, world.firm):
        control = told.pop("control", None) or control_of(world)
        test = test_plans.plan(control, kind, Covers(**told), by=by)
        return test_plans.write_steps(test, steps, ASKED, by=by)


def performing(world: Any, kind: str = "toe", **told: Any) -> ControlTest:
    """The same, approved by the senior and started by staff."""
    test = planned(world, kind, **told)
    with as_(world.senior, world.firm):
        control_tests.approve(test, by=world.senior)
    with as_(world.auditor, world.firm):
        return control_tests.begin(test, by=world.auditor)


def walked(world: Any) -> None:
    """Staff walk one item through the first control."""
    from datetime import date

    with as_(world.auditor, world.firm):
        told = Seen("Ticket 7", date(2026, 3, 2), "Ada, CISO", "She opened it and signed it.")
        walkthroughs.write(control_of(world), told, by=world.auditor)


def concluded(world: Any, conclusion: str, kind: str = "tod", **told: Any) -> ControlTest:
    """A test of the first control that staff concluded."""
    test = performing(world, kind, **told)
    with as_(world.auditor, world.firm):
        return control_tests.conclude(test, conclusion, "As seen.", by=world.auditor)
