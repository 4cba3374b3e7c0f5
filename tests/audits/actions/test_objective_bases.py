"""What the control objectives of a SOC 1 rest on (RT-08, RT-09)."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from audits.actions import (
    decisions,
    library_objectives,
    objective_bases,
    scope,
    system_entries,
)
from audits.actions.objective_bases import Rests
from audits.models import ScopeItem
from audits.models.objective_bases import ObjectiveBasis
from audits.models.system import SystemEntry
from audits.queries import objective_bases as reading
from tenants.errors import Invalid, NotVisible, Refused, StaleVersion
from tenants.queries.findings import open_findings
from tenants.rules.engagements import Terms
from tests import factories
from tests.audits.helpers_system import entry, scope_entry, stated
from tests.conftest import as_

SOC1 = Terms("SOC1", "T2", (), period_start=date(2025, 10, 1), period_end=date(2026, 9, 30))


@pytest.fixture
def world(db):
    """A SOC 1 with a business and an IT objective; pay runs and the engine are stated."""
    made = factories.world(terms=SOC1)
    client = made.client_organization
    with as_(made.client, client):
        stated_ones = library_objectives.propose_objectives_from_catalog(
            client, ["CO-01", "CO-13"], made.client
        )
    with as_(made.lead, made.firm):
        scope.take_objectives(made.engagement, [one.pk for one in stated_ones], made.lead)
    entry(made, "transaction_class", "TC-01")
    entry(made, "application", "AP-01")
    stated(made, "transaction_class", "application")
    return made


def item(world, ref):
    with as_(world.lead, world.firm):
        rows = ScopeItem.objects.select_related("engagement", "objective")
        return rows.get(engagement=world.engagement, identifier=ref)


def said(world, ref, **more):
    with as_(world.lead, world.firm):
        return objective_bases.say(item(world, ref), Rests(**more), by=world.lead)


def business(world, ref="CO-13", **more):
    classes = (scope_entry(world, "TC-01").entry_id,)
    told = {"transaction_classes": classes, "assertions": ("accuracy",)} | more
    return said(world, ref, group="business_process", **told)


def found(world, rule):
    with as_(world.partner, world.firm):
        stands = open_findings(world.engagement, "planning")
    return [stand for stand in stands if stand.finding.rule == rule]


def test_rt_08_every_objective_rests_on_transactions_or_a_guarded_application(world):
    assert found(world, "RT-08")[0].finding.facts["objectives"] == ["CO-01", "CO-13"]
    row = business(world)
    application = scope_entry(world, "AP-01").entry_id
    said(world, "CO-01", group="itgc", application=application, supports=item(world, "CO-13"))
    assert found(world, "RT-08") == []
    with as_(world.lead, world.firm):
        rests = [each.words for each in reading.standing(world.engagement)]
        assert rests == ["application AP-01, supports CO-13", "transaction_class TC-01, accuracy"]
        told = Rests("business_process", transaction_classes=tuple(row.transaction_classes))
        objective_bases.change(row, told, by=world.lead, version=1)
    (open_,) = found(world, "RT-08")
    assert open_.finding.facts["objectives"] == ["CO-01", "CO-13"], "what it supports fails too"
    assert "consider a SOC 2" in open_.finding.text


def test_rt_08_what_the_client_states_no_more_counts_no_more(world):
    business(world)
    said(world, "CO-01", group="itgc", hosting=True)
    assert found(world, "RT-08") == []
    with as_(world.client, world.client_organization):
        own = SystemEntry.objects.get(ref="TC-01")
        system_entries.retire(own, on=date(2026, 11, 1), by=world.client)
    stated(world, "transaction_class", none="It is gone.")
    assert found(world, "RT-08")[0].finding.facts["objectives"] == ["CO-13"]


def test_rt_09_it_controls_alone_want_the_partners_word(world):
    said(world, "CO-01", group="itgc", hosting=True)
    assert found(world, "RT-09") == []
    row = said(world, "CO-13", group="itgc", hosting=True)
    assert found(world, "RT-08") == []
    (stand,) = found(world, "RT-09")
    assert stand.holds
    factories.moved_to(world, "planning")
    with as_(world.partner, world.firm):
        decisions.decide(world.engagement, "RT-09", reason="Pure hosting.", by=world.partner)
    assert not found(world, "RT-09")[0].holds
    with as_(world.lead, world.firm):
        told = Rests("business_process", assertions=("accuracy",))
        objective_bases.change(row, told, by=world.lead)
    assert found(world, "RT-09") == []


def test_only_those_who_set_the_scope_say_it_and_only_of_what_is_stated(world):
    row = business(world)
    other = item(world, "CO-01")
    with as_(world.lead, world.firm):
        with pytest.raises(Refused, match="change that"):
            objective_bases.say(item(world, "CO-13"), Rests("itgc"), by=world.lead)
        with pytest.raises(NotVisible):
            objective_bases.say(other, Rests("itgc", application=row.pk), by=world.lead)
        with pytest.raises(Invalid, match="does not support itself"):
            objective_bases.say(other, Rests("itgc", supports=other), by=world.lead)
        with pytest.raises(Invalid, match="RT-08"):
            objective_bases.say(other, Rests("weather"), by=world.lead)
        with pytest.raises(Invalid, match="completeness"):
            objective_bases.say(
                other, Rests("business_process", assertions=("beauty",)), by=world.lead
            )
        with pytest.raises(StaleVersion):
            objective_bases.change(row, Rests("itgc"), by=world.lead, version=9)
    with as_(world.senior, world.firm), pytest.raises(PermissionDenied):
        objective_bases.change(row, Rests("itgc"), by=world.senior)
    with as_(world.client, world.client_organization):
        assert ObjectiveBasis.objects.get() == row
        with pytest.raises(PermissionDenied):
            objective_bases.change(row, Rests("itgc"), by=world.client)


def test_a_business_objective_guards_no_application_in_the_database_either(world):
    row = business(world)
    with as_(world.lead, world.firm), pytest.raises(IntegrityError), transaction.atomic():
        ObjectiveBasis.objects.filter(pk=row.pk).update(hosting=True)
