"""Pages and programs of changes of scope."""

from __future__ import annotations

import pytest
from django.urls import reverse

from audits.models.scope_changes import ScopeChange
from tests import factories
from tests.conftest import as_
from tests.programs import program_of

WHY = {
    "asked_by": "The CEO", "reason_code": "business", "reason": "A later year end.",
    "effect": "One month more.",
}  # fmt: skip
LONGER = {"period_start": "2025-10-01", "period_end": "2026-10-31"}


@pytest.fixture(autouse=True)
def accepted(world):
    factories.moved_to(world, "planning")


def text(response):
    return response.content.decode()


def of(name, world, *args):
    return reverse(f"audits:{name}", args=[world.engagement.pk, *args])


def made(world):
    with as_(world.lead, world.firm):
        return ScopeChange.objects.get().pk


def test_a_change_goes_from_the_client_s_wish_to_the_terms(world, browser_of, lead):
    client, partner = browser_of("client"), browser_of("partner")
    assert of("scope_changes", world) in text(lead.get(of("agreement", world)))
    assert of("approvals", world) in text(client.get(of("agreement", world)))
    assert client.post(of("scope_ask", world), {"text": "A longer period."}).status_code == 302
    page = text(lead.get(of("scope_changes", world)))
    assert "A longer period." in page
    new = of("scope_change_new", world, "period")
    assert new in page
    assert new not in text(client.get(of("scope_changes", world)))
    assert lead.post(new, WHY).status_code == 400
    assert lead.post(new, WHY | LONGER).status_code == 302
    change = made(world)
    shown = text(partner.get(of("scope_change", world, change)))
    assert "Adds 31 days and takes away 0." in shown
    assert lead.get(of("scope_change_move", world, change, "approve")).status_code == 403
    path = of("scope_change_move", world, change, "refuse")
    assert partner.post(path, {"version": 1}).status_code == 400
    path = of("scope_change_move", world, change, "approve")
    assert partner.post(path, {"version": 1, "note": "Agreed."}).status_code == 302
    path = of("scope_change_move", world, change, "apply")
    assert lead.post(path, {"version": 2}).status_code == 302
    assert "Oct 31, 2026" in text(client.get(of("agreement", world)))
    assert client.get(of("scope_change", world, change)).status_code == 404


def test_categories_show_what_goes(world, lead, browser_of):
    sent = {**WHY, "categories": ["security", "availability"]}
    assert lead.post(of("scope_change_new", world, "categories"), sent).status_code == 302
    change = made(world)
    assert "C1.1, C1.2" in text(lead.get(of("scope_change", world, change)))
    words = {**WHY, "before": "Two regions.", "after": "Three regions."}
    assert lead.post(of("scope_change_new", world, "boundary"), words).status_code == 302
    assert lead.get(of("scope_change_new", world, "novel")).status_code == 404
    page = text(lead.post(reverse("tenants:engagement_terms", args=[world.engagement.pk]), {
        "title": "T", "report_type": "SOC2", "exam_type": "T2", "version": 1,
        "categories": ["security", "availability", "confidentiality"], **LONGER,
    }))  # fmt: skip
    assert "RT-17" in page


def test_programs_propose_decide_and_carry_out(world):
    lead, partner = (program_of(getattr(world, who), world.firm) for who in ("lead", "partner"))
    client = program_of(world.client, world.client_organization)
    here = {"engagement": str(world.engagement.pk)}
    body = {**here, **WHY, **LONGER, "kind": "period"}
    hiding = lead.post("scope-changes/", body | {"reason_code": "avoid_modification"})
    assert (hiding.status_code, hiding.json()["code"]) == (400, "hides_deviations")
    change = lead.post("scope-changes/", body).json()
    assert [each["name"] for each in change["moves"]] == []
    path = f"scope-changes/{change['id']}/"
    assert lead.post(f"{path}approve/", {}).status_code == 403
    assert partner.post(f"{path}approve/", {}).json()["status"] == "approved"
    assert lead.post(f"{path}apply/", {}).json()["status"] == "applied"
    found = lead.get(f"engagements/{world.engagement.pk}/").json()
    assert found["period_end"] == "2026-10-31"
    assert client.post("scope-changes/", body).status_code == 403
    assert client.get("scope-changes/").json()["total"] == 0
    assert client.post("scope-proposals/", {**here, "text": "More."}).status_code == 201
    assert lead.get("scope-proposals/").json()["total"] == 1
