"""What is proposed for controls and scope items, rule by rule (soc.md, section 14)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from audits.rules.conclusions import (
    ControlFacts,
    Outcome,
    needs_reason,
    no_support,
    propose_control,
    propose_item,
)
from audits.rules.firm_tables import Evaluation

DAILY = ControlFacts(
    "CC-01", "daily", design="suitably_designed", operation=("no_deviations",), tested=25
)
ONE = replace(DAILY, operation=("deviations",), deviating=1, natures=("isolated",))
TABLE = Evaluation()


@pytest.mark.parametrize(
    ("facts", "value", "says"),
    [
        (DAILY, "effective", "No deviation"),
        (replace(DAILY, design=""), "not_tested", "design is not concluded"),
        (replace(DAILY, design_fails=True), "not_effective", "TP-03"),
        (replace(DAILY, falls_with=("CC-09",)), "not_effective", "DV-06"),
        (replace(DAILY, operation=("",)), "not_tested", "not concluded"),
        (replace(DAILY, operation=()), "not_tested", "not tested"),
        (replace(DAILY, operation=("no_occurrence",), tested=0), "no_occurrence", "RP-04"),
        (replace(DAILY, of_type_2=False, operation=(), tested=0), "effective", "Suitably"),
        (ONE, "not_effective", "may grow once"),
        (replace(ONE, tested=40, expanded=True), "effective_with_deviations", "9.4 %"),
        (replace(ONE, tested=40, expanded=True, deviating=2, natures=("isolated",) * 2),
         "not_effective", "DV-03"),
        (replace(ONE, tested=60), "effective_with_deviations", "cause is understood"),
        (replace(ONE, tested=60, natures=("systematic",)), "not_effective", "systematic"),
        (replace(ONE, tested=60, natures=("unknown",)), "not_effective", "not understood"),
        (replace(ONE, tested=60, natures=("",)), "not_effective", "not understood"),
        (replace(ONE, frequency="monthly", tested=3), "not_effective", "few instances"),
        (replace(ONE, frequency="weekly", tested=52, everything=True),
         "effective_with_deviations", "Every instance"),
        (replace(ONE, frequency="monthly", tested=6, everything=True), "not_effective",
         "Every instance"),
        (replace(DAILY, natures=("isolated",)), "effective_with_deviations", "8.8 %"),
    ],
)  # fmt: skip
def test_a_control_is_proposed_by_its_deviations_and_their_cause(facts, value, says):
    found = propose_control(facts, TABLE)
    assert (found.value, says in found.why) == (value, True), found


def test_the_upper_limit_decides_and_not_the_bare_rate():
    found = propose_control(ONE, TABLE)
    assert found.rate == Decimal("4.0000")
    assert found.limit is not None
    assert found.rate < TABLE.tolerable_rate < found.limit
    generous = Evaluation(tolerable_rate=Decimal(20))
    assert propose_control(ONE, generous).value == "effective_with_deviations"


GOOD, LESS = Outcome("A", True, "effective"), Outcome("B", True, "effective_with_deviations")
BAD = Outcome("C", True, "not_effective")
CAUGHT = replace(BAD, compensated=True)


@pytest.mark.parametrize(
    ("outcomes", "value"),
    [
        ([GOOD], "met"),
        ([GOOD, LESS], "met_with_deviations"),
        ([GOOD, BAD], "met_with_deviations"),
        ([BAD], "not_met"),
        ([BAD, replace(GOOD, key=False)], "not_met"),
        ([CAUGHT, replace(GOOD, key=False)], "met_with_deviations"),
        ([replace(GOOD, value="no_occurrence")], "met"),
        ([replace(GOOD, value="not_tested")], "not_determinable"),
        ([replace(GOOD, value="")], "not_determinable"),
        ([replace(BAD, value="superseded"), GOOD], "met"),
        ([], "not_determinable"),
    ],
)
def test_dv_05_an_item_is_proposed_from_its_controls(outcomes, value):
    assert propose_item(outcomes).value == value
    assert no_support(outcomes) == (value == "not_met")


def test_a_failed_control_beside_others_asks_for_words():
    assert needs_reason("met", "met", [GOOD]) == ""
    assert "otherwise" in needs_reason("met", "not_met", [GOOD])
    assert "others give" in needs_reason("met_with_deviations", "met_with_deviations", [GOOD, BAD])
