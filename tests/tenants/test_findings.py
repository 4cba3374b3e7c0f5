"""What is open is one list for the gate and for whoever asks; a decision holds for its facts."""

from __future__ import annotations

import pytest

from tenants import findings
from tenants.actions import engagements
from tenants.errors import MoveRefused
from tenants.findings import BLOCK, OVERRIDE, WARN, Finding
from tenants.queries.findings import open_findings, refusal_of
from tests.conftest import as_

ROUTE = ("tenants:engagement", ())


@pytest.fixture
def open_at_draft(monkeypatch):
    """A list to add findings of the first phase to, and what is decided on them."""
    found, decided = [], {}
    monkeypatch.setitem(findings.SOURCES, "draft", [lambda engagement: found])
    monkeypatch.setattr(findings, "SETTLED", [lambda engagement: decided])
    return found, decided


def finding(level, **facts):
    return Finding("RT-00", level, "Something is open.", "Cure it.", ROUTE, facts=facts)


@pytest.mark.parametrize(("level", "holds"), [(BLOCK, True), (OVERRIDE, True), (WARN, False)])
def test_a_block_and_what_nobody_decided_hold_the_engagement(world, open_at_draft, level, holds):
    open_at_draft[0].append(finding(level))
    with as_(world.lead, world.firm):
        assert [each.holds for each in open_findings(world.engagement)] == [holds]
        if holds:
            with pytest.raises(MoveRefused, match=r"RT-00: Something is open\. Cure it\."):
                engagements.move(world.engagement, "begin", by=world.lead)
            open_at_draft[0].clear()
        engagements.move(world.engagement, "begin", by=world.lead)


def test_a_decision_holds_for_its_facts_alone(world, open_at_draft):
    found, decided = open_at_draft
    found.append(finding(OVERRIDE, days=40))
    decided[("RT-00", "")] = found[0].facts_hash
    with as_(world.lead, world.firm):
        assert refusal_of(world.engagement) == ""
        found[0] = finding(OVERRIDE, days=20)
        assert "RT-00" in refusal_of(world.engagement)
    found[0] = finding(BLOCK, days=40)
    decided[("RT-00", "")] = found[0].facts_hash
    with as_(world.lead, world.firm):
        assert "RT-00" in refusal_of(world.engagement)  # nobody decides a block away


def test_the_refusal_names_the_first_and_counts_the_rest(world, open_at_draft):
    open_at_draft[0].extend([finding(WARN), finding(OVERRIDE), finding(BLOCK), finding(BLOCK)])
    with as_(world.lead, world.firm):
        assert "And 2 more are open" in refusal_of(world.engagement)
        levels = [each.finding.level for each in open_findings(world.engagement)]
    assert levels == [BLOCK, BLOCK, OVERRIDE, WARN]


def test_a_source_looks_at_the_whole_file_and_the_caller_sees_no_more_after_it(world, monkeypatch):
    from tenants import acting

    seen = []
    monkeypatch.setitem(
        findings.SOURCES, "draft", [lambda engagement: seen.append(acting.current()) or []]
    )
    with as_(world.lead, world.firm):
        before = acting.current()
        open_findings(world.engagement)
        assert acting.current() == before
    assert (seen[0].engagement_id, seen[0].person_id) == (world.engagement.pk, None)
