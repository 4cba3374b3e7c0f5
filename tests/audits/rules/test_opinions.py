"""What is proposed for the opinion and what a decision must agree with (OP-01, OP-04, OP-05)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from audits.rules.opinions import (
    ItemFact,
    Modified,
    carried,
    may_be_pervasive,
    propose,
    refusal,
    thin_basis,
)

MET = ItemFact("A1.1", "Availability", "availability", False, "met")
UNMET = replace(MET, identifier="A1.2", value="not_met", found="AV-02 did not operate as told.")
COMMON = replace(UNMET, identifier="CC6.1", series="CC6", category="", common=True)
UNSEEN = replace(MET, identifier="A1.3", value="not_determinable")
DEVIATING = replace(MET, value="met_with_deviations")


def values(*items, of_type_2=True):
    return [each.value for each in propose(items, of_type_2=of_type_2)]


def test_op_02_deviations_with_all_items_met_leave_the_opinion_unmodified():
    assert values(MET, DEVIATING) == ["unmodified"] * 3


def test_op_01_an_item_not_met_qualifies_at_least_and_the_partner_is_asked_how_far():
    assert values(MET, UNMET) == ["unmodified", "unmodified", "qualified"]
    assert values(MET, replace(UNMET, design_fails=True)) == [
        "unmodified", "qualified", "qualified",
    ]  # fmt: skip
    assert values(UNMET, of_type_2=False) == ["unmodified", "qualified"]
    operation = propose([MET, UNMET], of_type_2=True)[2]
    assert operation.modifications[0].pervasive is False
    several = propose([UNMET, COMMON], of_type_2=True)[2]
    assert {each.pervasive for each in several.modifications} == {None}
    assert may_be_pervasive([replace(UNMET, others_rest_on=True)])
    assert not may_be_pervasive([UNMET])


def test_op_01_missing_evidence_is_a_scope_limit():
    (named,) = propose([UNSEEN], of_type_2=True)[2].modifications
    assert (named.cause, "could not obtain" in named.basis) == ("scope_limit", True)


def test_op_04_the_drafted_basis_tells_item_finding_and_reach():
    (named,) = propose([UNMET], of_type_2=True)[2].modifications
    for word in ("A1.2", "AV-02 did not operate", "the category availability"):
        assert word in named.basis
    assert thin_basis(named.basis, "A1.2") == ""
    assert "OP-04" in thin_basis(" ", "A1.2")
    assert "name A1.2" in thin_basis("Something failed.", "A1.2")


def test_op_05_common_criteria_touch_all_categories_and_others_their_own():
    found = propose([UNMET, COMMON], of_type_2=True)[2].modifications
    assert [each.category for each in found] == ["availability", ""]
    assert "all categories" in found[1].basis


FAILS, LIMITS = Modified("failure"), Modified("scope_limit")


@pytest.mark.parametrize(
    ("modifications", "value"),
    [
        ([], "unmodified"),
        ([FAILS], "qualified"),
        ([LIMITS], "qualified"),
        ([FAILS, replace(FAILS, pervasive=True)], "adverse"),
        ([replace(LIMITS, pervasive=True)], "disclaimer"),
        ([replace(LIMITS, pervasive=True), replace(FAILS, pervasive=True)], "adverse"),
    ],
)
def test_the_table_of_causes_and_reach(modifications, value):
    assert carried(modifications) == value
    assert refusal("operation", value, modifications) == ""
    for other in {"unmodified", "qualified", "adverse", "disclaimer"} - {value}:
        assert refusal("operation", other, modifications).startswith("OP-0")


def test_op_01_nobody_decides_before_saying_how_far_it_reaches():
    assert "whether it is pervasive" in refusal("design", "qualified", [Modified("failure", None)])
