"""What belongs to no engagement, for the administrators of the organization: page, file and API."""

from __future__ import annotations

import csv
import io

import pytest
from django.urls import reverse

from tenants import trail
from tenants.actions import memberships, trail_checkpoints
from tenants.choices import Role
from tenants.models import Membership, TrailEntry
from tenants.trail_verifier import TrailCopy, checkpoints_in
from tests.conftest import as_
from tests.factories import member
from tests.programs import program_of

PAGE, EXPORT = "/settings/history/", "/settings/history/export/"
WORD = "canary of the engagement"


@pytest.fixture
def told(world):
    """Somebody of the client became its contributor; the engagement has an entry of its own."""
    person = member(world.client_organization, Role.CONTROL_OWNER, name="Moved Person")
    with as_(world.client, world.client_organization):
        row = Membership.objects.get(person=person)
        memberships.change_role(row, role=Role.CONTRIBUTOR, by=world.client)
        trail.record(
            "noted", world.engagement, by=world.client, engagement_id=world.engagement.pk,
            note=WORD,
        )  # fmt: skip
    with as_(world.outsider, world.other_client):
        trail.record(
            "role_changed", world.outsider, by=world.outsider, note="of others",
            organization_id=world.other_client.pk,
        )  # fmt: skip
    return world


def test_an_administrator_reads_what_belongs_to_no_engagement(told, client_admin):
    page = client_admin.get(PAGE).content.decode()
    assert "Moved Person" in page
    assert "signed in" in page or "Sign" in page
    assert WORD not in page
    assert "of others" not in page
    assert f'href="{PAGE}"' in client_admin.get("/settings/").content.decode()


@pytest.mark.parametrize("who", ["owner", "executive", "lead", "partner"])
@pytest.mark.parametrize("path", [PAGE, EXPORT, "/settings/history/checkpoint/"])
def test_nobody_else_of_either_side_does(told, browser_of, client_admin, who, path):
    trail_checkpoints.fresh(told.client_organization.pk, of_engagement=False)
    browser = browser_of(who)
    assert browser.get(path).status_code == 403
    assert f'href="{PAGE}"' not in browser.get("/settings/").content.decode()
    assert client_admin.get(path).status_code == 200


def test_each_organization_has_its_own(told, browser_of):
    page = browser_of("outsider").get(PAGE).content.decode()
    assert "of others" in page
    assert "Moved Person" not in page


def test_it_is_narrowed_and_an_empty_choice_says_so(told, client_admin):
    found = client_admin.get(f"{PAGE}?person={told.client.pk}").content.decode()
    assert "Moved Person" in found
    none = client_admin.get(f"{PAGE}?until=2001-01-01").content.decode()
    assert "No entry fits" in none
    assert "Moved Person" not in none


def test_it_is_exported_told_of_and_verified_with_a_checkpoint_from_outside_aud_8(
    told, client_admin
):
    trail_checkpoints.fresh(told.client_organization.pk, of_engagement=False)
    outside = client_admin.get("/settings/history/checkpoint/").content.decode()
    copy = TrailCopy(checkpoints_in(outside))
    copy.feed(client_admin.get(EXPORT).getvalue())
    copy.finish()
    assert (copy.faults, copy.view, copy.whole, copy.closed) == ([], "organization", True, 0)
    rows = list(csv.DictReader(io.StringIO(
        client_admin.get(f"{EXPORT}?as=csv").getvalue().decode("utf-8-sig"))))  # fmt: skip
    assert WORD not in {row["Text"] for row in rows}
    with as_(told.client, told.client_organization):
        taken = TrailEntry.objects.filter(verb="trail_exported", engagement_id=None)
        kinds = list(taken.order_by("at").values_list("detail__kind", flat=True))
    assert kinds == ["jsonl", "csv"]
    assert client_admin.get(f"{EXPORT}?as=exe").status_code == 400


def test_programs_of_administrators_list_export_and_find_checkpoints(told):
    book = told.client_organization.pk
    trail_checkpoints.fresh(book, of_engagement=False)
    admin = program_of(told.client, told.client_organization)
    listed = admin.get("organization-trail/?search=Moved").json()["results"]
    assert {row["engagement_id"] for row in listed} == {None}
    assert listed
    assert admin.get(f"organization-trail/{listed[0]['id']}/").json() == listed[0]
    copy = TrailCopy()
    copy.feed(admin.get("organization-trail/export/").getvalue())
    copy.finish()
    assert not copy.faults
    checkpoints = f"trail-checkpoints/?organization={book}"
    assert admin.get(checkpoints).json()["total"] == 1
    for who, place in (
        (told.owner, told.client_organization), (told.outsider, told.other_client),
    ):  # fmt: skip
        program = program_of(who, place)
        assert program.get("organization-trail/?search=Moved").json()["total"] == 0
        assert program.get(f"organization-trail/{listed[0]['id']}/").status_code == 404
        assert program.get(checkpoints).json()["total"] == 0
    refused = program_of(told.owner, told.client_organization).get("organization-trail/export/")
    assert refused.status_code == 403


def test_pages_of_an_engagement_and_of_the_organization_cost_the_same_however_long(
    told, client_admin, django_assert_max_num_queries
):
    with as_(told.client, told.client_organization):
        trail.record_many("signed_in", [told.client] * 60, by=told.client,
                          organization_id=told.client_organization.pk)  # fmt: skip
    for path in (PAGE, reverse("tenants:history", args=[told.engagement.pk])):
        with django_assert_max_num_queries(22):
            assert client_admin.get(path).status_code == 200
