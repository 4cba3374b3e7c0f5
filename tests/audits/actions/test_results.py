"""What a test found: written many cells at once, counted, and held against the conclusion."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from audits.actions import control_tests, results, test_plans
from audits.actions.results import Said
from audits.models.control_tests import ControlTest
from audits.models.results import TestCell
from audits.queries.results import grid_of, results_in
from audits.rules.testing import Attribute
from tenants.errors import Invalid, Refused, StaleVersion
from tenants.models import TrailEntry
from tests import factories
from tests.audits import testing
from tests.audits.helpers import fill_library, take_all
from tests.conftest import as_

SEEN = date(2026, 3, 2)


@pytest.fixture
def tested(world):
    fill_library(world, 2)
    take_all(world)
    factories.moved_to(world, "fieldwork")
    return world


def gridded(world, items=2, attributes=2, kind="toe"):
    """An approved test with items of no population and attributes."""
    test = testing.planned(world, kind)
    with as_(world.senior, world.firm):
        if attributes != 2:
            asked = [Attribute(f"Asks {n}") for n in range(attributes)]
            test_plans.write_steps(test, testing.STEPS, asked, by=world.senior)
        control_tests.approve(test, by=world.senior)
        for number in range(items):
            results.add_item(test, f"Rule {number}", on=SEEN, by=world.senior)
    return test


def all_cells(test, result="pass", **more):
    grid = grid_of(test)
    return [
        Said(line.item.pk, each.pk, result, **more)
        for line in grid.lines for each in grid.attributes
    ]  # fmt: skip


def test_cells_are_written_at_once_with_one_entry_in_the_trail(tested):
    test = gridded(tested)
    with as_(tested.auditor, tested.firm):
        told = results.write_cells(test, all_cells(test), by=tested.auditor)
        assert dict(told) == {"pass": 4, "cleared": 0}
        assert ControlTest.objects.get(pk=test.pk).status == "performing"
    with as_(tested.lead, tested.firm):
        (entry,) = TrailEntry.objects.filter(verb="tested")
        assert (entry.detail, entry.zone) == ({"pass": 4, "cleared": 0}, "firm")


def test_2_000_cells_are_kept_by_one_upsert(tested):
    test = gridded(tested, items=200, attributes=10)
    with as_(tested.auditor, tested.firm):
        for result in ("pass", "deviation"):
            cells = all_cells(test, result, note="Agrees to the ticket.")
            with CaptureQueriesContext(connection) as asked:
                results.write_cells(test, cells, by=tested.auditor)
            assert len([one for one in asked if 'INTO "audits_testcell"' in one["sql"]]) == 1
        assert TestCell.objects.filter(test=test, result="deviation").count() == 2_000
        assert TrailEntry.objects.filter(verb="tested").count() <= 2


def test_a_cell_goes_back_to_pending_and_changes(tested):
    test = gridded(tested)
    with as_(tested.auditor, tested.firm):
        cells = all_cells(test)
        results.write_cells(test, cells, by=tested.auditor)
        first, second, *_ = cells
        told = results.write_cells(
            test, [Said(first.item, first.attribute, ""),
                   Said(second.item, second.attribute, "deviation", "X", "No approval.")],
            by=tested.auditor,
        )  # fmt: skip
        assert dict(told) == {"deviation": 1, "cleared": 1}
        found = results_in(test)
        assert (found["pass"], found["deviation"], found["pending"], found["items"]) == (2, 1, 1, 2)
        kept = TestCell.objects.get(item=second.item, attribute=second.attribute)
        assert (kept.version, kept.mark, kept.note) == (2, "X", "No approval.")


@pytest.mark.parametrize("wrong", [
    lambda cells, other: [*cells, cells[0]],
    lambda cells, other: [*cells[:1], Said(cells[1].item, cells[1].attribute, "maybe")],
    lambda cells, other: [*cells[:1], Said(other.item, cells[1].attribute, "pass")],
    lambda cells, other: [*cells[:1], Said(cells[1].item, other.attribute, "pass")],
    lambda cells, other: [*cells[:1], Said(cells[1].item, cells[1].attribute, "pass", "x" * 9)],
    lambda cells, other: [],
])  # fmt: skip
def test_cells_that_do_not_fit_are_refused_whole(tested, wrong):
    test, other = gridded(tested), gridded(tested)
    with as_(tested.auditor, tested.firm):
        cells, (foreign, *_) = all_cells(test), all_cells(other)
        with pytest.raises(Invalid) as refused:
            results.write_cells(test, wrong(cells, foreign), by=tested.auditor)
        assert refused.value.field == "cells"
        assert not TestCell.objects.filter(test=test).exists()
        assert results.write_cells(test, cells, by=tested.auditor)


def test_tp_05_a_cell_joins_an_item_and_an_attribute_of_one_test(tested):
    test, other = gridded(tested), gridded(tested)
    with as_(tested.auditor, tested.firm):
        cell, foreign = all_cells(test)[0], all_cells(other)[0]
        row = {"engagement": tested.engagement, "test": test, "item_id": cell.item,
               "result": "pass"}  # fmt: skip
        with pytest.raises(IntegrityError, match="TP-05"), transaction.atomic():
            TestCell.objects.create(**row, attribute_id=foreign.attribute)
        assert TestCell.objects.create(**row, attribute_id=cell.attribute).pk


def test_a_grid_that_somebody_else_filled_in_is_looked_at_first(tested):
    test = gridded(tested)
    with as_(tested.auditor, tested.firm):
        seen = ControlTest.objects.get(pk=test.pk).version
        results.write_cells(test, all_cells(test), by=tested.auditor, version=seen)
        with pytest.raises(StaleVersion):
            results.write_cells(test, all_cells(test, "na"), by=tested.auditor, version=seen)
        assert results_in(test)["pass"] == 4


def test_a_test_is_filled_in_once_its_plan_is_approved(tested):
    test = testing.planned(tested)
    with as_(tested.senior, tested.firm):
        results.add_item(test, "Rule", on=SEEN, by=tested.senior)
        cells = all_cells(test)
        with pytest.raises(Refused, match="not approved"):
            results.write_cells(test, cells, by=tested.senior)
        control_tests.approve(test, by=tested.senior)
        assert results.write_cells(test, cells, by=tested.senior)


def test_tp_05_pending_cells_and_other_results_stand_against_a_conclusion(tested):
    test = gridded(tested)
    with as_(tested.auditor, tested.firm):
        by = tested.auditor
        cells = all_cells(test)
        results.write_cells(test, cells[:3], by=by)
        with pytest.raises(Invalid, match="1 cell is still pending"):
            control_tests.conclude(test, "no_deviations", "As told.", by=by)
        results.write_cells(test, cells[3:], by=by)
        with pytest.raises(Invalid, match="shows no deviation"):
            control_tests.conclude(test, "deviations", "As told.", by=by)
        one = cells[0]
        results.write_cells(test, [Said(one.item, one.attribute, "deviation")], by=by)
        with pytest.raises(Invalid, match="shows deviations: 1"):
            control_tests.conclude(test, "no_deviations", "As told.", by=by)
        with pytest.raises(Invalid, match="SM-04"):
            control_tests.conclude(test, "no_occurrence", "As told.", by=by)
        assert control_tests.conclude(test, "deviations", "One grant came first.", by=by)


def test_tp_05_no_test_of_operation_is_concluded_on_nothing(tested):
    test = testing.performing(tested)
    with as_(tested.auditor, tested.firm):
        with pytest.raises(Invalid, match="no item was tested"):
            control_tests.conclude(test, "no_deviations", "As told.", by=tested.auditor)
        with pytest.raises(Invalid, match="SM-04"):
            control_tests.conclude(test, "no_occurrence", "Nobody left.", by=tested.auditor)


def test_tp_02_one_instance_in_the_grid_is_a_walk_too(tested):
    test = gridded(tested, items=1, kind="tod")
    with as_(tested.auditor, tested.firm):
        results.write_cells(test, all_cells(test), by=tested.auditor)
        assert control_tests.conclude(test, "suitably_designed", "Seen.", by=tested.auditor)


def test_an_attribute_with_results_keeps_its_letter(tested):
    test = gridded(tested)
    with as_(tested.senior, tested.firm):
        results.write_cells(test, all_cells(test), by=tested.senior)
        asked = [Attribute("Approved before it was granted", "A")]
        with pytest.raises(Refused, match="B has results"):
            test_plans.write_steps(test, testing.STEPS, asked, by=tested.senior)
        assert results_in(test)["pass"] == 4


def test_an_item_of_no_population_is_named_dated_and_taken_out(tested):
    test = gridded(tested, items=1)
    with as_(tested.senior, tested.firm):
        with pytest.raises(Invalid) as refused:
            results.add_item(test, " ", on=SEEN, by=tested.senior)
        assert refused.value.field == "name"
        with pytest.raises(Invalid) as refused:
            results.add_item(test, "Rule", on=None, by=tested.senior)
        assert refused.value.field == "on"
        results.write_cells(test, all_cells(test), by=tested.senior)
        results.drop_item(grid_of(test).lines[0].item, by=tested.senior)
        assert grid_of(test).lines == []
