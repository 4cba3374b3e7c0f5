"""What was refused is told once, after the rollback, where the refused side reads it (AUD-1)."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from tenants.acting import Actor, acting
from tenants.models import MissedLook, TrailEntry
from tenants.visibility import new_key
from tests.conftest import as_
from tests.programs import program_of


def refused(who, organization):
    """The refusals `who` can find, as (side, name, what was asked, status)."""
    with as_(who, organization):
        rows = TrailEntry.objects.filter(verb="refused").order_by("at")
        return [
            (row.zone, row.person_name, row.detail["asked"], row.detail["status"]) for row in rows
        ]


def looks():
    """What was counted, by organization."""
    with acting(Actor(system=True)):
        return dict(MissedLook.objects.values_list("organization_id", "count"))


def test_a_refused_right_is_told_to_the_side_it_was_refused_to_aud_1(world):
    address = f"engagements/{world.engagement.pk}/begin/"
    staff = program_of(world.auditor, world.firm)
    assert staff.post(address).status_code == 403
    told = [("firm", "Auditor Person", "begin", 403)]
    assert refused(world.lead, world.firm) == told
    assert refused(world.client, world.client_organization) == []
    assert program_of(world.lead, world.firm).post(address).status_code == 200
    assert refused(world.lead, world.firm) == told


def test_the_portal_s_refusals_are_told_too_aud_1(world):
    browser = Client()
    browser.force_login(world.contributor)
    page = reverse("tenants:history", args=[world.engagement.pk])
    assert browser.get(page).status_code == 403
    told = [("client", "Contributor Person", "view_trail", 403)]
    assert refused(world.client, world.client_organization) == told
    assert refused(world.lead, world.firm) == []
    browser.force_login(world.client)
    assert browser.get(page).status_code == 200
    assert len(refused(world.client, world.client_organization)) == 1


def test_a_refusal_for_who_the_person_is_is_told_and_one_of_state_is_not_aud_1(world):
    """409 both: the last who assigns people may not leave; an engagement that began already."""
    administrator = program_of(world.client, world.client_organization)
    with as_(world.client, world.client_organization):
        held = world.engagement.assignments.get(person=world.client)
    own = f"assignments/{held.pk}/"
    answer = administrator.delete(own, If_Match=administrator.get(own)["ETag"])
    assert answer.status_code == 409, answer.content
    told = [("shared", "Client Person", "last_assigner", 409)]
    assert refused(world.client, world.client_organization) == told
    lead = program_of(world.lead, world.firm)
    begin = f"engagements/{world.engagement.pk}/begin/"
    assert [lead.post(begin).status_code for _ in range(2)] == [200, 409]
    assert refused(world.lead, world.firm) == []


def test_a_look_at_what_is_not_there_is_counted_and_told_to_nobody_aud_1_acc_4(world):
    """Foreign and absent count alike; the organization reads neither count nor entry."""
    rival = program_of(world.rival, world.other_firm)
    for key in (world.engagement.pk, new_key()):
        assert rival.get(f"engagements/{key}/").status_code == 404
    assert looks() == {world.other_firm.pk: 2}
    with as_(world.rival, world.other_firm):
        assert MissedLook.objects.count() == 0
    assert refused(world.rival, world.other_firm) == []
    assert rival.get("engagements/").status_code == 200
    assert looks() == {world.other_firm.pk: 2}
