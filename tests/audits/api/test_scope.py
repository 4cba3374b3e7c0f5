"""Scope, controls and coverage through programs."""

from __future__ import annotations

import pytest

from tests import factories
from tests.audits.actions.test_scope import SOC1
from tests.audits.helpers import take_all
from tests.programs import program_of


@pytest.fixture
def taken(world, told):
    take_all(world)


def item_of(program, world, identifier):
    rows = program.get(f"scope-items/?engagement={world.engagement.pk}&search={identifier}").json()
    return rows["results"][0]


def test_scope_items_are_listed_by_engagement(world, lead, administrator, outsider, taken):
    path = f"scope-items/?engagement={world.engagement.pk}"
    for program in (lead, administrator):
        assert program.get(path).json()["total"] == 38
        assert program.get(f"{path}&series=CC6").json()["total"] == 8
        assert program.get(f"{path}&uncovered=true").json()["total"] == 33
    assert outsider.get(path).json()["total"] == 0
    item = item_of(lead, world, "CC6.4")
    assert outsider.get(f"scope-items/{item['id']}/").status_code == 404


def test_a_leader_leaves_out_and_takes_back(world, lead, administrator, outsider):
    item = item_of(lead, world, "CC6.4")
    path = f"scope-items/{item['id']}/"
    reason = {"reason": "No premises."}
    assert administrator.post(f"{path}leave_out/", reason).status_code == 403
    assert outsider.post(f"{path}leave_out/", reason).status_code == 404
    assert lead.post(f"{path}leave_out/", {}).status_code == 400
    assert lead.post(f"{path}leave_out/", reason, If_Match='"7"').status_code == 412
    left = lead.post(f"{path}leave_out/", reason).json()
    assert (left["relevant"], left["reason"]) == (False, "No premises.")
    assert lead.post(f"{path}take_back/").json()["relevant"]
    assert lead.post(f"{path}take_back/").status_code == 409


def test_rt_02_and_rt_03_hold_through_the_api(world, lead, administrator):
    soc1 = factories.engagement(world.firm, world.client_organization, world.lead, terms=SOC1)
    adopted = administrator.post("objectives/adopt/", {"identifiers": ["CO-01"]}).json()
    objectives = [one["id"] for one in adopted]
    take = {"engagement": str(soc1.pk), "objectives": objectives}
    assert lead.post("scope-items/take_objectives/", take).json()["added"] == ["CO-01"]
    wrong = take | {"engagement": str(world.engagement.pk)}
    answer = lead.post("scope-items/take_objectives/", wrong)
    assert (answer.status_code, answer.json()["code"]) == (400, "objective_in_soc2")
    categories = {"engagement": str(soc1.pk), "categories": ["security"]}
    answer = lead.post("scope-items/change_categories/", categories)
    assert (answer.status_code, answer.json()["code"]) == (400, "categories_in_soc1")


def test_categories_change_with_what_they_orphan(world, lead, taken):
    given = {"engagement": str(world.engagement.pk), "categories": ["privacy"]}
    change = lead.post("scope-items/change_categories/", given).json()
    assert len(change["added"]) == 18
    assert change["removed"] == ["A1.1", "A1.2", "A1.3", "C1.1", "C1.2"]


def test_controls_are_taken_mapped_and_dropped(world, lead, administrator, outsider, told):
    take = {"engagement": str(world.engagement.pk)}
    assert administrator.post("engagement-controls/take/", take).status_code == 403
    assert outsider.post("engagement-controls/take/", take).status_code == 400  # as absent
    assert lead.post("engagement-controls/take/", take).json()["taken"] == 3
    rows = lead.get(f"engagement-controls/?engagement={world.engagement.pk}").json()["results"]
    path = f"engagement-controls/{rows[0]['id']}/"
    item = item_of(lead, world, "CC5.3")
    mapped = lead.post(f"{path}map/", {"scope_item": item["id"], "rationale": "A policy."})
    assert {"CC5.3"} < {mapping["identifier"] for mapping in mapped.json()["mappings"]}
    assert lead.post(f"{path}unmap/", {"scope_item": item["id"]}).status_code == 200
    assert lead.post(f"{path}unmap/", {"scope_item": item["id"]}).status_code == 404
    assert outsider.post(f"{path}map/", {"scope_item": item["id"]}).status_code == 404
    assert administrator.delete(path, If_Match='"3"').status_code == 403
    assert outsider.delete(path, If_Match='"3"').status_code == 404
    assert lead.delete(path).status_code == 428
    assert lead.delete(path, If_Match='"1"').status_code == 412
    assert lead.delete(path, If_Match='"3"').status_code == 204
    assert lead.get(path).status_code == 404


def test_the_coverage_picture_is_read_by_both_sides(world, lead, administrator, outsider, taken):
    path = f"engagements/{world.engagement.pk}/coverage/"
    picture = lead.get(path).json()
    assert picture == administrator.get(path).json()
    assert picture["examined_count"] == 38
    assert "CC6.1" in picture["holes"]
    assert "CC1.1" not in picture["holes"]
    assert [control["ref"] for control in picture["controls"]] == ["ELC-01", "ELC-02", "ELC-03"]
    for program in (
        outsider,
        program_of(world.colleague, world.firm),
        program_of(world.rival, world.other_firm),
    ):
        assert program.get(path).status_code == 404


def test_lists_cost_the_same_for_few_and_for_many(
    world, lead, taken, django_assert_max_num_queries
):
    for limit in (1, 50):
        with django_assert_max_num_queries(14):
            lead.get(f"scope-items/?engagement={world.engagement.pk}&limit={limit}")
        with django_assert_max_num_queries(15):
            lead.get(f"engagement-controls/?engagement={world.engagement.pk}&limit={limit}")
