"""Walls inside the firm (AC-05), one side for one person (AC-06), reviewers apart (SO-03)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from tenants import acting
from tenants.actions import assignments, ethics, independence
from tenants.choices import Role
from tenants.errors import Invalid, Refused
from tenants.models import (
    Assignment,
    Engagement,
    EthicsWall,
    Membership,
    Relationship,
    TrailEntry,
    WalledSide,
)
from tenants.permissions import P
from tenants.queries import oversight
from tests.conftest import as_
from tests.factories import assigned, engagement, known_client, member

R = Role


@pytest.fixture
def firm(world: SimpleNamespace) -> SimpleNamespace:
    """The world, with an administrator and a second client that competes with the first."""
    world.administrator = member(world.firm, R.FIRM_ADMIN, name="Ada Admin")
    world.competitor = known_client(world.firm, world.lead, "Competing Payroll")
    world.second_lead = member(world.firm, R.MANAGER, name="Second Lead")
    world.theirs = engagement(world.firm, world.competitor, world.second_lead, title="Theirs")
    return world


def raised(firm: SimpleNamespace, here: Any = None, there: Any = None, **words: str) -> EthicsWall:
    sides = [
        here or ethics.Side(clients=[firm.client_organization]),
        there or ethics.Side(clients=[firm.competitor]),
    ]
    words = {"name": "Competitors", "reason": "They bid against each other.", **words}
    with as_(firm.administrator, firm.firm):
        return ethics.raise_wall(firm.firm, sides=sides, by=firm.administrator, **words)


def put(firm: SimpleNamespace, who: Any, on: Engagement, by: Any, role: Role = R.SENIOR) -> None:
    with as_(by, firm.firm):
        assignments.assign(on, person=who, role=role, by=by)


def test_nobody_on_one_side_is_put_on_the_other_ac_05(firm):
    put(firm, firm.senior, firm.theirs, firm.second_lead)
    with as_(firm.second_lead, firm.firm):
        assignments.unassign(Assignment.objects.get(person=firm.senior, engagement=firm.theirs),
                             by=firm.second_lead)  # fmt: skip
    raised(firm)
    with pytest.raises(Refused, match="AC-05") as refused:
        put(firm, firm.senior, firm.theirs, firm.second_lead)
    assert refused.value.code == "walled_apart"
    assert "Tallowbrook" not in refused.value.message
    put(firm, firm.colleague, firm.theirs, firm.second_lead)  # who is on neither side


def test_a_partner_does_not_assign_around_a_wall_nor_by_sql_ac_05(firm):
    raised(firm)
    with as_(firm.second_lead, firm.firm):
        with pytest.raises(Exception, match="AC-05"), transaction.atomic():
            Assignment.objects.create(
                engagement=firm.theirs, organization=firm.firm, person=firm.partner,
                role=R.PARTNER, starts_on="2026-01-01", assigned_by=firm.second_lead,
            )  # fmt: skip
        Assignment.objects.create(
            engagement=firm.theirs, organization=firm.firm, person=firm.colleague,
            role=R.SENIOR, starts_on="2026-01-01", assigned_by=firm.second_lead,
        )  # fmt: skip


def test_a_wall_is_refused_where_somebody_works_on_both_sides_and_says_who_ac_05(firm):
    put(firm, firm.senior, firm.theirs, firm.second_lead)
    with pytest.raises(Refused, match="Senior Person") as refused:
        raised(firm)
    assert refused.value.code == "works_on_both_sides"
    with as_(firm.administrator, firm.firm):
        assert not EthicsWall.objects.exists()
        assert not TrailEntry.objects.filter(verb__startswith="wall").exists()


def test_a_wall_between_advice_and_examination_of_one_client_ac_05(firm):
    advice = engagement(
        firm.firm, firm.client_organization, firm.second_lead, title="Advice", kind="readiness"
    )
    raised(
        firm,
        ethics.Side(clients=[firm.client_organization]),
        ethics.Side(engagements=[advice]),
    )
    with pytest.raises(Refused, match="AC-05"):
        put(firm, firm.senior, advice, firm.second_lead)
    with pytest.raises(Refused, match="AC-05"):
        put(firm, firm.second_lead, firm.engagement, firm.lead, R.MANAGER)
    put(firm, firm.colleague, advice, firm.second_lead)


def test_a_wall_is_extended_and_lifted_with_a_reason_and_the_trail_tells_ac_05(firm):
    third = known_client(firm.firm, firm.lead, "Third Payroll")
    wall = raised(firm)
    with as_(firm.administrator, firm.firm):
        ethics.extend(wall, number=3, side=ethics.Side(clients=[third]), by=firm.administrator)
        with pytest.raises(Invalid):
            ethics.lift(wall, reason=" ", by=firm.administrator)
        lifted = ethics.lift(wall, reason="They merged.", by=firm.administrator)
        assert (lifted.lifted_by, lifted.lift_reason) == (firm.administrator, "They merged.")
        with pytest.raises(Refused):
            ethics.lift(wall, reason="Again", by=firm.administrator)
        told = TrailEntry.objects.filter(organization_id=firm.firm.pk, verb__startswith="wall")
        notes = {(entry.verb, entry.note) for entry in told if entry.verb != "wall_extended"}
        assert notes == {
            ("wall_raised", "They bid against each other."),
            ("wall_lifted", "They merged."),
        }
    put(firm, firm.senior, firm.theirs, firm.second_lead)


def test_a_lifted_wall_is_history_not_to_be_changed_by_sql_either(firm):
    wall = raised(firm)
    with as_(firm.administrator, firm.firm):
        ethics.lift(wall, reason="They merged.", by=firm.administrator)
        for change in ({"lift_reason": "x"}, {"lifted_at": None, "lifted_by": None}):
            with pytest.raises(Exception, match="raised and lifted"), transaction.atomic():
                EthicsWall.objects.filter(pk=wall.pk).update(**change)
        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            WalledSide.objects.all().delete()


@pytest.mark.parametrize("who", ["lead", "partner", "client"])
def test_walls_are_the_administrators_to_raise_ac_05(firm, who):
    place = firm.client_organization if who == "client" else firm.firm
    person = getattr(firm, who)
    sides = [ethics.Side(clients=[firm.competitor]), ethics.Side(engagements=[firm.theirs])]
    with as_(person, place), pytest.raises(PermissionDenied):
        ethics.raise_wall(place, name="x", reason="x", sides=sides, by=person)


def test_another_firms_client_stands_behind_no_wall(firm):
    with pytest.raises(Refused, match="own clients"):
        raised(firm, there=ethics.Side(clients=[firm.other_client]))


def test_an_administrator_knows_which_engagements_there_are_and_nothing_in_them(firm):
    from audits.models import ScopeItem

    with as_(firm.administrator, firm.firm):
        known = oversight.engagements(firm.administrator, firm.firm)
        assert {each.engagement.title for each in known} == {"SOC 2 2026", "Theirs"}
        assert ["Lena Lead", "Partner Person"] in [each.leaders for each in known]
        assert not ScopeItem.objects.exists()
        assert not Engagement.objects.visible_to(firm.administrator).exists()
    for other in (firm.colleague, firm.rival):
        place = firm.firm if other == firm.colleague else firm.other_firm
        with as_(other, place):
            assert oversight.engagements(other, place) == []
            assert not Engagement.objects.filter(pk=firm.theirs.pk).exists()


def test_what_is_behind_a_wall_from_their_own_work_no_administrator_knows_of_ac_05(firm):
    put(firm, firm.administrator, firm.engagement, firm.lead, R.STAFF)
    raised(firm)
    with as_(firm.administrator, firm.firm):
        known = oversight.engagements(firm.administrator, firm.firm)
        assert {each.engagement.title for each in known} == {"SOC 2 2026"}
        assert not Engagement.objects.filter(pk=firm.theirs.pk).exists()
        assert not Assignment.objects.filter(engagement=firm.theirs).exists()


def test_an_administrator_names_a_leader_only_where_nobody_leads(firm):
    with as_(firm.administrator, firm.firm), pytest.raises(PermissionDenied):
        assignments.assign(firm.theirs, person=firm.partner, role=R.PARTNER, by=firm.administrator)
    with as_(firm.second_lead, firm.firm):
        independence.refuse(firm.theirs, note="New facts.", by=firm.second_lead)
    with as_(firm.administrator, firm.firm):
        with pytest.raises(PermissionDenied):
            assignments.assign(
                firm.theirs, person=firm.senior, role=R.SENIOR, by=firm.administrator
            )
        assignments.assign(firm.theirs, person=firm.partner, role=R.PARTNER, by=firm.administrator)
    with as_(firm.partner, firm.firm):
        independence.confirm(firm.theirs, by=firm.partner)
        assert firm.partner.has_perm(P.ASSIGN_FIRM_PEOPLE, firm.theirs)


def test_a_quality_reviewer_never_worked_on_the_team_so_03(firm):
    newcomer = member(firm.firm, R.QUALITY_REVIEWER, name="Other Reviewer")
    assigned(firm.engagement, firm.firm, firm.colleague, R.SENIOR)
    with as_(firm.lead, firm.firm):
        assignments.unassign(Assignment.objects.get(person=firm.colleague), by=firm.lead)
    with pytest.raises(Refused, match="SO-03"):
        assigned(firm.engagement, firm.firm, firm.colleague, R.QUALITY_REVIEWER)
    with pytest.raises(Refused, match="SO-03"):
        assigned(firm.engagement, firm.firm, firm.senior, R.QUALITY_REVIEWER)
    assigned(firm.engagement, firm.firm, newcomer, R.QUALITY_REVIEWER)


def test_nothing_of_the_teams_work_is_opened_to_a_reviewer_so_03(firm):
    with as_(firm.lead, firm.firm):
        about = {"permission": P.DRAFT_REQUEST, "reason": "Covers.", "by": firm.lead}
        with pytest.raises(Refused, match="SO-03"):
            assignments.open_to(firm.engagement, person=firm.reviewer, **about)
        about["permission"] = P.SEND_REQUEST
        assignments.open_to(firm.engagement, person=firm.auditor, **about)


def test_one_person_on_one_side_of_a_client_ac_06(firm):
    outside = member(firm.other_client, R.CONTRIBUTOR, firm.colleague)  # no client of their firm
    assert outside == firm.colleague
    with pytest.raises(Exception, match="AC-06"), transaction.atomic():
        member(firm.client_organization, R.CONTRIBUTOR, firm.colleague)
    refused = pytest.raises(Exception, match="AC-06")
    with refused, transaction.atomic(), acting.inside(firm.firm.pk):
        Relationship.objects.create(firm=firm.firm, client=firm.other_client)
    with acting.inside(firm.other_client.pk):
        Membership.objects.filter(person=firm.colleague).update(status="ended")
    with acting.inside(firm.firm.pk):
        Relationship.objects.create(firm=firm.firm, client=firm.other_client)
    with acting.inside(firm.other_client.pk), pytest.raises(Exception, match="AC-06"):
        Membership.objects.filter(person=firm.colleague, organization=firm.other_client).update(
            status="active"
        )


def both_at_once(*acts: Callable[[], Any]) -> list[str]:
    """What came of acts that begin together, each in a transaction of its own: "" or a code."""
    start, found = threading.Barrier(len(acts)), [""] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        try:
            start.wait(timeout=20)
            with transaction.atomic():
                act()
        except Exception as error:
            found[number] = getattr(error, "code", "") or str(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return found


@pytest.mark.django_db(transaction=True)
def test_of_two_parallel_grants_on_two_sides_one_passes_ac_05_ac_06(world):
    with transaction.atomic():
        administrator = member(world.firm, R.FIRM_ADMIN, name="Ada Admin")
        competitor = known_client(world.firm, world.lead, "Competing Payroll")
        second = member(world.firm, R.MANAGER, name="Second Lead")
        theirs = engagement(world.firm, competitor, second, title="Theirs")
        sides = [ethics.Side(clients=[world.client_organization]),
                 ethics.Side(clients=[competitor])]  # fmt: skip
        with as_(administrator, world.firm):
            ethics.raise_wall(world.firm, name="W", reason="R", sides=sides, by=administrator)
        people = [member(world.firm, R.SENIOR) for _ in range(4)]
        loose = [member(world.other_firm, R.STAFF) for _ in range(4)]
    firm = SimpleNamespace(**vars(world))
    for person in people:
        came = both_at_once(
            lambda who=person: put(firm, who, world.engagement, world.lead),
            lambda who=person: put(firm, who, theirs, second),
        )
        assert sorted(came) == ["", "walled_apart"]
    for person in loose:  # joins the client while its own firm takes the client on
        came = both_at_once(
            lambda who=person: member(world.client_organization, R.CONTRIBUTOR, who),
            lambda: _related(world),
        )
        assert sum("AC-06" in each for each in came) == 1, came
        _parted(world)


def _related(world: SimpleNamespace) -> None:
    with acting.inside(world.other_firm.pk):
        Relationship.objects.create(firm=world.other_firm, client=world.client_organization)


def _parted(world: SimpleNamespace) -> None:
    """As before the race, past all rights."""
    from tests.tenants.test_walls import owner

    owner("DELETE FROM tenants_relationship WHERE firm_id = %s AND client_id = %s RETURNING id",
          world.other_firm.pk, world.client_organization.pk)  # fmt: skip
    owner("UPDATE tenants_membership SET status = 'ended' WHERE organization_id = %s AND person_id "
          "IN (SELECT person_id FROM tenants_membership WHERE organization_id = %s) RETURNING id",
          world.client_organization.pk, world.other_firm.pk)  # fmt: skip
