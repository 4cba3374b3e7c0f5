"""Where the description of the system answers its criteria (RT-07, RT-18)."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from audits.actions import description
from audits.models.description import DescriptionPoint
from audits.queries.description import checklist
from tenants.errors import Invalid, NotVisible, Refused, StaleVersion
from tenants.queries.findings import open_findings
from tenants.rules.engagements import Terms
from tests import factories
from tests.audits.helpers_system import entry, stated
from tests.conftest import as_
from tests.programs import program_of

DAY = Terms("SOC2", "T1", ("security",), as_of=date(2026, 9, 30))
CONTROLS = Terms("SOC1", "T1", (), as_of=date(2026, 9, 30))


def at_home(world):
    return as_(world.client, world.client_organization)


def placed(world, identifier, **more):
    with at_home(world):
        return description.place(world.engagement, identifier, by=world.client, **more)


def other(world, terms):
    """Another engagement of the client, of other terms."""
    made = factories.engagement(
        world.firm, world.client_organization, world.lead, terms=terms, title=terms.exam_type
    )
    factories.assigned(made, world.client_organization, world.client, "client_admin")
    return made


def test_the_client_says_where_and_both_sides_read_it(world):
    entry(world, "service", "SV-01")
    stated(world, "service")
    point = placed(world, "DC1", where="Section III, page 4")
    with as_(world.lead, world.firm):
        rows = {each.criterion.identifier: each for each in checklist(world.engagement)}
        assert list(rows) == [f"DC{n}" for n in range(1, 10)]
        assert rows["DC1"].point == point
        assert [one.count for one in rows["DC1"].stated] == [1]
        assert [one.count for one in rows["DC4"].stated] == [None]
        with pytest.raises(PermissionDenied):
            description.change(point, where="Elsewhere", by=world.lead)
    with at_home(world):
        with pytest.raises(Refused, match="change that"):
            description.place(world.engagement, "DC1", where="x", by=world.client)
        with pytest.raises(Invalid, match="one of the two"):
            description.change(point, where="x", none_reason="y", by=world.client)
        with pytest.raises(Invalid, match="Say where"):
            description.change(point, by=world.client)
        with pytest.raises(StaleVersion):
            description.change(point, where="x", by=world.client, version=9)
        description.change(point, none_reason="None is needed", by=world.client, version=1)
        assert (point.where, point.none_reason) == ("", "None is needed")
        with pytest.raises(NotVisible):
            description.place(world.engagement, "DC77", where="x", by=world.client)


def test_rt_18_the_checklist_is_that_of_the_report(world):
    placed(world, "DC6", none_reason="Customers need run none.")
    with at_home(world):
        with pytest.raises(Invalid, match="RT-18: S1-D1 describes a SOC1"):
            description.place(world.engagement, "S1-D1", where="x", by=world.client)
        with pytest.raises(IntegrityError, match="RT-18"), transaction.atomic():
            DescriptionPoint.objects.create(
                engagement=world.engagement, criterion_id="S1-D1", where="x", said_by=world.client
            )
    with as_(world.partner, world.firm):
        stands = open_findings(world.engagement, "walkthrough")
        (open_,) = [s.finding for s in stands if s.finding.subject == "points"]
    assert "DC6" not in open_.facts["criteria"]
    assert "DC9" in open_.facts["criteria"]


@pytest.mark.parametrize(("terms", "identifier"), [(DAY, "DC9"), (CONTROLS, "S1-D9")])
def test_rt_07_a_type_1_stores_no_changes(world, terms, identifier):
    if identifier == "DC9":
        placed(world, "DC9", where="Section III, page 9")
    engagement = other(world, terms)
    with at_home(world):
        with pytest.raises(Invalid, match="RT-07: a Type 1 report speaks of one day"):
            description.place(engagement, identifier, where="x", by=world.client)
        with pytest.raises(IntegrityError, match="RT-07"), transaction.atomic():
            DescriptionPoint.objects.create(
                engagement=engagement, criterion_id=identifier, where="x", said_by=world.client
            )
        assert identifier not in [each.criterion.identifier for each in checklist(engagement)]


def test_the_pages_and_the_api(world, administrator, lead):
    page = reverse("audits:description_point", args=[world.engagement.pk, "DC1"])
    assert "Complete when" in administrator.get(page).content.decode()
    assert administrator.post(page, {"where": "", "none_reason": ""}).status_code == 400
    assert administrator.post(page, {"where": "Page 4"}).status_code == 302
    assert administrator.post(page, {"where": "Page 5", "version": 1}).status_code == 302
    assert lead.get(page).status_code == 403
    listed = lead.get(reverse("audits:description", args=[world.engagement.pk]))
    assert "Page 5" in listed.content.decode()
    gone = reverse("audits:description_point", args=[world.engagement.pk, "S1-D1"])
    assert administrator.get(gone).status_code == 404
    client = program_of(world.client, world.client_organization)
    body = {"engagement": str(world.engagement.pk), "description_criterion": "DC2",
            "where": "Page 6"}  # fmt: skip
    made = client.post("description-points/", body)
    assert made.status_code == 201, made.content
    wrong = client.post("description-points/", body | {"description_criterion": "S1-D1"})
    assert wrong.status_code == 400
    assert "RT-18" in wrong.content.decode()
    path = f"description-points/{made.json()['id']}/"
    changed = client.patch(path, {"none_reason": "Not needed"}, If_Match='"1"')
    assert changed.json()["where"] == ""
    firm = program_of(world.lead, world.firm)
    assert firm.get(path).json()["none_reason"] == "Not needed"
