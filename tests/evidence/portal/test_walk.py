"""From a conclusion down to the bytes of evidence, and from the bytes back up."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audits.models import EngagementControl, ScopeItem
from audits.models.conclusions import ControlConclusion
from audits.models.control_tests import ControlTest
from evidence.models import EvidenceLink
from grc.sample.cures import conclusions as cures
from grc.sample.cures import testing as testing_cures
from tests import factories
from tests.audits.deviating import sampled
from tests.audits.helpers import fill_library, take_all
from tests.conftest import as_
from tests.evidence import requests


@pytest.fixture
def examined(world):
    """One control with its one item, a deviation, a qualified opinion, and a file handed over."""
    fill_library(world, 1)
    take_all(world)
    factories.moved_to(world, "walkthrough")
    testing_cures.cure(factories.Cast(world), world.engagement)
    with as_(world.lead, world.firm):
        ScopeItem.objects.filter(mappings=None).update(
            relevant=False, reason="Elsewhere.", decided_by=world.partner
        )
        control = EngagementControl.objects.get()
    factories.moved_to(world, "fieldwork")
    sampled(world, count=60, deviating=1)
    row = requests.submitted(world, title="The board's minutes", controls=[control.pk])
    for status in ("fieldwork", "review"):
        factories.moved_to(world, status)
        for part in (testing_cures, cures):
            part.cure(factories.Cast(world), world.engagement)
    factories.moved_to(world, "fieldwork")
    return row


def at(name, world, *args):
    return reverse(name, args=[world.engagement.pk, *args])


def text(response):
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def the(world, model, **by):
    with as_(world.lead, world.firm):
        return model.objects.filter(**by).first()


def test_from_an_item_one_walks_to_the_bytes_and_back(world, examined, senior):
    item = the(world, ScopeItem, mappings__isnull=False)
    test = the(world, ControlTest, kind="toe")
    link = the(world, EvidenceLink)
    with as_(world.lead, world.firm):
        version = EvidenceLink.objects.select_related("file_version").get().file_version
    down = text(senior.get(at("audits:item_rests_on", world, item.pk)))
    assert "The board&#x27;s minutes" in down
    assert version.sha256 in down
    assert at("audits:test", world, test.pk) in down
    assert "Deviation 1" in down
    carries = at("evidence:file_carries", world, examined.pk, link.pk)
    assert carries in down
    up = text(senior.get(carries))
    control = the(world, EngagementControl)
    assert at("audits:control_rests_on", world, control.pk) in up
    assert at("audits:item_rests_on", world, item.pk) in up
    assert "Operation" in up
    middle = text(senior.get(at("audits:control_rests_on", world, control.pk)))
    assert item.identifier in middle
    assert version.sha256 in middle


def test_the_pages_lead_to_it(world, examined, senior):
    control, link = the(world, EngagementControl), the(world, EvidenceLink)
    held = the(world, ControlConclusion)
    rests = at("audits:control_rests_on", world, control.pk)
    assert rests in text(senior.get(at("audits:control_concluded", world, held.pk)))
    carries = at("evidence:file_carries", world, examined.pk, link.pk)
    assert carries in text(senior.get(examined.get_absolute_url()))


def test_the_client_neither_finds_it_nor_is_led_to_it(world, examined, owner, admin):
    item, link = the(world, ScopeItem, mappings__isnull=False), the(world, EvidenceLink)
    carries = at("evidence:file_carries", world, examined.pk, link.pk)
    for browser in (owner, admin):
        assert browser.get(carries).status_code == 404
        assert browser.get(at("audits:item_rests_on", world, item.pk)).status_code == 404
        assert carries not in text(browser.get(examined.get_absolute_url()))


def test_what_is_not_handed_over_or_restricted_to_others_is_not_walked_to(world, examined, senior):
    control = the(world, EngagementControl)
    draft = requests.started(world, title="Still the client's", controls=[control.pk])
    hidden = requests.submitted(
        world, title="For the lead alone", controls=[control.pk], sensitivity="restricted"
    )
    page = text(senior.get(at("audits:control_rests_on", world, control.pk)))
    assert draft.title.replace("'", "&#x27;") in page
    assert page.count("/carries/") == 1
    assert hidden.title not in page


def test_a_control_costs_the_same_queries_whatever_was_handed_over(world, examined, senior):
    control = the(world, EngagementControl)
    address = at("audits:control_rests_on", world, control.pk)
    senior.get(address)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(
            connection,
        ) as seen:
            senior.get(address)
        counts.append(len(seen))
        for _ in range(3):
            requests.submitted(world, controls=[control.pk])
    assert counts[0] == counts[1]
