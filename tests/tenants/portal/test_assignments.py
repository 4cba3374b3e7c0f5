"""The people of an engagement: each side puts its own on it, and nobody else's."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse

from tenants.choices import Role
from tenants.models import Assignment, Invitation, Opening
from tenants.permissions import P
from tests.conftest import as_
from tests.factories import assigned, member


def place_of(world: SimpleNamespace, who: Any) -> Assignment | None:
    with as_(world.lead, world.firm):
        return Assignment.objects.filter(engagement=world.engagement, person=who).first()


def address(world: SimpleNamespace, name: str, *args: Any) -> str:
    return reverse(f"tenants:{name}", args=[world.engagement.pk, *args])


def test_a_colleague_is_assigned_and_sees_the_engagement_at_once(world, lead, browser_of):
    colleague = browser_of("colleague")
    assert colleague.get(address(world, "engagement")).status_code == 404
    form = {"person": world.colleague.pk, "role": "senior", "starts_on": "", "ends_on": ""}
    answer = lead.post(address(world, "assign"), form, follow=True)
    assert "Colleague Person is on the engagement as Senior." in answer.content.decode()
    assert colleague.get(address(world, "engagement")).status_code == 404
    assert "Not confirmed yet" in lead.get(address(world, "engagement_people")).content.decode()
    assert "Confirm that you are independent" in colleague.get("/").content.decode()
    state = reverse("tenants:independence_state", args=[world.engagement.pk])
    assert state in colleague.get("/independence/").content.decode()
    assert "no financial interest" in colleague.get(state).content.decode()
    answer = colleague.post(state, {"word": "confirmed", "note": ""})
    assert answer.headers["Location"] == address(world, "engagement")
    assert colleague.get(address(world, "engagement")).status_code == 200
    assert "Not confirmed yet" not in lead.get(address(world, "engagement_people")).content.decode()


def test_who_is_not_independent_says_why_and_is_off_ac_04(world, browser_of):
    senior = browser_of("senior")
    state = reverse("tenants:independence_state", args=[world.engagement.pk])
    answer = senior.post(state, {"word": "refused", "note": ""})
    assert answer.status_code == 400
    assert "note" in answer.context["form"].errors
    answer = senior.post(state, {"word": "refused", "note": "I hold shares."}, follow=True)
    assert "You are off SOC 2 2026." in answer.content.decode()
    assert place_of(world, world.senior) is None
    assert senior.get(state).status_code == 404


def test_a_colleague_is_asked_for_a_new_word(world, lead, browser_of):
    place = place_of(world, world.senior)
    asking = address(world, "ask_independence", place.pk)
    assert "goes on holding" in lead.get(asking).content.decode()
    assert browser_of("auditor").post(asking).status_code == 403
    answer = lead.post(asking, follow=True)
    assert "is asked to confirm" in answer.content.decode()
    assert "Asked for anew" in answer.content.decode()
    state = reverse("tenants:independence_state", args=[world.engagement.pk])
    assert "Asked for anew" in browser_of("senior").get(state).content.decode()


def test_the_client_reads_nothing_of_independence_ac_02(world, lead, client_admin):
    lead.post(address(world, "ask_independence", place_of(world, world.senior).pk))
    assert "Asked for anew" in lead.get(address(world, "engagement_people")).content.decode()
    page = client_admin.get(address(world, "engagement_people")).content.decode()
    assert "Asked for anew" not in page
    assert client_admin.get("/independence/").status_code == 404


@pytest.mark.parametrize("who", ["client", "rival", "auditor"])
def test_only_colleagues_who_are_not_on_it_yet_are_choices(world, lead, who):
    form = {"person": getattr(world, who).pk, "role": "staff"}
    answer = lead.post(address(world, "assign"), form)
    assert answer.status_code == 400
    assert "person" in answer.context["form"].errors


def test_a_role_and_its_last_day_are_changed(world, lead):
    place = place_of(world, world.auditor)
    form = {"role": "senior", "starts_on": "2026-01-05", "ends_on": "2027-12-31"}
    assert lead.post(address(world, "assignment_role", place.pk), form).status_code == 302
    changed = place_of(world, world.auditor)
    assert (changed.role, str(changed.ends_on)) == ("senior", "2027-12-31")
    form["ends_on"] = "2025-01-01"
    answer = lead.post(address(world, "assignment_role", place.pk), form)
    assert answer.status_code == 400
    assert place_of(world, world.auditor).ends_on == changed.ends_on


@pytest.mark.parametrize(
    ("who", "role", "status"),
    [
        ("lead", "partner", 400),  # nobody raises themselves
        ("auditor", "partner", 400),
        ("auditor", "manager", 302),
        ("senior", "quality_reviewer", 400),
        ("partner", "partner", 302),  # what they are in the firm
        ("auditor", "client_admin", 400),
    ],
)
def test_nobody_is_raised_above_both_acc_15(world, lead, who, role, status):
    place = place_of(world, getattr(world, who))
    answer = lead.post(address(world, "assignment_role", place.pk), {"role": role})
    assert answer.status_code == status
    assert (place_of(world, getattr(world, who)).role == role) == (status == 302)


def test_taking_a_person_off_asks_first_and_then_takes_effect_at_once(world, lead, browser_of):
    place = place_of(world, world.auditor)
    question = lead.get(address(world, "take_off", place.pk))
    assert "Take Auditor Person off?" in question.content.decode()
    assert place_of(world, world.auditor) is not None
    assert lead.post(address(world, "take_off", place.pk)).status_code == 302
    assert browser_of("auditor").get(address(world, "engagement")).status_code == 404


def test_the_last_person_who_assigns_stays_and_is_told_why(world, client_admin):
    place = place_of(world, world.client)
    answer = client_admin.post(address(world, "take_off", place.pk))
    assert answer.status_code == 400
    assert "Nobody would be left" in answer.content.decode()


def test_one_permission_is_opened_with_its_reason(world, lead):
    place = place_of(world, world.auditor)
    form = {"permission": P.SEND_REQUEST, "reason": "Covers for the senior.", "ends_on": ""}
    assert lead.post(address(world, "open_permission", place.pk), form).status_code == 302
    shown = lead.get(address(world, "engagement_people")).content.decode()
    assert "Send request" in shown
    assert "Covers for the senior." in shown
    for wrong in ({"reason": ""}, {"permission": P.DECIDE_ENGAGEMENT}):
        answer = lead.post(address(world, "open_permission", place.pk), {**form, **wrong})
        assert answer.status_code == 400
    with as_(world.lead, world.firm):
        assert Opening.objects.count() == 1


def test_the_other_sides_people_are_not_ones_own_to_change(world, lead, client_admin):
    for browser, whose in ((lead, world.owner), (client_admin, world.auditor)):
        place = place_of(world, whose)
        for name in ("assignment_role", "take_off", "open_permission"):
            assert browser.get(address(world, name, place.pk)).status_code == 404
            assert browser.post(address(world, name, place.pk), {}).status_code == 404


@pytest.mark.parametrize(
    ("who", "status"),
    [("senior", 403), ("owner", 403), ("colleague", 404), ("outsider", 404), ("anonymous", 302)],
)
def test_changing_the_team_is_for_those_who_assign(world, browser_of, who, status):
    place = place_of(world, world.auditor)
    browser = browser_of(who)
    for name in ("assignment_role", "take_off", "open_permission"):
        assert browser.post(address(world, name, place.pk), {}).status_code == status
    assert browser.post(address(world, "assign"), {}).status_code == status
    assert place_of(world, world.auditor) is not None


def test_a_client_administrator_invites_straight_to_the_engagement(world, client_admin, sent_links):
    form = {"email": "Payroll@Tallowbrook.example", "name": "Pat Ops", "role": "contributor"}
    links = sent_links(lambda: client_admin.post(address(world, "engagement_invite"), form))
    assert len(links) == 1
    with as_(world.client, world.client_organization):
        sent = Invitation.objects.get()
    assert (sent.email, sent.engagement_id) == ("payroll@tallowbrook.example", world.engagement.pk)


def test_menus_stand_beside_ones_own_people_only(world, lead, client_admin, browser_of):
    page = address(world, "engagement_people")
    auditor, owner = place_of(world, world.auditor), place_of(world, world.owner)
    for browser, own, other in ((lead, auditor, owner), (client_admin, owner, auditor)):
        text = browser.get(page).content.decode()
        assert address(world, "take_off", own.pk) in text
        assert address(world, "take_off", other.pk) not in text
    assert "take-off" not in browser_of("senior").get(page).content.decode()


def test_the_page_costs_the_same_number_of_queries_for_few_and_many(
    world, lead, django_assert_max_num_queries
):
    page = address(world, "engagement_people")
    with django_assert_max_num_queries(14) as few:
        lead.get(page)
    for _ in range(20):
        assigned(world.engagement, world.firm, member(world.firm, Role.STAFF), Role.STAFF)
    with django_assert_max_num_queries(14) as many:
        lead.get(page)
    assert len(few) == len(many)
