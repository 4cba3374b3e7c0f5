"""One's organization, account and tokens."""

from __future__ import annotations

import re
from datetime import date, datetime

from django.urls import reverse

from tenants.actions import assignments
from tenants.choices import Role
from tenants.models import ApiToken, EngagementAccess, Organization, TrailEntry
from tests.conftest import as_

FORM = {"name": "Tallowbrook Inc.", "time_zone": "America/Los_Angeles", "holiday_country": "US"}


def test_an_administrator_changes_the_organization_and_the_trail_tells(world, client_admin):
    assert client_admin.post("/settings/", FORM).status_code == 302
    with as_(world.client, world.client_organization):
        row = Organization.objects.get(pk=world.client_organization.pk)
        entry = TrailEntry.objects.get(verb="organization_changed")
    assert {name: getattr(row, name) for name in FORM} == FORM
    assert entry.detail["before"]["time_zone"] == "America/New_York"
    assert client_admin.post("/settings/", FORM).status_code == 302  # nothing new, no entry
    with as_(world.client, world.client_organization):
        assert TrailEntry.objects.filter(verb="organization_changed").count() == 1


def test_another_time_zone_moves_the_last_day_on_an_engagement(world, client_admin):
    with as_(world.client, world.client_organization):
        assignments.assign(
            world.engagement, person=world.owner, role=Role.CONTROL_OWNER, by=world.client,
            starts_on=date(2026, 1, 1), ends_on=date(2027, 6, 30),
        )  # fmt: skip
    client_admin.post("/settings/", FORM)
    with as_(world.lead, world.firm):
        until = EngagementAccess.objects.filter(user=world.owner).values_list("until", flat=True)
        assert set(until) == {datetime.fromisoformat("2027-07-01T07:00:00+00:00")}


def test_others_read_the_settings_and_change_nothing(world, browser_of):
    owner = browser_of("owner")
    page = owner.get("/settings/").content.decode()
    assert "America/New_York" in page
    assert 'name="time_zone"' not in page
    assert owner.post("/settings/", FORM).status_code == 403


def test_wrong_settings_are_told_at_their_field(world, client_admin):
    for field, value in (("name", " "), ("time_zone", "Mars/Olympus"), ("holiday_country", "XX")):
        answer = client_admin.post("/settings/", {**FORM, field: value})
        assert answer.status_code == 400
        assert field in answer.context["form"].errors


def test_ones_name_is_changed_and_history_keeps_the_old_one(world, lead):
    assert lead.post("/settings/profile/", {"name": "Lena  Leader"}).status_code == 302
    assert "Lena Leader" in lead.get("/settings/profile/").content.decode()
    with as_(world.lead, world.firm):
        assert TrailEntry.objects.get(verb="renamed").person_name == "Lena Lead"
    assert lead.post("/settings/profile/", {"name": " "}).status_code == 400


def test_a_tokens_secret_is_shown_once_and_opens_the_api(world, lead, client):
    form = {"name": "Collector", "days": "30", "scopes": ["view_engagement"]}
    answer = lead.post("/settings/tokens/new/", form)
    (secret,) = re.findall(r"tmk_\w{20,}", answer.content.decode())
    assert "no-store" in answer.headers["Cache-Control"]
    listing = lead.get("/settings/tokens/").content.decode()
    assert "Collector" in listing
    assert secret not in listing
    header = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/engagements/", headers=header).status_code == 200
    with as_(world.lead, world.firm):
        token = ApiToken.objects.get()
    assert lead.post(reverse("tenants:token_revoke", args=[token.pk])).status_code == 302
    assert client.get("/api/v1/engagements/", headers=header).status_code == 401


def test_a_token_of_another_is_absent(world, lead, browser_of):
    lead.post("/settings/tokens/new/", {"name": "Collector", "days": "30"})
    with as_(world.lead, world.firm):
        address = reverse("tenants:token_revoke", args=[ApiToken.objects.get().pk])
    for who in ("partner", "client", "rival"):
        assert browser_of(who).post(address).status_code == 404
    with as_(world.lead, world.firm):
        assert ApiToken.objects.get().revoked_at is None


def test_wrong_tokens_are_told_at_their_field(world, lead):
    for wrong in ({"name": ""}, {"days": "9999"}, {"scopes": ["upload_evidence"]}):
        answer = lead.post("/settings/tokens/new/", {"name": "x", "days": "30", **wrong})
        assert answer.status_code == 400
        assert next(iter(wrong)) in answer.context["form"].errors


def test_a_client_is_added_by_those_who_open_engagements(world, lead, browser_of):
    form = {"name": "Corvid Analytics", "time_zone": "America/Chicago"}
    assert browser_of("auditor").post("/clients/new/", form).status_code == 403
    assert lead.post("/clients/new/", form).status_code == 302
    assert "Corvid Analytics" in lead.get("/clients/?q=corvid").content.decode()
    assert "Corvid Analytics" not in browser_of("rival").get("/clients/").content.decode()
