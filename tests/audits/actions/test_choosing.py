"""The choice of a report: advice kept with the engagement, the report before, the audience."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from audits.actions import decisions, prior_reports, report_advice, report_audiences
from audits.actions.prior_reports import Stated
from audits.actions.report_advice import NewEngagement
from audits.models.prior_reports import PriorReport
from audits.models.report_advice import ReportAdvice
from audits.models.report_audiences import ReportAudience
from audits.rules.report_advice import Answers
from tenants.actions import engagements
from tenants.choices import EngagementKind
from tenants.errors import Invalid, MoveRefused, NotVisible, Refused, StaleVersion
from tenants.models import Engagement, TrailEntry
from tenants.queries.findings import open_findings
from tenants.rules.engagements import Terms
from tests import factories
from tests.audits.actions.test_sign_offs import acts
from tests.conftest import as_

FITS = Answers(
    asked_about_trust=True, proof_over_time=True, promises_uptime=True, promises_secrecy=True
)
BOOKS = Answers(moves_money=True, auditors_rely=True)
YEAR = (date(2025, 10, 1), date(2026, 9, 30))
SOC1 = Terms("SOC1", "T2", (), None, *YEAR)
SOC2 = Terms("SOC2", "T2", ("security",), None, *YEAR)


def found(world, rule, phase="acceptance"):
    with acts(world, "lead"):
        return [each for each in open_findings(world.engagement, phase)
                if each.finding.rule == rule]  # fmt: skip


def advised(world, answers, who="lead"):
    with acts(world, who) as by:
        return report_advice.answer(world.engagement, answers, by=by)


def termed(world, terms):
    with acts(world, "lead") as by:
        engagements.set_terms(world.engagement, terms=terms, by=by)


def test_both_reports_are_two_engagements_with_the_answers_kept(world):
    both = replace(BOOKS, asked_about_trust=True)
    chosen = [NewEngagement("SOC 1", SOC1), NewEngagement("SOC 2", SOC2)]
    with acts(world, "lead") as by:
        made = report_advice.open_advised(
            world.firm, world.client_organization, answers=both, chosen=chosen, by=by,
            independent=True,
        )  # fmt: skip
        kept = ReportAdvice.objects.filter(engagement__in=made)
        assert [each.report_type for each in made] == ["SOC1", "SOC2"]
        assert [each.differs for each in kept] == [False, False]
        assert all(each.answers["moves_money"] for each in kept)


def test_one_wrong_report_opens_none_and_is_named(world):
    wrong = replace(SOC2, categories=())
    chosen = [NewEngagement("SOC 1", SOC1), NewEngagement("SOC 2", wrong)]
    with acts(world, "lead") as by:
        before = Engagement.objects.count()
        for given, field in ((chosen, "chosen.1.categories"), ([], "chosen")):
            with pytest.raises(Invalid) as refused:
                report_advice.open_advised(
                    world.firm, world.client_organization, answers=BOOKS, chosen=given, by=by,
                    independent=True,
                )  # fmt: skip
            assert refused.value.field == field
        assert Engagement.objects.count() == before


def test_advice_that_is_not_followed_holds_acceptance_until_a_partner_overrides_it(world):
    factories.moved_to(world, "acceptance")
    assert [each.holds for each in found(world, "§5")] == [False]  # nobody has answered
    advice = advised(world, BOOKS)
    (held,) = found(world, "§5")
    assert (held.holds, "SOC 1 Type 2" in held.finding.text) == (True, True)
    with acts(world, "partner") as by, pytest.raises(MoveRefused):
        engagements.move(world.engagement, "take_on", by=by)
    with acts(world, "lead") as by, pytest.raises(PermissionDenied):
        report_advice.override(advice, reason="The client wants it.", by=by)
    with acts(world, "partner") as by:
        with pytest.raises(Invalid):
            report_advice.override(advice, reason=" ", by=by)
        with pytest.raises(StaleVersion):
            report_advice.override(advice, reason="Both later.", by=by, version=7)
        report_advice.override(advice, reason="The SOC 1 comes later.", by=by, version=1)
        assert TrailEntry.objects.get(verb="advice_overridden").zone == "firm"
    assert found(world, "§5") == []
    termed(world, SOC2)  # the override was for other terms
    assert [each.holds for each in found(world, "§5")] == [True]
    advised(world, replace(FITS, promises_uptime=False, promises_secrecy=False))
    assert found(world, "§5") == []


def test_what_fits_is_not_overridden(world):
    advice = advised(world, FITS)
    assert (advice.differs, advice.chosen["report"]) == (False, "SOC2")
    with acts(world, "partner") as by, pytest.raises(Refused, match="what the answers point to"):
        report_advice.override(advice, reason="Anyway.", by=by)


def test_answers_are_given_until_acceptance_ends_and_not_for_an_assessment(world):
    assert advised(world, FITS).version == 1
    assert advised(world, BOOKS).version == 2
    factories.moved_to(world, "planning")
    with pytest.raises(Refused, match="RT-01"):
        advised(world, FITS)
    world.engagement = factories.engagement(
        world.firm, world.client_organization, world.lead, terms=SOC2,
        kind=EngagementKind.READINESS,
    )  # fmt: skip
    with pytest.raises(Refused, match="readiness"):
        advised(world, FITS)


def test_the_client_reads_neither_advice_nor_the_report_before_ac_02(world):
    advised(world, FITS)
    with acts(world, "lead") as by:
        prior_reports.state(world.engagement, by=by)
    for who, home in ((world.client, world.client_organization), (world.rival, world.other_firm)):
        with as_(who, home):
            assert not ReportAdvice.objects.exists()
            assert not PriorReport.objects.exists()
            assert not TrailEntry.objects.filter(verb__in=("advised", "prior_stated")).exists()


@pytest.mark.parametrize(
    ("terms", "rule", "holds"),
    [
        (replace(SOC2, categories=("privacy",)), "RT-12", True),
        (replace(SOC2, period_start=date(2026, 8, 15)), "RT-13", True),
        (replace(SOC2, period_start=date(2026, 7, 15)), "RT-13", False),
        (replace(SOC1, period_start=date(2026, 5, 1)), "RT-13", False),
        (replace(SOC1, period_start=date(2025, 9, 1)), "RT-13", False),
    ],
)
def test_rt_12_and_rt_13_are_found_at_acceptance_and_decided_by_the_partner(
    world, terms, rule, holds
):
    factories.moved_to(world, "acceptance")
    assert found(world, rule) == []
    termed(world, terms)
    assert [each.holds for each in found(world, rule)] == [holds]
    with acts(world, "partner") as by:
        decisions.decide(world.engagement, rule, reason="Agreed with the client.", by=by)
    for phase in ("acceptance", "planning"):  # the same facts: nobody is asked twice
        assert [(each.holds, each.settled) for each in found(world, rule, phase)] == [(False, True)]


@pytest.mark.parametrize(
    ("stated", "days"),
    [
        (Stated("SOC2", "T2", "Another LLP", None, date(2024, 10, 1), date(2025, 9, 30)), None),
        (Stated("SOC2", "T2", "Another LLP", None, date(2024, 10, 1), date(2025, 8, 31)), 30),
        (Stated("SOC2", "T2", "Another LLP", None, date(2024, 10, 1), date(2025, 10, 2)), -2),
        (Stated("SOC2", "T1", "Another LLP", date(2025, 1, 1)), None),
        (Stated("SOC1", "T2", "Another LLP", None, date(2024, 1, 1), date(2024, 12, 31)), None),
    ],
)
def test_rt_14_a_gap_to_the_report_before_is_told_with_its_days(world, stated, days):
    assert [each.finding.level for each in found(world, "RT-14")] == ["warn"]  # nobody said
    with acts(world, "lead") as by:
        prior_reports.state(world.engagement, stated, by=by)
    assert [each.finding.facts["days"] for each in found(world, "RT-14")] == [days] * bool(days)
    with acts(world, "lead") as by:
        prior_reports.state(world.engagement, by=by)
    assert found(world, "RT-14") == []


def test_rt_14_an_engagement_in_sight_lends_its_dates_and_no_other_does(world):
    last = Terms("SOC2", "T2", ("security",), None, date(2024, 10, 1), date(2025, 9, 30))
    prior = factories.engagement(world.firm, world.client_organization, world.lead, terms=last)
    foreign = factories.engagement(world.other_firm, world.other_client, world.rival, terms=last)
    with acts(world, "lead") as by:
        for other in (foreign, world.engagement):
            with pytest.raises(NotVisible):
                prior_reports.state(world.engagement, prior=other, by=by)
        held = prior_reports.state(world.engagement, prior=prior, by=by)
        assert (held.period_end, held.firm_name) == (date(2025, 9, 30), world.firm.name)
        with (
            pytest.raises(IntegrityError, match="priorreport_prior_link"),
            transaction.atomic(), connection.cursor() as cursor,
        ):  # fmt: skip
            cursor.execute("UPDATE audits_priorreport SET prior_id = %s", [foreign.pk])


@pytest.mark.parametrize(
    ("stated", "field"),
    [
        (Stated("SOC9", "T2", "Another LLP"), "report_type"),
        (Stated("SOC2", "T3", "Another LLP"), "exam_type"),
        (Stated("SOC2", "T2", " ", None, *YEAR), "firm_name"),
        (Stated("SOC2", "T2", "Another LLP"), "period_start"),
        (Stated("SOC2", "T1", "Another LLP"), "as_of"),
    ],
)
def test_a_report_before_is_stated_in_full(world, stated, field):
    with acts(world, "lead") as by, pytest.raises(Invalid) as refused:
        prior_reports.state(world.engagement, stated, by=by)
    assert refused.value.field == field


def raw(sql, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_rt_15_the_public_reads_a_soc_3_alone(world):
    with acts(world, "lead") as by:
        with pytest.raises(Invalid, match="RT-15"):
            report_audiences.state(world.engagement, "public", by=by)
        report_audiences.state(world.engagement, "restricted", readers=["prospects"], by=by)
        for change in ("audience = 'public', readers = '{}'",
                       "report_type = 'SOC3', audience = 'public', readers = '{}'"):  # fmt: skip
            with pytest.raises(IntegrityError, match="rt_15"):
                raw(f"UPDATE audits_reportaudience SET {change}")
    termed(world, replace(SOC2, report_type="SOC3"))
    with acts(world, "lead") as by:
        assert not ReportAudience.objects.exists()  # another report, another audience
        held = report_audiences.state(world.engagement, "public", by=by)
        assert (held.audience, held.readers) == ("public", [])
    with as_(world.client, world.client_organization):
        assert ReportAudience.objects.get().audience == "public"


def test_rt_15_a_soc_1_has_no_prospects(world):
    termed(world, SOC1)
    with acts(world, "lead") as by:
        with pytest.raises(Invalid, match="RT-15"):
            report_audiences.state(world.engagement, "restricted", readers=["prospects"], by=by)
        with pytest.raises(Invalid, match="at least one"):
            report_audiences.state(world.engagement, "restricted", by=by)
        report_audiences.state(world.engagement, "restricted", readers=["user_auditors"], by=by)
        with pytest.raises(IntegrityError, match="rt_15"):
            raw("UPDATE audits_reportaudience SET readers = '{prospects}'")
    with as_(world.client, world.client_organization), pytest.raises(PermissionDenied):
        report_audiences.state(
            world.engagement, "restricted", readers=["management"], by=world.client
        )
