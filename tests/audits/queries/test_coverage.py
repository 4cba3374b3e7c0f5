"""The coverage picture: holes, idle controls, and a cost that does not grow."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audits.actions import controls, scope
from audits.models import ControlMapping, EngagementControl, ScopeItem
from audits.queries import coverage as queries
from audits.queries.coverage import RequestCounts, coverage, narrowed
from tests.audits.helpers import fill_library, take_all


@pytest.fixture
def full(world):
    fill_library(world)
    take_all(world)


def test_the_sample_set_leaves_no_hole(world, full, as_lead):
    picture = coverage(world.engagement)
    assert (picture.examined_count, picture.holes) == (38, [])
    assert len(picture.controls) == 84
    idle = {control.ref for control in picture.idle}
    assert idle
    assert all(not one.item_count for one in picture.idle)
    assert [series.code for series in picture.series[:3]] == ["CC1", "CC2", "CC3"]
    assert picture.series[5].title == "Logical and physical access"
    item = picture.items[0]
    refs = {control.id: control.ref for control in picture.controls}
    named = [refs[pk] for pk in item.control_ids]
    assert named == sorted(named)


def test_what_no_control_answers_to_is_a_hole_until_it_is_left_out(world, full, as_lead):
    item = world.engagement.scope_items.get(identifier="A1.3")
    for mapping in ControlMapping.objects.filter(scope_item=item).select_related("control"):
        controls.unmap(mapping.control, item, by=as_lead)
    picture = coverage(world.engagement)
    assert [hole.identifier for hole in picture.holes] == ["A1.3"]
    assert [series.hole_count for series in picture.series if series.code == "A1"] == [1]
    only = narrowed(picture, holes_only=True)
    assert [one.identifier for one in only.items] == ["A1.3"]
    assert not only.controls
    scope.leave_out(item, reason="No recovery is promised.", by=as_lead)
    picture = coverage(world.engagement)
    assert (picture.examined_count, picture.holes) == (37, [])


def test_one_series_shows_its_own_controls(world, full, as_lead):
    picture = narrowed(coverage(world.engagement), series="CC8")
    assert [item.identifier for item in picture.items] == ["CC8.1"]
    assert {control.id for control in picture.controls} == set(picture.items[0].control_ids)
    assert narrowed(coverage(world.engagement), series="P9").series == ()


def test_higher_apps_add_their_counts(world, full, as_lead, monkeypatch):
    control = EngagementControl.objects.get(ref="ELC-01")
    item = world.engagement.scope_items.first()
    counts = RequestCounts({control.pk: 2}, {item.pk: 5})
    monkeypatch.setattr(queries, "REQUEST_COUNTS", [])
    monkeypatch.setattr("audits.queries.scope.REQUEST_COUNTS", [lambda e: counts, lambda e: counts])
    picture = coverage(world.engagement)
    assert next(one for one in picture.controls if one.id == control.pk).request_count == 4
    assert picture.items[0].request_count == 10


def test_six_hundred_items_cost_the_same_queries(world, full, as_lead):
    def cost():
        with CaptureQueriesContext(connection) as captured:
            coverage(world.engagement)
        return len(captured)

    cost()  # what the person may do is looked up once
    few = cost()
    items = list(world.engagement.scope_items.all())
    control_ids = list(EngagementControl.objects.values_list("pk", flat=True))
    more = [
        ScopeItem(
            engagement=item.engagement, client_id=item.client_id, basis=item.basis,
            criterion=item.criterion, identifier=f"{item.identifier}/{n}", series=f"X{n}",
            title=item.title, text=item.text, position=100 * n + item.position,
        )
        for n in range(1, 16)
        for item in items
    ]  # fmt: skip
    ScopeItem.objects.bulk_create(more)
    ControlMapping.objects.bulk_create(
        ControlMapping(engagement=world.engagement, control_id=pk, scope_item=item)
        for item in more
        for pk in control_ids[:4]
    )
    assert few == cost() <= 10
