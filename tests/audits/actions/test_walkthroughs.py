"""Walkthroughs: one item end to end, written by who saw it, for the firm alone (TP-02)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from audits.actions import walkthroughs
from audits.actions.walkthroughs import Seen
from audits.models import EngagementControl
from audits.models.walkthroughs import Walkthrough
from audits.queries.walkthroughs import of_controls
from tenants.errors import Invalid, NotVisible, Refused, StaleVersion
from tenants.models import TrailEntry
from tests import factories
from tests.audits.helpers import fill_library, take_all
from tests.conftest import as_

SEEN = Seen("Ticket 7", date(2026, 3, 2), "Ada, CISO", "She opened the ticket and signed it.")


@pytest.fixture
def control(world):
    fill_library(world, 1)
    take_all(world)
    factories.moved_to(world, "walkthrough")
    with as_(world.auditor, world.firm):
        return EngagementControl.objects.select_related("engagement").get()


def walked(world, control, who="auditor", told=SEEN):
    with as_(getattr(world, who), world.firm):
        held = EngagementControl.objects.select_related("engagement").get(pk=control.pk)
        return walkthroughs.write(held, told, by=getattr(world, who))


def test_staff_write_down_what_they_saw(world, control):
    row = walked(world, control, told=replace(SEEN, differs=True))
    assert (row.narrative_number, row.done_by, row.differs) == (1, world.auditor, True)
    with as_(world.lead, world.firm):
        (told,) = of_controls(world.engagement)[control.pk]
        assert told["walked_on"] == "2026-03-02"
        entry = TrailEntry.objects.get(verb="walked")
        assert (entry.zone, entry.detail) == ("firm", {"item": "Ticket 7"})


@pytest.mark.parametrize("field", ["item", "walked_with", "seen"])
def test_a_walkthrough_names_the_item_the_people_and_what_was_seen(world, control, field):
    with pytest.raises(Invalid) as refused:
        walked(world, control, told=replace(SEEN, **{field: " "}))
    assert refused.value.field == field
    assert walked(world, control).pk


def test_only_who_walked_it_corrects_it(world, control):
    row = walked(world, control)
    with as_(world.senior, world.firm), pytest.raises(PermissionDenied, match="Only who"):
        walkthroughs.correct(row, SEEN, by=world.senior)
    with as_(world.auditor, world.firm):
        better = replace(SEEN, seen="He opened it.")
        walkthroughs.correct(row, better, by=world.auditor, version=1)
        assert (row.seen, row.version) == ("He opened it.", 2)
        with pytest.raises(StaleVersion):
            walkthroughs.correct(row, SEEN, by=world.auditor, version=1)


def test_the_client_sees_nothing_of_it_ac_02(world, control):
    row = walked(world, control)
    for who, home in ((world.client, world.client_organization), (world.rival, world.other_firm)):
        with as_(who, home):
            assert not Walkthrough.objects.exists()
            with pytest.raises(NotVisible):
                Walkthrough.objects.find(who, row.pk)
            assert not TrailEntry.objects.filter(verb="walked").exists()
    with as_(world.client, world.client_organization), pytest.raises(PermissionDenied):
        walkthroughs.write(control, SEEN, by=world.client)


def test_it_is_walked_from_planning_to_the_report_only(world, control):
    row = walked(world, control)
    factories.moved_to(world, "acceptance")
    with pytest.raises(Refused, match="planning"):
        walked(world, control)
    factories.moved_to(world, "released")
    with (
        as_(world.auditor, world.firm),
        pytest.raises(IntegrityError, match="LK-04"),
        transaction.atomic(),
    ):
        Walkthrough.objects.filter(pk=row.pk).update(seen="Otherwise.")
    factories.moved_to(world, "fieldwork")
    assert walked(world, control).pk
