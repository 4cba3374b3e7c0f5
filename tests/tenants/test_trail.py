"""What is written into the trail, and in whose."""

from __future__ import annotations

from tenants import acting, trail
from tenants.models import TrailEntry
from tests import factories
from tests.conftest import as_


def found(verb, who, organization):
    """How many entries of `verb` exist for `who`, acting in the organization."""
    with as_(who, organization):
        return TrailEntry.objects.filter(verb=verb, acting_for_id=organization.pk).count()


def test_an_event_of_an_account_is_written_for_each_organization_of_the_person_aud_1(world):
    """Before anyone is signed in, and whatever organization the person acts in."""
    trail.record_account("signed_in", world.lead, detail={"by": "password"})
    with as_(world.client, world.client_organization), trail.together():
        trail.record_account("signed_in", world.client)
        assert acting.organization_id() == world.client_organization.pk
    assert found("signed_in", world.lead, world.firm) == 1
    assert found("signed_in", world.client, world.client_organization) == 1
    assert found("signed_in", world.rival, world.other_firm) == 0


def test_a_person_of_no_organization_leaves_no_entry(world):
    trail.record_account("signed_in", factories.person("Nora Nowhere"))
    for who, organization in ((world.lead, world.firm), (world.rival, world.other_firm)):
        assert found("signed_in", who, organization) == 0
