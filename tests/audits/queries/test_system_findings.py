"""What the client's system holds planning for: promises, and what is unsaid."""

from __future__ import annotations

import pytest

from audits.actions import objective_bases
from audits.actions.objective_bases import Rests
from audits.choices.system import ProcessingAspect
from audits.models import ScopeItem
from audits.queries import promises, subservices
from tenants.errors import Invalid
from tenants.queries.findings import open_findings
from tests import factories
from tests.audits.helpers_system import entry, stated
from tests.conftest import as_

CHOSEN = ("security", "availability", "confidentiality")


def found(world, rule):
    with as_(world.partner, world.firm):
        stands = open_findings(world.engagement, "planning")
    return [stand.finding for stand in stands if stand.finding.rule == rule]


def promised(world, *categories, **more):
    for at, category in enumerate(categories):
        entry(world, "commitment", f"SC-{at}", category=category, **more)
        entry(world, "requirement", f"SR-{at}", category=category)
    stated(world, "commitment", "requirement")


def test_rt_10_a_commitment_and_a_requirement_for_each_category(world):
    assert len(found(world, "RT-10")) == 2
    promised(world, *CHOSEN[:2])
    missing = found(world, "RT-10")
    assert [each.facts["categories"] for each in missing] == [["confidentiality"]] * 2
    entry(world, "commitment", "SC-9", category="confidentiality")
    entry(world, "requirement", "SR-9", category="confidentiality")
    assert len(found(world, "RT-10")) == 2, "written down, and not handed over"
    stated(world, "commitment", "requirement")
    assert found(world, "RT-10") == []


def test_rt_10_processing_integrity_is_promised_in_all_its_aspects(world):
    _examines(world, ["security", "processing_integrity"])
    promised(world, "security", "processing_integrity")
    (missing,) = found(world, "RT-10")
    assert "completeness, validity, accuracy, timeliness, authorization" in missing.text
    entry(world, "commitment", "SC-9", category="processing_integrity",
          aspects=tuple(ProcessingAspect.values))  # fmt: skip
    stated(world, "commitment")
    assert found(world, "RT-10") == []


def _examines(world, categories):
    factories.arrange(world.engagement, categories=categories)


def test_rt_11_privacy_without_personal_data_is_doubted(world):
    _examines(world, ["security", "privacy"])
    promised(world, "security", "privacy")
    (doubt,) = found(world, "RT-11")
    assert (doubt.level, "no personal data" in doubt.text) == ("warn", True)
    entry(world, "data_type", "DT-01", facts={"personal": True})
    stated(world, "data_type")
    assert found(world, "RT-11") == []


def test_rt_18_kinds_that_nobody_spoke_of_are_told(world):
    (unsaid,) = found(world, "RT-18")
    assert "incident" in unsaid.facts["kinds"]
    stated(world, "incident", none="Nothing broke a promise.")
    assert "incident" not in found(world, "RT-18")[0].facts["kinds"]


@pytest.mark.parametrize(
    "source",
    [promises.open_at_planning, promises.silent, subservices.untreated,
     subservices.not_independent, subservices.rests_on_others],
)  # fmt: skip
def test_a_source_asks_at_most_three_queries(world, source, django_assert_max_num_queries):
    promised(world, *CHOSEN)
    with as_(world.partner, world.firm), django_assert_max_num_queries(3):
        source(world.engagement)


def test_rt_03_a_criterion_rests_on_no_transactions(world):
    with as_(world.lead, world.firm):
        rows = ScopeItem.objects.select_related("engagement")
        criterion = rows.filter(engagement=world.engagement).first()
        with pytest.raises(Invalid, match="RT-03"):
            objective_bases.say(criterion, Rests("itgc"), by=world.lead)
