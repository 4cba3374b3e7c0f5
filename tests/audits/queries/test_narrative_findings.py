"""What narratives leave open when planning ends, found at the gate and cured there."""

from __future__ import annotations

import pytest
from django.urls import reverse

from audits.actions import controls, library_controls, mapping_reasons, narratives
from audits.models import Control, ControlMapping, EngagementControl
from audits.queries.narrative_findings import open_at_planning, without_reason
from grc.sample.cures import narratives as cure
from tenants.errors import Invalid, NotVisible
from tenants.findings import BLOCK, WARN
from tenants.models import TrailEntry
from tenants.whole import whole_file
from tests import factories
from tests.audits.helpers import fill_library, take_all
from tests.conftest import as_


@pytest.fixture
def taken(world):
    fill_library(world, 3)
    take_all(world)
    factories.moved_to(world, "planning")
    return world


def found(world, level=BLOCK):
    with as_(world.lead, world.firm), whole_file(world.engagement):
        return [one for one in open_at_planning(world.engagement) if one.level == level]


def test_nr_14_a_mapping_without_a_reason_holds_planning_until_it_says_why(taken):
    (finding,) = found(taken)
    assert (finding.rule, finding.facts) == ("NR-14", {"controls": ["ELC-01", "ELC-02", "ELC-03"]})
    assert reverse(finding.route[0], args=finding.route[1])
    cure.cure(factories.Cast(taken), taken.engagement)
    assert found(taken) == []
    with as_(taken.lead, taken.firm):
        assert not without_reason(taken.engagement).exists()
        assert EngagementControl.objects.get(ref="ELC-01").version == 2
        assert TrailEntry.objects.get(verb="mappings_explained").detail == {"count": 6}


def test_nr_10_a_blocker_of_the_text_holds_planning_until_it_is_told_and_taken_anew(taken):
    cure.cure(factories.Cast(taken), taken.engagement)
    sound = told(taken, lambda text: text)
    told(taken, lambda text: f"{text} The rest is checked as needed.")
    (finding,) = found(taken)
    assert (finding.rule, finding.subject) == ("NR-10", "ELC-02")
    assert "“as needed”" in finding.text
    assert finding.route[0] == "audits:control"
    told(taken, lambda text: sound)
    assert found(taken) == []


def told(world, change):
    """The client tells a control otherwise, the firm takes it again; what it said before."""
    with as_(world.client, world.client_organization):
        control = Control.objects.get(ref="ELC-02")
        before = library_controls.told_of(control).narrative
        if change(before) != before:
            library_controls.set_narrative(control, change(before), by=world.client)
    with as_(world.lead, world.firm):
        controls.take_controls(world.engagement, None, by=world.lead)
    return before


def test_so_08_what_nobody_approved_is_listed_and_holds_nothing(taken):
    def open_(rule="SO-08"):
        return [one.facts["controls"] for one in found(taken, WARN) if one.rule == rule]

    assert open_() == [["ELC-01", "ELC-02", "ELC-03"]]
    with as_(taken.owner, taken.client_organization):
        control = Control.objects.get(ref="ELC-01")
        narratives.approve(control, 1, by=taken.owner)
    assert open_() == [["ELC-02", "ELC-03"]]


def test_a_control_that_answers_to_nothing_in_scope_is_not_asked_about(taken):
    with as_(taken.lead, taken.firm):
        held = EngagementControl.objects.get(ref="ELC-01")
        ControlMapping.objects.filter(control=held).delete()
    (finding,) = found(taken)
    assert finding.facts == {"controls": ["ELC-02", "ELC-03"]}


def test_the_gate_asks_three_times_whatever_the_size(taken, django_assert_num_queries):
    with (
        as_(taken.lead, taken.firm),
        whole_file(taken.engagement),
        django_assert_num_queries(3),
    ):
        open_at_planning(taken.engagement)


def test_reasons_are_lines_of_mappings_of_this_engagement(taken):
    with as_(taken.lead, taken.firm):
        mapping = without_reason(taken.engagement)[0]
        with pytest.raises(Invalid):
            mapping_reasons.explain(taken.engagement, {mapping.pk: "x" * 301}, by=taken.lead)
        with pytest.raises(NotVisible):
            mapping_reasons.explain(taken.engagement, {mapping.control_id: "x"}, by=taken.lead)
        assert mapping_reasons.explain(taken.engagement, {mapping.pk: " "}, by=taken.lead) == 0
        assert mapping_reasons.explain(taken.engagement, {mapping.pk: "It\nfits."}, by=taken.lead)
        mapping.refresh_from_db()
        assert mapping.rationale == "It fits."
