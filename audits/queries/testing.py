"""How the controls of an engagement are tested, as lists, plans and pages read it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from audits.choices.testing import DESIGN_FAILS, Risk, TestKind, TestStatus
from audits.models import EngagementControl
from audits.models.control_tests import ControlPlan, ControlTest, IpeCheck
from audits.queries.test_results import Cell, ControlResult, deviating_cells, results_of
from tenants.canonical import plain
from tenants.choices import ExamType
from tenants.models import Engagement, User

__all__ = [
    "Cell", "ControlResult", "Standing", "design_fails", "deviating_cells", "plan_of",
    "reports_unchecked", "results_of", "standings_of", "templates_for", "test_for", "tests_of",
]  # fmt: skip

NO_PLAN = ControlPlan(key=True, risk=Risk.STANDARD)
"""What is thought of a control about which nothing was written down."""


@dataclass(slots=True)
class Standing:
    """A control with its plan and its tests, by number; for a list."""

    control: EngagementControl
    plan: ControlPlan = NO_PLAN
    design: list[ControlTest] = field(default_factory=list)
    operation: list[ControlTest] = field(default_factory=list)


def design_fails(control_id: UUID) -> bool:
    """Whether the last concluded test of design says that the control's design fails (1 query)."""
    rows = ControlTest.objects.filter(
        control=control_id, kind=TestKind.DESIGN, status=TestStatus.CONCLUDED
    )
    last = rows.order_by("-number").values_list("conclusion", flat=True).first()
    return last in DESIGN_FAILS


def standings_of(controls: Iterable[EngagementControl], user: User) -> list[Standing]:
    """The controls with plan and tests, in their order (2 queries)."""
    found = {each.pk: Standing(each) for each in controls}
    plans = ControlPlan.objects.visible_to(user).filter(control__in=found)
    for plan in plans.select_related("assigned_to"):
        found[plan.control_id].plan = plan
    tests = ControlTest.objects.visible_to(user).filter(control__in=found)
    for test in tests.order_by("number"):
        standing = found[test.control_id]
        listed = standing.design if test.kind == TestKind.DESIGN else standing.operation
        listed.append(test)
    return list(found.values())


def tests_of(control: EngagementControl, user: User) -> QuerySet[Any]:
    """The tests of one control, those of design first."""
    rows: QuerySet[Any] = ControlTest.objects.visible_to(user).filter(control=control)
    return rows.select_related("concluded_by", "engagement").order_by("kind", "number")


def test_for(user: User, engagement: Engagement, key: UUID) -> ControlTest:
    """One test with its steps and attributes. Raises NotVisible."""
    rows = ControlTest.objects.filter(engagement=engagement).select_related(
        "engagement", "control__engagement", "concluded_by", "planned_by"
    )
    found: ControlTest = rows.prefetch_related("procedures", "attributes").find(user, key)
    return found


def templates_for(test: ControlTest, user: User) -> QuerySet[Any]:
    """Tests whose steps could be copied: of this kind and client, that have some (TP-08)."""
    rows: QuerySet[Any] = ControlTest.objects.visible_to(user).filter(
        kind=test.kind, engagement__client=test.engagement.client_id, procedures__isnull=False
    )
    others = rows.exclude(pk=test.pk).select_related("control", "engagement").distinct()
    return others.order_by("engagement__title", "control__ref", "number")


def reports_unchecked(control: EngagementControl, checks: Iterable[IpeCheck]) -> list[str]:
    """The reports on which the control rests that nobody has checked yet."""
    checked = {each.report for each in checks}
    return [report for report in control.ipe if report not in checked]


def plan_of(engagement: Engagement) -> dict[str, Any]:
    """How operation is to be tested, by control id; nothing for a Type 1 (4 queries).

    The content of the paper “test plan”: it goes stale when a step, an attribute, a size, a
    control's key or its risk changes.
    """
    if engagement.exam_type == ExamType.TYPE_1:
        return {}
    plans = {each.control_id: each for each in ControlPlan.objects.filter(engagement=engagement)}
    tests = ControlTest.objects.filter(engagement=engagement, kind=TestKind.OPERATION)
    by_control: dict[str, list[Any]] = defaultdict(list)
    thought: dict[str, dict[str, Any]] = {}
    rows = tests.select_related("control").prefetch_related("procedures", "attributes")
    for test in rows.order_by("control__ref", "number"):
        plan = plans.get(test.control_id, NO_PLAN)
        thought[test.control.ref] = {
            "key": plan.key, "risk": plan.risk, "factors": sorted(plan.factors),
        }  # fmt: skip
        by_control[test.control.ref].append(_planned(test))
    controls = {ref: {**thought[ref], "tests": told} for ref, told in by_control.items()}
    found: dict[str, Any] = plain({"controls": controls}) if controls else {}
    return found


def _planned(test: ControlTest) -> dict[str, Any]:
    return {
        "number": test.number, "covers_from": test.covers_from, "covers_to": test.covers_to,
        "planned_size": test.planned_size,
        "steps": [f"{each.nature}: {each.instruction}" for each in test.procedures.all()],
        "attributes": {each.letter: each.text for each in test.attributes.all()},
    }  # fmt: skip
