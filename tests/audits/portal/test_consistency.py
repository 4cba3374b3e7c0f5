"""What disagrees, on a page and by API: each side its own list, each line opening its cure."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from audits.actions import library_controls, library_objectives, walkthroughs
from audits.actions.walkthroughs import Seen
from audits.models import Control, EngagementControl
from tests import factories
from tests.conftest import as_
from tests.programs import program_of


def text(response):
    return response.content.decode()


@pytest.fixture
def control(world, filled):
    factories.moved_to(world, "walkthrough")
    with as_(world.client, world.client_organization):
        return Control.objects.get(ref="ELC-02")


def test_cm_04_the_client_reads_what_disagrees_in_its_library(world, browser_of, control):
    administrator, owner = browser_of("client"), browser_of("owner")
    where = reverse("audits:library_consistency")
    before = text(administrator.get(where))
    assert "No control runs in Vault" not in before
    with as_(world.client, world.client_organization):
        library_objectives.add_system(world.client_organization, name="Vault", by=world.client)
        told = "The Corporate Secretary stores the minutes each night in the board portal."
        library_controls.set_narrative(control, told, by=world.client)
    page = text(administrator.get(where))
    assert "No control runs in Vault" in page
    assert "ELC-02 runs “quarterly”, and its narrative says otherwise" in page
    assert reverse("audits:library_edit", args=[control.pk]) in page
    assert reverse("audits:library_control", args=[control.pk]) in text(owner.get(where))
    program = program_of(world.client, world.client_organization)
    lines = program.get("controls/consistency/").json()["lines"]
    assert {line["kind"] for line in lines} >= {"idle_system", "frequency"}
    assert program_of(world.lead, world.firm).get("controls/consistency/").status_code == 404
    assert browser_of("lead").get(where).status_code == 404


def test_cm_04_the_firm_reads_where_copy_library_and_walk_disagree(world, browser_of, control):
    lead = browser_of("lead")
    where = reverse("audits:engagement_consistency", args=[world.engagement.pk])
    assert "Nothing disagrees" in text(lead.get(where))
    with as_(world.client, world.client_organization):
        library_controls.set_narrative(control, "Told anew.", by=world.client)
    with as_(world.auditor, world.firm):
        held = EngagementControl.objects.select_related("engagement").get(control=control)
        seen = Seen("Minutes of May", date(2026, 5, 1), "The secretary", "Unsigned.", differs=True)
        walkthroughs.write(held, seen, by=world.auditor)
    page = text(lead.get(where))
    assert "was taken at version 1; version 2 stands" in page
    assert "ran otherwise than it is told" in page
    assert reverse("audits:walked_control", args=[world.engagement.pk, held.pk]) in page
    path = f"engagements/{world.engagement.pk}/consistency/"
    lines = program_of(world.lead, world.firm).get(path).json()["lines"]
    assert [line["kind"] for line in lines] == ["moved_on", "walked_otherwise"]
    assert program_of(world.client, world.client_organization).get(path).status_code == 404
    for who in ("client", "owner", "executive", "rival"):
        assert browser_of(who).get(where).status_code == 404
