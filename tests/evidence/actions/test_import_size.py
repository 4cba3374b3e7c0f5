"""A list of a thousand rows costs the queries of a short one, batches of inserts apart."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from evidence.actions.import_rows import import_rows
from evidence.models import EvidenceRequest
from tests import factories
from tests.conftest import as_
from tests.evidence.import_helpers import csv_list, good_row, hand_in


def queries_of(world, first, number):
    """Statements of handing in, reading and importing that many rows, without the inserts."""
    rows = [good_row(each) for each in range(first, first + number)]
    with CaptureQueriesContext(connection) as captured:
        handed_in = hand_in(world, csv_list(*rows), "list.csv")
        assert handed_in.counts["create"] == number
        import_rows(handed_in, by=world.lead)
    return [each["sql"] for each in captured if not each["sql"].startswith("INSERT")]


def test_a_thousand_rows_cost_the_queries_of_a_hundred(world):
    factories.taken_controls(world)
    with as_(world.lead, world.firm):
        queries_of(world, 1, 1)  # an engagement without requests has less to compare with
        few, many = queries_of(world, 101, 100), queries_of(world, 1001, 1000)
        assert EvidenceRequest.objects.visible_to(world.lead).count() == 1101
    assert len(many) == len(few), many[len(few) :]


def test_changing_three_hundred_drafts_costs_few_more_queries_than_changing_thirty(world):
    factories.taken_controls(world)
    counts = []
    with as_(world.lead, world.firm):
        queries_of(world, 1, 300)
        for number, priority in ((30, "Low"), (300, "Medium")):
            rows = [
                good_row(each, priority=priority, controls="LAC-02")
                for each in range(1, number + 1)
            ]
            handed_in = hand_in(world, csv_list(*rows), "list.csv")
            with CaptureQueriesContext(connection) as captured:
                assert import_rows(handed_in, by=world.lead)["update"] == number
            counts.append(len(captured))
    assert counts[1] <= counts[0] + 4  # one more batch of updates, and links that changed alike
