"""Pages from a deviation to the opinion, for the firm and for the client."""

from __future__ import annotations

import pytest
from django.urls import reverse

from audits.models import ScopeItem
from audits.models.deviations import Deviation
from audits.models.opinions import Modification, Opinion
from audits.models.told_deviations import CommunicatedDeviation, ManagementResponse
from grc.sample.cures import conclusions as cures
from grc.sample.cures import testing as testing_cures
from tests import factories
from tests.audits.deviating import sampled
from tests.audits.helpers import fill_library, take_all
from tests.conftest import as_

TOLD = {
    "happened": "Item 1 was approved late.", "cause": "Leave.", "nature": "systematic",
    "effect": "None known.", "version": 1,
}  # fmt: skip
REPLY = {
    "agrees": "on", "cause": "Leave, secretly told.", "action": "A deputy.", "owner_name": "Ada",
    "version": 0,
}  # fmt: skip


@pytest.fixture(autouse=True)
def tested(world):
    """One control with its one item, of whose sample an item deviates."""
    fill_library(world, 1)
    take_all(world)
    factories.moved_to(world, "walkthrough")
    testing_cures.cure(factories.Cast(world), world.engagement)
    with as_(world.lead, world.firm):
        ScopeItem.objects.filter(mappings=None).update(
            relevant=False, reason="Elsewhere.", decided_by=world.partner
        )
    factories.moved_to(world, "fieldwork")
    sampled(world, count=60, deviating=1)


def text(response):
    return response.content.decode()


def of(name, world, *args):
    return reverse(f"audits:{name}", args=[world.engagement.pk, *args])


def cured(world, status):
    factories.moved_to(world, status)
    for part in (testing_cures, cures):
        part.cure(factories.Cast(world), world.engagement)


def the(world, model):
    with as_(world.lead, world.firm):
        return model.objects.get().pk


def test_a_deviation_goes_by_pages_from_the_grid_to_the_clients_response(world, browser_of, lead):
    staff, client = browser_of("auditor"), browser_of("client")
    page = text(staff.get(of("deviations", world)))
    assert "1 deviating cell of the grids stands in no deviation yet" in page
    assert staff.post(of("deviations_take", world), {}).status_code == 302
    key = the(world, Deviation)
    assert "DV-01: say its cause" in text(staff.get(of("deviation", world, key)))
    assert staff.post(of("deviation_edit", world, key), TOLD).status_code == 302
    move = of("deviation_move", world, key, "explain")
    assert staff.post(move, {"version": 2}).status_code == 302
    assert client.get(of("deviations", world)).status_code == 404
    tell = of("deviation_move", world, key, "communicate")
    assert staff.post(tell, {"version": 3, "text": "Late."}).status_code == 403
    assert lead.post(tell, {"version": 3, "text": ""}).status_code == 400
    assert lead.post(tell, {"version": 3, "text": "One was late."}).status_code == 302
    told = the(world, CommunicatedDeviation)
    assert "One was late." in text(client.get(of("told_deviations", world)))
    assert "1 of 60 items deviated" in text(client.get(of("told_deviations", world)))
    assert "Deviations to respond to" in text(client.get("/"))
    assert client.post(of("response_write", world, told), REPLY).status_code == 302
    assert "secretly" in text(client.get(of("told_deviation", world, told)))
    assert "secretly" not in text(lead.get(of("told_deviation", world, told)))
    with as_(world.client, world.client_organization):
        response = ManagementResponse.objects.get().pk
    assert lead.post(of("response_hand_over", world, response), {}).status_code == 404
    assert client.post(of("response_hand_over", world, response), {}).status_code == 302
    assert "secretly" in text(lead.get(of("told_deviation", world, told)))
    close = of("deviation_move", world, key, "close")
    assert lead.post(close, {"version": 4}).status_code == 302


def test_the_partner_sees_what_is_proposed_and_decides(world, browser_of, lead):
    partner, client = browser_of("partner"), browser_of("client")
    staff = browser_of("auditor")
    staff.post(of("deviations_take", world), {})
    key = the(world, Deviation)
    staff.post(of("deviation_edit", world, key), TOLD)
    cured(world, "fieldwork")
    page = text(lead.get(of("conclusions", world)))
    assert "A cause is systematic." in page
    cured(world, "review")
    page = text(lead.get(of("opinion", world)))
    assert "Qualified" in page
    assert "What the conclusions ask for" not in page
    factories.moved_to(world, "reporting")
    opinion = the(world, Opinion)
    assert "Decide the opinion" in text(partner.get("/"))
    assert lead.get(of("opinion_decide", world, opinion)).status_code == 403
    said = {
        "description": "unmodified", "design": "unmodified", "operation": "unmodified",
        "version": 1, "reason": "No.",
    }  # fmt: skip
    with as_(world.lead, world.firm):
        row = Modification.objects.select_related("part", "scope_item").first()
        items = Modification.objects.count()
    for _ in range(items):
        with as_(world.lead, world.firm):
            row = Modification.objects.select_related("scope_item").filter(pervasive=None).first()
        if row is None:
            break
        path = of("modification_new", world, opinion, "operation")
        told = {
            "scope_item": row.scope_item_id, "cause": row.cause, "pervasive": "no",
            "basis": row.basis,
        }  # fmt: skip
        assert row.basis in text(partner.get(f"{path}?item={row.scope_item_id}")).replace(
            "&#x27;", "'"
        )
        assert partner.post(path, told).status_code == 302
    with as_(world.lead, world.firm):
        said["version"] = Opinion.objects.get().version
    decide = of("opinion_decide", world, opinion)
    assert "OP-04" in text(partner.post(decide, said))
    assert partner.post(decide, said | {"operation": "qualified"}).status_code == 302
    assert "Decided by" in text(partner.get(of("opinion", world)))
    for name in ("opinion", "conclusions"):
        assert client.get(of(name, world)).status_code == 404
