"""A firm's administrator names who leads, through a program, where nobody leads any more."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tenants import acting
from tenants.choices import Role
from tenants.models import Assignment, EngagementAccess
from tenants.permissions import P
from tests.conftest import as_
from tests.factories import member
from tests.programs import program_of


@pytest.fixture
def admin(world):
    return program_of(member(world.firm, Role.FIRM_ADMIN, name="Admin Person"), world.firm)


def nobody_leads(world):
    with acting.on_behalf_of_the_engagement(world.engagement.pk):
        EngagementAccess.objects.filter(
            content_object=world.engagement, permission__codename=P.ASSIGN_FIRM_PEOPLE
        ).update(until=timezone.now())


@pytest.mark.parametrize("led", [True, False])
def test_a_leader_is_named_only_where_nobody_leads(world, admin, led):
    chosen = member(world.firm, Role.PARTNER, name="Next Partner")
    if not led:
        nobody_leads(world)
    (row,) = admin.get("firm-engagements/").json()["results"]
    assert (row["id"], row["title"]) == (str(world.engagement.pk), "SOC 2 2026")
    assert bool(row["leaders"]) == led
    assert set(row) == {"id", "title", "client", "leaders"}
    path = f"firm-engagements/{row['id']}/name_leader/"
    answer = admin.post(path, {"person": str(chosen.pk), "role": "partner"})
    assert answer.status_code == (403 if led else 200), answer.content
    with as_(world.lead, world.firm):
        placed = Assignment.objects.filter(person=chosen, engagement=world.engagement)
        assert placed.exists() != led


@pytest.mark.parametrize(
    ("body", "code"),
    [({"role": "staff"}, "invalid_choice"), ({"person": "outsider"}, "not_found"), ({}, None)],
)
def test_what_is_no_leader_is_refused_with_its_field(world, admin, body, code):
    chosen = member(world.firm, Role.PARTNER, name="Next Partner")
    nobody_leads(world)
    told = {"person": str(chosen.pk), "role": "partner", **body}
    if told["person"] == "outsider":
        told["person"] = str(world.outsider.pk)
    answer = admin.post(f"firm-engagements/{world.engagement.pk}/name_leader/", told)
    assert answer.status_code == (400 if code else 200), answer.content
    assert code is None or answer.json()["field"] == next(iter(body))


def test_nobody_else_learns_of_the_firms_engagements_there(world, admin):
    assert admin.get("firm-engagements/").json()["total"] == 1
    for who, place in (
        (world.lead, world.firm), (world.colleague, world.firm), (world.rival, world.other_firm),
        (world.client, world.client_organization),
    ):  # fmt: skip
        program = program_of(who, place)
        assert program.get("firm-engagements/").json()["total"] == 0
        path = f"firm-engagements/{world.engagement.pk}/"
        assert program.get(path).status_code == 404
        body = {"person": str(who.pk), "role": "partner"}
        assert program.post(f"{path}name_leader/", body).status_code in (400, 404)


def test_the_list_costs_the_same_for_one_and_many(world, admin, django_assert_max_num_queries):
    with django_assert_max_num_queries(14):
        assert admin.get("firm-engagements/").json()["total"] == 1
