"""People a list names who are not here yet: named to the client, let in by the client (IM-05)."""

from __future__ import annotations

import pytest

from evidence.actions import absent_people as actions
from tenants.errors import Invalid
from tenants.models import Assignment, Invitation
from tests.conftest import as_
from tests.evidence.portal.helpers import draft, url
from tests.factories import member

NEW, LATE = "new@people.example", "late@people.example"


@pytest.fixture
def named(world):
    """Drafts that name two people who are not on the engagement."""
    draft(world, owner=None, owner_email=f"{NEW}; {LATE}")
    draft(world, owner=None, owner_email=NEW)


def test_the_firm_sees_who_is_missing_and_the_client_learns_of_those_it_is_told(
    world, named, senior, admin
):
    page = senior.get(url(world, "requests")).content.decode()
    assert "2 people are named on the list" in page
    page = senior.get(url(world, "absent_people")).content.decode()
    assert NEW in page
    assert LATE in page
    page = admin.get(url(world, "absent_people")).content.decode()
    assert NEW not in page
    assert LATE not in page
    assert senior.post(url(world, "absent_people"), {"email": NEW}).status_code == 302
    page = admin.get(url(world, "requests")).content.decode()
    assert "1 person is named on the list" in page
    page = admin.get(url(world, "absent_people")).content.decode()
    assert NEW in page
    assert LATE not in page


def test_the_clients_administrator_lets_the_chosen_in(world, named, senior, admin):
    there = member(world.client_organization, "control_owner", name="There Already")
    senior.post(url(world, "absent_people"), {"email": [NEW, LATE]})
    with as_(world.senior, world.firm):
        actions.suggest(world.engagement, [there.email], by=world.senior)
    form = {"email": [NEW, there.email], f"role:{NEW}": "contributor"}
    assert admin.post(url(world, "absent_people"), form).status_code == 302
    with as_(world.client, world.client_organization):
        invitation = Invitation.objects.get()
        assert (invitation.email, invitation.role) == (NEW, "contributor")
        assert invitation.engagement_id == world.engagement.pk
        assert Assignment.objects.filter(person=there).exists()
    page = admin.get(url(world, "absent_people")).content.decode()
    assert "Invited" in page
    assert there.email not in page


def test_all_are_let_in_or_nobody(world, named, senior, admin):
    senior.post(url(world, "absent_people"), {"email": [NEW, LATE]})
    form = {"email": [NEW, LATE], f"role:{LATE}": "partner"}
    refused = admin.post(url(world, "absent_people"), form)
    assert refused.status_code in (400, 409)
    assert LATE in refused.content.decode()
    with as_(world.client, world.client_organization):
        assert not Invitation.objects.exists()


def test_nobody_is_suggested_by_a_bad_address_or_by_those_who_may_not(world, named, browser_of):
    assert browser_of("auditor").get(url(world, "absent_people")).status_code == 403
    assert browser_of("owner").get(url(world, "absent_people")).status_code == 403
    assert browser_of("senior").post(url(world, "absent_people"), {}).status_code == 400
    with as_(world.senior, world.firm), pytest.raises(Invalid):
        actions.suggest(world.engagement, ["nonsense"], by=world.senior)
