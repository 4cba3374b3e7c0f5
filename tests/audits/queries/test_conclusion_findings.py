"""What deviations and conclusions leave open at each exit, and that cures close it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audits.models import EngagementControl, ScopeItem
from audits.models.deviations import Deviation
from audits.queries.conclusions import roll_up
from audits.queries.opinions import standing
from audits.queries.papers import standings as papers
from grc.sample.cures import conclusions as cures
from grc.sample.cures import testing as testing_cures
from tenants.queries.findings import open_findings
from tests import factories
from tests.audits.deviating import explained, sampled
from tests.audits.deviating import found as written_down
from tests.audits.helpers import fill_library, take_all
from tests.conftest import as_

MINE = ("DV-", "§14", "§15", "OP-01", "OP-04")


def found(world, phase):
    with as_(world.lead, world.firm):
        stands = open_findings(world.engagement, phase)
    return [each.finding.text for each in stands if each.finding.rule.startswith(MINE)]


def cured(world, status):
    factories.moved_to(world, status)
    for part in (testing_cures, cures):
        part.cure(factories.Cast(world), world.engagement)


@pytest.fixture
def tested(world):
    fill_library(world, 3)
    take_all(world)
    for status in ("walkthrough", "fieldwork"):
        factories.moved_to(world, status)
        if status == "walkthrough":
            testing_cures.cure(factories.Cast(world), world.engagement)
    with as_(world.lead, world.firm):
        ScopeItem.objects.filter(mappings=None).update(
            relevant=False, reason="Elsewhere.", decided_by=world.partner
        )
        EngagementControl.objects.update(frequency="daily")
    sampled(world, count=60, deviating=1)
    return world


def test_fieldwork_review_and_reporting_end_once_all_is_explained_concluded_and_answered(tested):
    assert found(tested, "fieldwork")
    cured(tested, "fieldwork")
    assert found(tested, "fieldwork") == []
    assert found(tested, "review")
    cured(tested, "review")
    assert found(tested, "review") == []
    assert found(tested, "reporting")
    cured(tested, "reporting")
    assert found(tested, "reporting") == []
    cured(tested, "reporting")
    with as_(tested.lead, tested.firm):
        assert Deviation.objects.get().status == "communicated"


@pytest.mark.parametrize(
    ("nature", "value"), [("isolated", "unmodified"), ("systematic", "qualified")]
)
def test_op_02_exceptions_leave_it_unmodified_and_what_is_not_met_qualifies(tested, nature, value):
    for row in written_down(tested):
        explained(tested, row, nature=nature)
    for status in ("fieldwork", "review", "reporting"):
        cured(tested, status)
        assert found(tested, status) == []
    with as_(tested.lead, tested.firm):
        held = standing(tested.engagement)
        assert {line.part.part: line.part.value for line in held.parts}["operation"] == value
        assert held.deviates == 1
        assert held.opinion.decided_by == tested.partner
        assert not papers(tested.engagement, "opinion")[held.opinion.pk].missing


def test_a_roll_up_asks_as_many_queries_whatever_it_finds(tested):
    counts = []
    for status in ("fieldwork", "review"):
        with as_(tested.lead, tested.firm), CaptureQueriesContext(connection) as asked:
            roll_up(tested.engagement)
        counts.append(len(asked))
        cured(tested, status)
    with as_(tested.lead, tested.firm), CaptureQueriesContext(connection) as asked:
        roll_up(tested.engagement)
    assert {*counts, len(asked)} == {counts[0]}
