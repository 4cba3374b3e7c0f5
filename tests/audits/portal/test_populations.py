"""Pages and programs of populations and samples: from a pasted list to the record of a draw."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest
from django.urls import reverse

from audits.models.populations import Population
from audits.models.samples import Sample, SampleItem
from tests import factories
from tests.audits.populations import CHECKED, a_test, accepted, listed
from tests.conftest import as_
from tests.programs import program_of

TOLD = {
    "part": "whole", "covers_from": "2025-10-01", "covers_to": "2026-09-30",
    "unit": "one request for access", "source": "The ticket system", "query": "type = access",
    "run_by": "Ada Admin", "run_at": "2026-10-05 09:00", "date_order": "year_first",
    "date_column": "Day", "key_columns": "Ticket",
}  # fmt: skip


@pytest.fixture
def toe(world):
    factories.taken_controls(world)
    return a_test(world)


def of(name, world, *args):
    return reverse(f"audits:{name}", args=[world.engagement.pk, *args])


def text(response):
    return response.content.decode()


def test_a_list_is_pasted_accepted_drawn_from_and_expanded(world, browser_of, toe):
    staff, senior = browser_of("auditor"), browser_of("senior")
    assert "No population yet" in text(staff.get(of("test_populations", world, toe.pk)))
    write = of("population_write", world, toe.pk)
    twice = staff.post(write, TOLD | {"rows": "Ticket,Day\n1,2026-01-01\n1,2026-01-02"})
    assert twice.status_code == 400
    assert "of an earlier row" in text(twice)
    assert staff.post(write, TOLD | {"rows": listed(300)}).status_code == 302
    with as_(world.senior, world.firm):
        row = Population.objects.get()
    assert row.status == "ready"
    page = of("population", world, row.pk)
    assert "Accept</a>" not in text(staff.get(page))
    accept = of("population_accept", world, row.pk)
    assert (
        senior.post(accept, {"version": row.version, "completeness": "Counted."}).status_code == 400
    )
    assert (
        senior.post(accept, CHECKED | {"version": row.version, "counted": 300}).status_code == 302
    )
    draw = of("sample_draw", world, row.pk)
    asked = text(senior.get(draw))
    assert "65 items" in asked  # by statistics, three deviations allowed
    refused = senior.post(draw, {"method": "random", "size": 70})
    assert refused.status_code == 400
    assert "Say why another size fits" in text(refused)
    assert (
        senior.post(draw, {"method": "random", "size": 70, "why": "Asked for."}).status_code == 302
    )
    with as_(world.senior, world.firm):
        sample = Sample.objects.get()
        item = SampleItem.objects.first()
    shown = of("sample", world, sample.pk)
    assert sample.seed in text(senior.get(shown))
    senior.post(of("sample_expand", world, sample.pk), {"count": 2, "reason": "One failed."})
    senior.post(of("item_replace", world, item.pk), {"because": "void", "reason": "A test ticket."})
    after = text(senior.get(shown))
    assert "One failed." in after
    assert "See item 73" in after
    record = json.loads(b"".join(senior.get(of("sample_record", world, sample.pk))))
    assert (record["seed"], len(record["items"])) == (sample.seed, 73)
    rows = senior.get(of("population_rows", world, row.pk))
    assert sha256(b"".join(rows)).hexdigest() == row.sha256
    assert "73 items" in text(senior.get(of("populations", world)))


@pytest.mark.parametrize("who", ["client", "owner", "executive", "rival", "outsider"])
def test_populations_and_samples_are_the_firms_own_sm_09(world, browser_of, toe, who):
    row = accepted(world, toe)
    browser = browser_of(who)
    for path in (
        of("populations", world), of("test_populations", world, toe.pk),
        of("population", world, row.pk), of("population_rows", world, row.pk),
        of("sample_draw", world, row.pk), of("population_accept", world, row.pk),
    ):  # fmt: skip
        assert browser.get(path).status_code == 404


def test_lists_hold_their_number_of_queries(world, browser_of, toe, django_assert_max_num_queries):
    senior = browser_of("senior")
    accepted(world, toe)
    senior.get(of("populations", world))
    with django_assert_max_num_queries(40) as one:
        senior.get(of("populations", world))
    for _ in range(4):
        accepted(world, toe, 3)
    with django_assert_max_num_queries(len(one)):
        senior.get(of("populations", world))


def test_what_waits_is_told_to_whom_it_waits_for(world, browser_of, toe):
    accepted(world, toe)
    home = reverse("tenants:home")
    assert "Samples to draw" in text(browser_of("senior").get(home))
    assert "Samples to draw" not in text(browser_of("auditor").get(home))


def test_programs_do_the_same(world, toe):
    staff = program_of(world.auditor, world.firm)
    senior = program_of(world.senior, world.firm)
    client = program_of(world.client, world.client_organization)
    body = TOLD | {
        "test": str(toe.pk), "text": listed(300), "key_columns": ["Ticket"],
        "run_at": "2026-10-05T09:00:00Z",
    }  # fmt: skip
    made = staff.post("populations/", body)
    assert made.status_code == 201, made.content
    path = f"populations/{made.json()['id']}/"
    assert client.get(path).status_code == 404
    assert client.get("populations/").json()["total"] == 0
    assert staff.post(f"{path}accept/", CHECKED).status_code == 403
    took = senior.post(f"{path}accept/", CHECKED | {"counted": 300})
    assert took.json()["status"] == "accepted"
    asked = senior.get(f"{path}asked/").json()
    assert asked["statistical"] == [22, 38, 52, 65]
    drawn = senior.post(
        "samples/", {"population": made.json()["id"], "method": "random", "size": 3, "why": "Few."}
    )
    assert drawn.status_code == 201, drawn.content
    sample = drawn.json()
    assert (
        senior.post(
            f"samples/{sample['id']}/expand/", {"count": 2, "reason": "One failed."}
        ).json()["draws"][1]["kind"]
        == "expansion"
    )
    items = senior.get(f"sample-items/?sample={sample['id']}").json()
    assert items["total"] == 5
    replaced = senior.post(
        f"sample-items/{items['results'][0]['id']}/replace/",
        {"because": "void", "reason": "A test."},
    )
    assert replaced.json()["replaces"] == items["results"][0]["id"]
    rows = senior.get(f"{path}rows/")
    assert sha256(b"".join(rows)).hexdigest() == sample["population_sha256"]
