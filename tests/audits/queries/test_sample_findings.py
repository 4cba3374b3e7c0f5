"""What populations and samples leave open when fieldwork ends, and what cures it."""

from __future__ import annotations

from datetime import date

import pytest

from audits.actions import samples
from audits.actions.samples import Choice
from audits.queries.sample_findings import open_at_fieldwork
from grc.sample.cures import populations as cure
from tenants.findings import BLOCK, WARN
from tenants.whole import whole_file
from tests import factories
from tests.audits.populations import a_test, accepted, written
from tests.conftest import as_


@pytest.fixture
def toe(world):
    factories.taken_controls(world)
    return a_test(world)


def found(world, asked=None):
    with as_(world.lead, world.firm), whole_file(world.engagement):
        return [(each.rule, each.level) for each in open_at_fieldwork(world.engagement)]


def draw(world, row, **choice):
    with as_(world.senior, world.firm):
        return samples.draw(row, Choice(**choice), by=world.senior)


def test_sm_01_a_population_holds_fieldwork_until_it_is_accepted(world, toe):
    assert found(world) == []
    written(world, toe)
    assert found(world) == [("SM-01", BLOCK)]


def test_sm_05_and_sm_04_an_accepted_one_is_drawn_from_unless_nothing_happened(world, toe):
    row = accepted(world, toe)
    assert found(world) == [("SM-05", BLOCK)]
    draw(world, row)
    assert ("SM-05", BLOCK) not in found(world)
    accepted(world, toe, 0)
    assert ("SM-05", BLOCK) not in found(world)


def test_sm_01_an_interim_population_asks_for_the_rest(world, toe):
    interim = (date(2025, 10, 1), date(2026, 6, 30))
    draw(world, accepted(world, toe, part="interim", covers=interim), method="all", why="All.")
    assert ("SM-01", BLOCK) in found(world)
    rest = (date(2026, 7, 1), date(2026, 9, 30))
    draw(world, accepted(world, toe, part="remaining", covers=rest), method="all", why="All.")
    assert ("SM-01", BLOCK) not in found(world)
    assert ("SM-01", WARN) in found(world)  # rows dated outside what either covers


def test_sm_08_a_quarter_no_item_reaches_is_a_warning(world, toe):
    row = accepted(world, toe, 300)
    sample = draw(world, row, method="judgmental", keys=["T-0001"], why="One.")
    assert found(world) == [("SM-08", WARN)]
    with as_(world.senior, world.firm):
        samples.add(
            sample, ["T-0002", "T-0003", "T-0004"], reason="Other quarters.", by=world.senior
        )
    assert found(world) == []


def test_sm_07_what_was_replaced_is_not_asked_about(world, toe):
    old = accepted(world, toe)
    new = accepted(world, toe, 61, replaces=old)
    assert found(world) == [("SM-05", BLOCK)]
    draw(world, new, method="all", why="All.")
    assert found(world) == []


def test_three_queries_whatever_there_is(world, toe, django_assert_max_num_queries):
    for _ in range(3):
        draw(world, accepted(world, toe, 300))
    with (
        as_(world.lead, world.firm),
        whole_file(world.engagement),
        django_assert_max_num_queries(3),
    ):
        open_at_fieldwork(world.engagement)


def test_the_samples_cure_leaves_nothing_that_holds(world, toe):
    cure.cure(factories.Cast(world), world.engagement)
    assert not [each for each in found(world) if each[1] == BLOCK]
    with as_(world.lead, world.firm):
        assert toe.items.exists() or toe.control.nature == "automated"
    cure.cure(factories.Cast(world), world.engagement)  # again: nothing is left to do
