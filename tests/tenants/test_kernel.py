"""The kernel's promises: who sees what, who may do what, and one winner for each move."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from tenants.actions import assignments, engagements
from tenants.choices import Role
from tenants.errors import Invalid, MoveRefused, Refused
from tenants.models import Engagement, EngagementAccess, TrailEntry
from tenants.permissions import P
from tests import factories
from tests.conftest import as_


def test_people_of_both_sides_see_the_engagement_and_nobody_else_does(world):
    for who, organization, sees in (
        (world.lead, world.firm, 1),
        (world.client, world.client_organization, 1),
        (world.colleague, world.firm, 0),
        (world.outsider, world.other_client, 0),
        (world.rival, world.other_firm, 0),
    ):
        with as_(who, organization):
            assert Engagement.objects.visible_to(who).count() == sees
            assert Engagement.objects.count() == sees  # the wall alone


def test_taking_a_person_off_takes_their_access_at_once(world):
    with as_(world.lead, world.firm):
        held = world.engagement.assignments.get(person=world.auditor)
        assignments.unassign(held, by=world.lead)
    with as_(world.auditor, world.firm):
        assert not world.auditor.has_perm(P.VIEW_ENGAGEMENT, world.engagement)
        assert not Engagement.objects.exists()


def test_an_engagement_moves_on_and_is_held_and_resumed_where_it_was(world, as_lead):
    engagement = world.engagement
    engagements.move(engagement, "begin", by=as_lead)
    assert engagement.status == "acceptance"
    with pytest.raises(PermissionDenied):
        engagements.move(engagement, "take_on", by=as_lead)  # the partner's alone
    engagements.move(engagement, "hold", by=as_lead, note="Client asked for two weeks.",
                     until=date(2031, 1, 31))  # fmt: skip
    with pytest.raises(MoveRefused):
        engagements.move(engagement, "begin", by=as_lead)
    engagements.move(engagement, "resume", by=as_lead)
    assert engagement.status == "acceptance"
    verbs = TrailEntry.objects.visible_to(as_lead).values_list("verb", flat=True)
    assert list(verbs)[:3] == ["resume", "hold", "begin"]


def test_a_person_of_the_other_side_is_not_assigned_ac_06(world, as_lead):
    with pytest.raises(Invalid, match="no active member"):
        assignments.assign(world.engagement, person=world.client, role=Role.STAFF, by=as_lead)


def test_the_last_person_who_assigns_stays(world):
    with as_(world.client, world.client_organization):
        held = world.engagement.assignments.get(person=world.client)
        with pytest.raises(Refused):
            assignments.unassign(held, by=world.client)


def test_nobody_writes_a_right_for_themselves_ten_6(world, as_lead):
    held = EngagementAccess.objects.filter(user=as_lead).values()[0]
    with pytest.raises(Exception, match="row-level security"):
        write_again(held, world.firm.pk)
    assert connection.is_usable()


@transaction.atomic
def write_again(held, key):
    """A row like one that is held, with another key."""
    EngagementAccess.objects.create(**{**held, "id": key})


def test_a_title_of_an_engagement_out_of_sight_is_free_ten_4(world):
    """A colleague learns nothing of engagements of their own firm that they are not on."""
    title = world.engagement.title
    manager = factories.member(world.firm, Role.MANAGER)
    with pytest.raises(Invalid, match="of this title"):
        factories.engagement(world.firm, world.client_organization, world.lead, title=title)
    theirs = factories.engagement(world.firm, world.client_organization, manager, title=title)
    assert theirs.title == title
