"""What tests of populations and samples share: a test of operation, and lists for it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

from django.db import transaction

from audits.actions import populations
from audits.actions.populations import Told
from audits.choices.testing import TestKind
from audits.models import EngagementControl
from audits.models.control_tests import ControlTest
from audits.models.populations import Population
from audits.rules.population_rows import Layout
from tests import factories
from tests.conftest import as_

PERIOD = (date(2025, 10, 1), date(2026, 9, 30))
RUN_AT = datetime(2026, 10, 5, 9, tzinfo=UTC)
CHECKED = {
    "completeness": "Counted in the ticket system: the same number.",
    "accuracy": "Five rows traced to their tickets; nothing differed.",
}


def told(**changes: Any) -> Told:
    """A list of requests for access over the whole period."""
    said: dict[str, Any] = {
        "part": "whole", "covers": PERIOD, "unit": "one request for access",
        "source": "The ticket system", "query": "type = access and closed", "run_by": "Ada Admin",
        "run_at": RUN_AT, "layout": Layout(("Ticket",), "Day"),
    }  # fmt: skip
    return Told(**said | changes)


def listed(count: int, *, quarters: tuple[int, ...] = (1, 4, 7, 10)) -> str:
    """CSV of `count` tickets, spread over the quarters of the period by their months."""
    days = [date(2025 if month >= 10 else 2026, month, 15) for month in quarters]
    lines = [f"T-{number:04d},{days[number % len(days)]},Ada" for number in range(1, count + 1)]
    return "\n".join(["Ticket,Day,Who", *lines])


@transaction.atomic
def a_test(world: SimpleNamespace, **fields: Any) -> ControlTest:
    """A test of operation of the engagement's first control, in fieldwork."""
    factories.moved_to(world, "fieldwork")
    with as_(world.lead, world.firm):
        control = EngagementControl.objects.filter(engagement=world.engagement).first()
        given: dict[str, Any] = {
            "kind": TestKind.OPERATION, "number": 1, "covers_from": PERIOD[0],
            "covers_to": PERIOD[1], "status": "performing",
        }  # fmt: skip
        made = ControlTest.objects.create(
            engagement=world.engagement, control=control, planned_by=world.lead, **given | fields
        )
    return find(world, made.pk)


def find(world: SimpleNamespace, key: Any) -> ControlTest:
    """The test, as actions take it."""
    with as_(world.lead, world.firm):
        rows = ControlTest.objects.select_related("control__engagement", "engagement__client")
        return rows.get(pk=key)


@transaction.atomic
def written(
    world: SimpleNamespace, test: ControlTest, count: int = 60, **changes: Any
) -> Population:
    """A population of `count` tickets, frozen and to be accepted."""
    rows = changes.pop("rows", listed(count))
    with as_(world.auditor, world.firm):
        return populations.write_in(test, told(**changes), rows, by=world.auditor)


@transaction.atomic
def accepted(
    world: SimpleNamespace, test: ControlTest, count: int = 60, **changes: Any
) -> Population:
    """The same, accepted by the senior."""
    row = written(world, test, count, **changes)
    with as_(world.senior, world.firm):
        more = {} if row.row_count else {"zero_checked": True}
        return populations.accept(row, by=world.senior, **CHECKED, **more)
