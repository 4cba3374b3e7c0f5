"""What of a client's list is stated in which engagement, and what differs later."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace as Of

import pytest

from audits.rules.statements import asked_of, belongs, difference, of_basis, refuse_kind
from tenants.errors import Invalid

PERIOD = {"as_of": None, "period_start": date(2025, 10, 1), "period_end": date(2026, 9, 30)}
SOC2 = Of(basis="criterion", exam_type="T2", **PERIOD)
SOC1 = Of(basis="objective", exam_type="T2", **PERIOD)
DAY = Of(basis="criterion", exam_type="T1", as_of=date(2026, 3, 31), period_start=None,
         period_end=None)  # fmt: skip
CRITERIA = {"CC6.1"}


def test_each_report_asks_about_its_own_kinds():
    assert "commitment" in asked_of(SOC2)
    assert "transaction_class" not in asked_of(SOC2)
    assert "transaction_class" in asked_of(SOC1)
    assert "commitment" not in asked_of(SOC1)


def test_rt_07_a_type_1_tells_of_no_changes():
    refuse_kind("change", SOC2)
    assert "change" not in asked_of(DAY)
    with pytest.raises(Invalid, match="RT-07: a Type 1 report speaks of one day"):
        refuse_kind("change", DAY)
    with pytest.raises(Invalid, match="asks about"):
        refuse_kind("commitment", SOC1)


@pytest.mark.parametrize(
    ("terms", "happened", "reportable", "stated"),
    [
        (SOC2, "2026-03-01", True, True), (SOC2, "2026-03-01", False, False),
        (SOC2, "2025-09-30", True, False), (SOC2, "2026-10-01", True, False),
        (DAY, "2026-03-31", True, True), (DAY, "2026-04-01", True, False),
    ],
)  # fmt: skip
def test_incidents_are_those_to_be_reported_and_of_the_time(terms, happened, reportable, stated):
    entry = Of(kind="incident", facts={"happened_on": happened, "reportable": reportable})
    assert belongs(entry, terms, CRITERIA) is stated


def test_rt_20_an_engagement_shows_its_own_basis_alone():
    both = {"answers_to": ["CC6.1", "CO-01"]}
    assert of_basis(both, SOC2, CRITERIA) == {"answers_to": ["CC6.1"]}
    assert of_basis(both, SOC1, CRITERIA) == {"answers_to": ["CO-01"]}
    only = Of(kind="cuec", facts={"answers_to": ["CO-01"]})
    assert belongs(only, SOC1, CRITERIA)
    assert not belongs(only, SOC2, CRITERIA)


def test_a_difference_names_what_is_added_left_out_and_told_otherwise():
    told = {"ref": "A", "title": "T", "text": "x", "category": "", "aspects": [], "facts": {},
            "related": []}  # fmt: skip
    before = {1: told, 2: {**told, "ref": "B"}}
    after = {1: {**told, "text": "y", "facts": {"does": "z"}}, 3: {**told, "ref": "C"}}
    found = difference(before, after)
    assert (found.added, found.removed) == ((("C", "T"),), (("B", "T"),))
    assert found.changed[0].fields == ("text", "facts")
    assert found.count == 3
    assert difference(before, before).is_empty
