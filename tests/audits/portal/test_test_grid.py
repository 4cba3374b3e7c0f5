"""2,000 cells in one go, by the page and by the API, and a pasted grid."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from audits.queries.results import grid_of
from tenants.models import TrailEntry
from tests import factories
from tests.audits.actions.test_results import all_cells, gridded
from tests.conftest import as_
from tests.programs import program_of


@pytest.fixture
def big(world, filled):
    factories.moved_to(world, "fieldwork")
    test = gridded(world, items=200, attributes=10)
    with as_(world.auditor, world.firm):
        return test, all_cells(test)


def entries(world):
    with as_(world.lead, world.firm):
        return TrailEntry.objects.filter(verb="tested").count()


def test_2_000_cells_by_the_page_and_the_api_are_one_call_and_one_entry_each(
    world, browser_of, big
):
    test, cells = big
    path = reverse("audits:test_cells", args=[world.engagement.pk, test.pk])
    staff, api = browser_of("auditor"), program_of(world.auditor, world.firm)
    found = [[str(one.item), str(one.attribute), "na", "T", "Seen."] for one in cells]
    answer = staff.post(path, {"found": json.dumps(found), "version": ""})
    assert answer.json()["counts"]["na"] == 2_000
    sent = [
        {"item": str(one.item), "attribute": str(one.attribute), "result": "pass", "note": "Seen."}
        for one in cells
    ]
    answer = api.post(f"control-tests/{test.pk}/cells/", {"cells": sent})
    assert answer.status_code == 200, answer.content
    with as_(world.lead, world.firm):
        assert grid_of(test).counts["pass"] == 2_000
    assert entries(world) == 2


def test_a_pasted_grid_is_read_whole_or_refused_by_its_place(world, browser_of, filled):
    factories.moved_to(world, "fieldwork")
    test, staff = gridded(world), browser_of("auditor")
    path = reverse("audits:test_paste", args=[world.engagement.pk, test.pk])
    refused = staff.post(path, {"grid": "Item\tA\tB\n1\tp\tp\n2\tmaybe\tp"})
    assert refused.status_code == 400
    assert "Line 3, column 2" in refused.content.decode()
    assert entries(world) == 0
    assert staff.post(path, {"grid": "Item\tA\tB\n1\tp\td\n2\tn/a\t"}).status_code == 302
    with as_(world.lead, world.firm):
        counts = grid_of(test).counts
    assert (counts["pass"], counts["deviation"], counts["na"], counts["pending"]) == (1, 1, 1, 1)
