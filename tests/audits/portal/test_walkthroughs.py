"""Pages of walkthroughs: the firm's own, from the list to what was seen."""

from __future__ import annotations

import pytest
from django.urls import reverse

from audits.models import EngagementControl
from audits.models.walkthroughs import Walkthrough
from tests import factories
from tests.conftest import as_
from tests.programs import program_of

TOLD = {
    "item": "Ticket 7", "walked_on": "2026-03-02", "walked_with": "Ada, CISO",
    "seen": "She opened the ticket and signed it.",
}  # fmt: skip


@pytest.fixture
def control(world, filled):
    factories.moved_to(world, "walkthrough")
    with as_(world.lead, world.firm):
        return EngagementControl.objects.get(ref="ELC-01")


def of(name, world, *args):
    return reverse(f"audits:{name}", args=[world.engagement.pk, *args])


def text(response):
    return response.content.decode()


def test_a_control_is_walked_corrected_and_listed(world, browser_of, control):
    staff, lead = browser_of("auditor"), browser_of("lead")
    assert text(lead.get(of("walkthroughs", world))).count("Not yet") == 3
    add = of("walkthrough_add", world, control.pk)
    assert "Name who showed it" not in text(staff.get(add))
    empty = staff.post(add, TOLD | {"seen": ""})
    assert empty.status_code == 400
    assert staff.post(add, TOLD).status_code == 302
    page = text(lead.get(of("walked_control", world, control.pk)))
    assert "She opened the ticket" in page
    assert "Correct</a>" not in page
    assert "Correct</a>" in text(staff.get(of("walked_control", world, control.pk)))
    with as_(world.auditor, world.firm):
        key = Walkthrough.objects.get().pk
    change = of("walkthrough_correct", world, key)
    assert "Ticket 7" in text(staff.get(change))
    staff.post(change, TOLD | {"differs": "on", "version": 1})
    assert "Runs otherwise than told" in text(lead.get(of("walked_control", world, control.pk)))
    assert text(lead.get(of("walkthroughs", world))).count("Not yet") == 2


@pytest.mark.parametrize("who", ["client", "owner", "executive", "rival", "outsider"])
def test_walkthroughs_are_the_firms_own(world, browser_of, control, who):
    browser = browser_of(who)
    for path in (
        of("walkthroughs", world), of("walked_control", world, control.pk),
        of("walkthrough_add", world, control.pk),
    ):  # fmt: skip
        assert browser.get(path).status_code == 404
    overview = browser.get(reverse("tenants:engagement", args=[world.engagement.pk]))
    assert of("walkthroughs", world) not in text(overview)


def test_programs_write_and_correct_them(world, control):
    staff = program_of(world.auditor, world.firm)
    client = program_of(world.client, world.client_organization)
    made = staff.post("walkthroughs/", TOLD | {"control": str(control.pk)})
    assert made.status_code == 201
    path = f"walkthroughs/{made.json()['id']}/"
    changed = staff.patch(path, {"seen": "He opened it."}, If_Match='"1"')
    assert (changed.json()["seen"], changed.json()["item"]) == ("He opened it.", "Ticket 7")
    assert staff.get(f"walkthroughs/?control={control.pk}").json()["total"] == 1
    assert client.get("walkthroughs/").json()["total"] == 0
    assert client.get(path).status_code == 404
    assert client.post("walkthroughs/", TOLD | {"control": str(control.pk)}).status_code == 403
