"""After acceptance what is examined changes with a record and the partner's decision (RT-17)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from audits.actions import scope, scope_changes, sign_offs, subservices
from audits.actions.scope_changes import Proposed
from audits.actions.subservices import Treatment
from audits.choices.system import SubserviceMethod
from audits.models.scope_changes import ScopeChange, ScopeProposal
from audits.models.subservices import EngagementSubservice
from audits.queries import papers
from audits.queries.scope_changes import days, to_decide
from audits.rules.period_changes import days_changed
from grc.sample.cures import system
from tenants.actions import engagements
from tenants.errors import Invalid, MoveRefused, Refused
from tenants.queries.engagements import terms_of
from tenants.queries.findings import open_findings
from tests import factories
from tests.audits.actions.test_choosing import SOC2
from tests.audits.actions.test_documents import acts, raw
from tests.audits.helpers import fill_library, take_all

LONGER = {"period_start": date(2025, 10, 1), "period_end": date(2026, 10, 31)}
PERIOD = Proposed(
    "period", "The client’s CEO", "business", "A later year end.", "One month more.", LONGER
)
FEWER = replace(PERIOD, kind="categories", after={"categories": ["security", "availability"]})


@pytest.fixture
def accepted(world):
    factories.moved_to(world, "planning")
    return world


def proposed(world, told=PERIOD, who="lead"):
    with acts(world, who), transaction.atomic():
        return scope_changes.propose(world.engagement, told, by=getattr(world, who))


def moved(world, change, name, who="partner", **more):
    with acts(world, who), transaction.atomic():
        held = ScopeChange.objects.select_related("engagement__client").get(pk=change.pk)
        return scope_changes.move(held, name, by=getattr(world, who), **more)


def test_rt_17_terms_change_after_acceptance_by_an_approved_change_alone(accepted):
    world = accepted
    with acts(world, "lead"), transaction.atomic():
        wanted = replace(terms_of(world.engagement), **LONGER)
        for terms in (wanted, replace(terms_of(world.engagement), categories=("security",))):
            with pytest.raises(Invalid, match="RT-17"):
                engagements.set_terms(world.engagement, terms=terms, by=world.lead)
        for change in ("period_end = '2026-10-31'", "categories = '{security}'"):
            with pytest.raises(IntegrityError, match="RT-17"):
                raw(f"UPDATE tenants_engagement SET {change}")
    change = proposed(world)
    with pytest.raises(MoveRefused):
        moved(world, change, "apply", "lead")
    with pytest.raises(PermissionDenied):
        moved(world, change, "approve", "lead")
    moved(world, change, "approve", note="Agreed.")
    moved(world, change, "apply", "lead")
    with acts(world, "lead"):
        world.engagement.refresh_from_db()
        assert world.engagement.period_end == date(2026, 10, 31)
        assert world.engagement.scope_change_id == change.pk
        assert ScopeChange.objects.get().status == "applied"
        with pytest.raises(IntegrityError, match="RT-17"):  # once, for what was decided
            raw("UPDATE tenants_engagement SET period_end = '2026-11-30'")


def test_rt_17_a_change_that_hides_deviations_is_refused(accepted):
    with pytest.raises(Invalid, match="RT-17: what is examined is not changed to avoid"):
        proposed(accepted, replace(PERIOD, reason_code="avoid_modification"))
    change = proposed(accepted)
    with acts(accepted, "lead"), pytest.raises(IntegrityError, match="honest_reason"):
        raw(
            "INSERT INTO audits_scopechange (id, version, engagement_id, kind, status, asked_by, "
            "reason_code, reason, effect, before, after, decision, proposed_by_id) SELECT "
            "gen_random_uuid(), 1, engagement_id, kind, status, asked_by, 'avoid_modification', "
            "reason, effect, before, after, decision, proposed_by_id FROM audits_scopechange"
        )
    moved(accepted, change, "refuse", note="Too late in the year.")
    with acts(accepted, "lead"), pytest.raises(IntegrityError, match="stays as it was"):
        raw("UPDATE audits_scopechange SET version = 9")


@pytest.mark.parametrize(
    ("told", "field"),
    [
        (replace(PERIOD, asked_by=" "), "asked_by"), (replace(PERIOD, reason=""), "reason"),
        (replace(PERIOD, effect=""), "effect"), (replace(PERIOD, kind="novel"), "kind"),
        (replace(PERIOD, reason_code="x"), "reason_code"),
        (replace(PERIOD, after={}), "period_start"),
        (replace(PERIOD, after={"period_end": date(2020, 1, 1)}), "period_end"),
        (replace(FEWER, after={"categories": ["x"]}), "categories"),
        (replace(PERIOD, kind="boundary", after={"before": "A"}), "after"),
    ],
)  # fmt: skip
def test_a_change_says_who_why_what_and_with_what_effect(accepted, told, field):
    with pytest.raises(Invalid) as refused:
        proposed(accepted, told)
    assert refused.value.field == field
    assert proposed(accepted, replace(PERIOD, kind="boundary",
                                      after={"before": "A", "after": "B"})).after == {
        "words": "B"
    }  # fmt: skip


def test_before_acceptance_ends_terms_are_simply_changed(world):
    with pytest.raises(Refused, match="Until acceptance ends"):
        proposed(world)
    with acts(world, "lead"), transaction.atomic():
        engagements.set_terms(world.engagement, terms=SOC2, by=world.lead)


def test_fewer_categories_show_what_goes_and_take_it_along_when_confirmed(world):
    fill_library(world)
    take_all(world)
    factories.moved_to(world, "fieldwork")
    change = proposed(world, FEWER)
    with acts(world, "lead"), transaction.atomic():
        effect = scope.effect_of(world.engagement, change.after["categories"])
        assert effect.removed == ("C1.1", "C1.2")
        assert effect.orphaned
    moved(world, change, "approve")
    with pytest.raises(Refused, match=r"C1\.1"):
        moved(world, change, "apply", "lead")
    moved(world, change, "apply", "lead", confirmed=True)
    with acts(world, "lead"):
        assert world.engagement.scope_items.count() == 36
        assert ScopeChange.objects.get().status == "applied"


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ((date(2025, 10, 1), date(2026, 10, 31)), (31, 0)),
        ((date(2025, 11, 1), date(2026, 9, 30)), (0, 31)),
        ((date(2027, 1, 1), date(2027, 1, 10)), (10, 365)),
    ],
)
def test_another_period_is_told_in_days(after, expected):
    assert days_changed((date(2025, 10, 1), date(2026, 9, 30)), after) == expected


def test_the_client_asks_and_reads_nothing_of_the_firm_s_own(accepted):
    world = accepted
    change = proposed(world)
    assert days(change) == (31, 0)
    with acts(world, "client"), transaction.atomic():
        with pytest.raises(PermissionDenied):
            scope_changes.propose(world.engagement, PERIOD, by=world.client)
        scope_changes.ask(world.engagement, "A longer period.", by=world.client)
        assert not ScopeChange.objects.exists()
    with acts(world, "lead"), transaction.atomic():
        assert ScopeProposal.objects.get().text == "A longer period."
        with pytest.raises(PermissionDenied):
            scope_changes.ask(world.engagement, "Words.", by=world.lead)
    with acts(world, "owner"), pytest.raises(PermissionDenied), transaction.atomic():
        scope_changes.ask(world.engagement, "Words.", by=world.owner)


def test_so_06_a_change_of_scope_is_a_paper_that_the_partner_sees(accepted):
    world = accepted
    with acts(world, "partner"), transaction.atomic():
        assert to_decide(world.partner) == []
    change = proposed(world, who="senior")

    def open_():
        with acts(world, "lead"), transaction.atomic():
            return [each.finding.rule for each in open_findings(world.engagement, "planning")
                    if each.finding.subject == str(change.pk)]  # fmt: skip

    def sign(level, who):
        with acts(world, who), transaction.atomic():
            seen = papers.standing(world.engagement, "scope_change", change.pk).content_hash
            sign_offs.sign(world.engagement, "scope_change", change.pk, level, seen=seen,
                           by=getattr(world, who))  # fmt: skip

    with acts(world, "partner"), transaction.atomic():
        assert [each.total for each in to_decide(world.partner)] == [1]
    assert open_() == ["SO-04"]
    moved(world, change, "approve")
    sign("prepared", "senior")
    sign("partner_reviewed", "partner")
    assert open_() == []
    moved(world, change, "apply", "lead")
    assert open_() == []  # carried out as it was signed


def test_rt_17_who_was_included_is_carved_out_by_an_approved_change_alone(accepted):
    world = accepted
    system.cure(factories.Cast(world), world.engagement)

    def treated(method):
        with acts(world, "lead"), transaction.atomic():
            rows = EngagementSubservice.objects.select_related("engagement")
            subservices.change(rows.first(), Treatment(method), by=world.lead)

    treated(SubserviceMethod.INCLUSIVE)
    with pytest.raises(Refused, match="RT-17"):
        treated(SubserviceMethod.CARVE_OUT)
    words = {"before": "Included.", "after": "Carved out."}
    change = proposed(world, replace(PERIOD, kind="subservice_method", after=words))
    with pytest.raises(Refused, match="RT-17"):
        treated(SubserviceMethod.CARVE_OUT)
    moved(world, change, "approve")
    treated(SubserviceMethod.CARVE_OUT)
    with acts(world, "lead"), transaction.atomic():
        assert ScopeChange.objects.get().status == "applied"
    treated(SubserviceMethod.INCLUSIVE)
    with pytest.raises(Refused, match="RT-17"):  # each change carries one
        treated(SubserviceMethod.CARVE_OUT)
