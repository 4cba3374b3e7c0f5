"""An assignment of the firm counts only while independence is confirmed (AC-04)."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from tenants import acting, notices, tasks
from tenants.actions import assignments, independence
from tenants.choices import Role
from tenants.errors import Invalid, MoveRefused
from tenants.models import Assignment, Engagement, Independence, Notice, OutboxEntry, TrailEntry
from tenants.permissions import P
from tenants.queries import independence as queries
from tests import factories
from tests.conftest import as_
from tests.factories import assigned, engagement


def assign(world: SimpleNamespace, who: Any, role: Role = Role.SENIOR, **dates: Any) -> Assignment:
    with as_(world.lead, world.firm):
        return assignments.assign(world.engagement, person=who, role=role, by=world.lead, **dates)


def sees(world: SimpleNamespace, who: Any) -> bool:
    with as_(who, world.firm):
        return Engagement.objects.visible_to(who).filter(pk=world.engagement.pk).exists()


def holds(world: SimpleNamespace, who: Any, permission: P) -> bool:
    with as_(who, world.firm):
        return bool(who.has_perm(permission, world.engagement))


def confirm(world: SimpleNamespace, who: Any) -> Independence:
    with as_(who, world.firm):
        return independence.confirm(world.engagement, by=who)


def place_of(world: SimpleNamespace, who: Any) -> Assignment | None:
    with as_(world.lead, world.firm):
        return Assignment.objects.filter(engagement=world.engagement, person=who).first()


def test_an_assignment_counts_once_its_person_has_confirmed_ac_04(world):
    assign(world, world.colleague)
    assert not sees(world, world.colleague)
    with as_(world.colleague, world.firm):
        assert [each.engagement for each in queries.due(world.colleague)] == [world.engagement]
    said = confirm(world, world.colleague)
    assert sees(world, world.colleague)
    assert holds(world, world.colleague, P.SEND_REQUEST)
    assert (said.statement, said.good_until) == ("2026-1", queries.today_of(world.engagement)
                                                 + timedelta(days=365))  # fmt: skip
    with as_(world.colleague, world.firm):
        assert queries.due(world.colleague) == []


def test_before_confirming_the_wall_shows_the_engagements_name_and_nothing_in_it_ac_04(world):
    from audits.models import ScopeItem

    assign(world, world.colleague)
    with as_(world.colleague, world.firm):
        assert Engagement.objects.filter(pk=world.engagement.pk).exists()
        assert not ScopeItem.objects.filter(engagement=world.engagement).exists()
        assert not Independence.objects.exclude(person=world.colleague).exists()
    confirm(world, world.colleague)
    with as_(world.colleague, world.firm):
        assert ScopeItem.objects.filter(engagement=world.engagement).exists()


@pytest.mark.parametrize(
    ("starts", "ends", "counts"),
    [(0, 0, True), (-5, None, True), (1, None, False), (-9, -1, False), (-9, 5, True)],
)
def test_it_counts_from_the_first_to_the_last_day_ac_04(world, starts, ends, counts):
    today = queries.today_of(world.engagement)
    last = None if ends is None else today + timedelta(days=ends)
    assign(world, world.colleague)
    confirm(world, world.colleague)
    assign(world, world.colleague, starts_on=today + timedelta(days=starts), ends_on=last)
    assert sees(world, world.colleague) is counts
    assert holds(world, world.colleague, P.CONFIRM_INDEPENDENCE) is (counts or starts > 0)


@pytest.mark.parametrize(("days", "counts"), [(364, True), (366, False)])
def test_a_confirmation_runs_out_by_itself_and_is_given_anew_ac_04(world, days, counts):
    assign(world, world.colleague)
    then = queries.today_of(world.engagement) - timedelta(days=days)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queries, "today_of", lambda engagement: then)
        confirm(world, world.colleague)
    assert sees(world, world.colleague) is counts
    with as_(world.colleague, world.firm):
        asked = queries.due(world.colleague)[0].standing
        assert (asked.holds, asked.why[:4]) == ((True, "Runs") if counts else (False, "Ran "))
    confirm(world, world.colleague)
    assert sees(world, world.colleague)
    with as_(world.colleague, world.firm):
        assert queries.due(world.colleague) == []


def test_refusing_takes_the_person_off_at_once_and_the_firm_reads_why_ac_04(world):
    with as_(world.senior, world.firm):
        with pytest.raises(Invalid):
            independence.refuse(world.engagement, note=" ", by=world.senior)
        independence.refuse(world.engagement, note="My sister works there.", by=world.senior)
        assert not world.senior.has_perm(P.VIEW_ENGAGEMENT, world.engagement)
        assert not world.senior.has_perm(P.CONFIRM_INDEPENDENCE, world.engagement)
    assert place_of(world, world.senior) is None
    with as_(world.lead, world.firm):
        said = TrailEntry.objects.get(verb="independence_refused")
        assert (said.person_id, said.note) == (world.senior.pk, "My sister works there.")
        assert Independence.objects.filter(person=world.senior, word="refused").exists()
    with as_(world.client, world.client_organization):
        assert not TrailEntry.objects.filter(verb__startswith="independence").exists()
        assert not Independence.objects.exists()


def test_who_refused_and_is_assigned_again_confirms_again(world):
    with as_(world.senior, world.firm):
        independence.refuse(world.engagement, note="Shares.", by=world.senior)
    assign(world, world.senior)
    assert not sees(world, world.senior)
    confirm(world, world.senior)
    assert sees(world, world.senior)


def test_nobody_speaks_for_another_not_by_sql_either_ac_04(world):
    assign(world, world.colleague)
    with as_(world.lead, world.firm):
        with pytest.raises(PermissionDenied):
            independence.confirm(world.engagement, by=world.colleague)
        for word, said_by in (("confirmed", world.lead), ("confirmed", world.colleague)):
            with (
                pytest.raises(Exception, match=r"row-level security|own_word"),
                transaction.atomic(),
            ):
                Independence.objects.create(
                    engagement=world.engagement, organization=world.firm, person=world.colleague,
                    word=word, statement="2026-1", good_until=date(2027, 1, 1), said_by=said_by,
                )  # fmt: skip
    assert not sees(world, world.colleague)


@pytest.mark.parametrize("who", ["owner", "colleague", "outsider"])
def test_those_whom_the_firm_has_not_assigned_have_no_word_to_give(world, who):
    person = getattr(world, who)
    place = {"owner": world.client_organization, "colleague": world.firm,
             "outsider": world.other_client}[who]  # fmt: skip
    with as_(person, place), pytest.raises(PermissionDenied):
        independence.confirm(world.engagement, by=person)


def test_a_leader_asks_anew_and_the_old_word_goes_on_holding(world):
    held = place_of(world, world.senior)
    with as_(world.lead, world.firm):
        independence.ask(held, by=world.lead)
        standing = queries.standings(world.engagement, [world.senior.pk])[world.senior.pk]
        assert (standing.holds, standing.asked_anew) == (True, True)
        with pytest.raises(Invalid):
            independence.ask(place_of(world, world.lead), by=world.lead)
    assert sees(world, world.senior)
    with as_(world.senior, world.firm), pytest.raises(PermissionDenied):
        independence.ask(place_of(world, world.auditor), by=world.senior)
    confirm(world, world.senior)
    with as_(world.senior, world.firm):
        assert queries.due(world.senior) == []


def test_who_is_asked_gets_a_notice_that_leads_to_the_statement(world):
    assign(world, world.colleague)
    with acting.acting(acting.Actor(system=True)):
        row = OutboxEntry.objects.get(task=assignments.INDEPENDENCE_ASKED)
    tasks.perform(str(row.pk))
    with as_(world.colleague, world.firm):
        lines = notices.lines_for(list(Notice.objects.all()), world.colleague)
        assert [line.path for line in lines] == [f"/independence/{world.engagement.pk}/"]
    confirm(world, world.colleague)
    with as_(world.colleague, world.firm):
        assert notices.lines_for(list(Notice.objects.all()), world.colleague) == []


def test_acceptance_does_not_end_while_a_word_is_missing_ac_04(world):
    factories.taken_on(world, ("begin", Role.MANAGER))
    assign(world, world.colleague)
    with pytest.raises(MoveRefused, match="Colleague Person"):
        factories.taken_on(world, ("take_on", Role.PARTNER))
    confirm(world, world.colleague)
    factories.taken_on(world, ("take_on", Role.PARTNER))
    assert world.engagement.status == "planning"


def test_only_somebody_independent_opens_an_engagement_ac_04(world):
    with pytest.raises(Invalid, match="AC-04"):
        engagement(world.firm, world.client_organization, world.lead, independent=False)
    opened = engagement(world.firm, world.client_organization, world.lead)
    with as_(world.lead, world.firm):
        assert Independence.objects.filter(engagement=opened, person=world.lead).exists()


def test_an_opening_ends_with_the_assignment_it_adds_to(world):
    with as_(world.lead, world.firm):
        assignments.open_to(
            world.engagement, person=world.auditor, permission=P.SEND_REQUEST,
            reason="Covers for the senior.", by=world.lead,
        )  # fmt: skip
    assert holds(world, world.auditor, P.SEND_REQUEST)
    today = queries.today_of(world.engagement)
    assign(world, world.auditor, Role.STAFF, starts_on=today - timedelta(days=9),
           ends_on=today - timedelta(days=1))  # fmt: skip
    assert not holds(world, world.auditor, P.SEND_REQUEST)
    assign(world, world.auditor, Role.STAFF)
    assert holds(world, world.auditor, P.SEND_REQUEST)
    with as_(world.lead, world.firm):
        assignments.unassign(place_of(world, world.auditor), by=world.lead)
    assert not holds(world, world.auditor, P.SEND_REQUEST)


def test_the_clients_people_are_asked_for_nothing(world):
    assigned(world.engagement, world.client_organization, world.owner, Role.CONTROL_OWNER)
    with as_(world.owner, world.client_organization):
        assert world.owner.has_perm(P.VIEW_ENGAGEMENT, world.engagement)
        assert queries.due(world.owner) == []
