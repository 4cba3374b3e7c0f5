"""What tests of deviations and conclusions share: tests of operation in which items deviate."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from audits.actions import control_tests, deviations, results, samples
from audits.actions.results import Said
from audits.actions.samples import Choice
from audits.models.control_tests import ControlTest
from audits.models.deviations import Deviation
from audits.queries.results import grid_of
from audits.rules.deviations import Account
from tests.audits.populations import accepted
from tests.audits.testing import performing
from tests.conftest import as_

EXPLAINED = Account(
    happened="The ticket was approved a day after access was granted.",
    cause="The approver was on leave and nobody stood in.", nature="isolated",
    effect="Nobody used the access before it was approved.", found_by="The auditor, in the sample",
    fixed="A deputy is named.",
)  # fmt: skip


def sampled(
    world: SimpleNamespace, count: int = 25, deviating: int = 0, rows: int = 300, **told: Any
) -> ControlTest:
    """A test of operation over a drawn sample, the first items of which deviate in A."""
    test = performing(world, **told)
    population = accepted(world, test, rows)
    with as_(world.senior, world.firm):
        why = "The risk of this control." if count else ""
        samples.draw(population, Choice(size=count, why=why), by=world.senior)
    filled(world, test, deviating)
    return test


def filled(world: SimpleNamespace, test: ControlTest, deviating: int) -> None:
    """Every cell passes but A of the first `deviating` items."""
    with as_(world.auditor, world.firm):
        grid = grid_of(test)
        said = [
            Said(line.item.pk, each.pk,
                 "deviation" if place < deviating and each.letter == "A" else "pass")
            for place, line in enumerate(grid.lines) for each in grid.attributes
        ]  # fmt: skip
        results.write_cells(test, said, by=world.auditor)


def found(world: SimpleNamespace) -> list[Deviation]:
    """What the grids show, written down by staff."""
    with as_(world.auditor, world.firm):
        return deviations.take_found(world.engagement, by=world.auditor)


def explained(world: SimpleNamespace, row: Deviation, **changes: Any) -> Deviation:
    """Staff say why it happened, and that this explains it."""
    with as_(world.auditor, world.firm):
        deviations.change(row, replace(EXPLAINED, **changes), by=world.auditor)
        return deviations.move(row, "explain", by=world.auditor)


def concluded(world: SimpleNamespace, test: ControlTest) -> ControlTest:
    """Staff conclude the test by what its grid shows."""
    with as_(world.auditor, world.firm):
        test.refresh_from_db(fields=["version", "status"])
        deviates = grid_of(test).counts["deviation"]
        said = "deviations" if deviates else "no_deviations"
        return control_tests.conclude(test, said, "What the grid shows.", by=world.auditor)
