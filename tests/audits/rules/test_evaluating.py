"""Sizes and limits by the exact binomial, held against scipy and the published rows."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from scipy.stats import beta, binom

from audits.rules.evaluating import at_most, deviation_rate, is_tolerable, upper_limit
from audits.rules.sizing import statistical_size, statistical_sizes

CASES = 500


@pytest.mark.parametrize(
    ("confidence", "tolerable", "sizes"),
    [
        (90, 10, [22, 38, 52, 65]),
        (90, 5, [45, 77, 105, 132]),
        (95, 10, [29, 46, 61, 76]),
        (95, 5, [59, 93, 124, 153]),
    ],
)
def test_the_published_rows_of_soc_md_section_13(confidence, tolerable, sizes):
    assert statistical_sizes(Decimal(tolerable), Decimal(confidence)) == sizes


def test_chances_are_those_of_scipy():
    chance = random.Random(13)
    for _ in range(CASES):
        tested = chance.randint(1, 400)
        deviating = chance.randint(0, tested)
        rate = Decimal(chance.randint(1, 9_999)) / 10_000
        ours, theirs = (
            float(at_most(deviating, tested, rate)),
            binom.cdf(deviating, tested, float(rate)),
        )
        assert ours == pytest.approx(theirs, rel=1e-8, abs=1e-12), (deviating, tested, rate)


def test_upper_limits_are_those_of_scipy_rounded_up():
    chance = random.Random(14)
    for _ in range(CASES):
        tested = chance.randint(1, 400)
        deviating = chance.randint(0, min(tested - 1, 30)) if tested > 1 else 0
        confidence = chance.randint(50, 99)
        ours = float(upper_limit(tested, deviating, Decimal(confidence)))
        theirs = 100 * beta.ppf(confidence / 100, deviating + 1, tested - deviating)
        assert -1e-7 < ours - theirs < 0.0001 + 1e-7, (tested, deviating, confidence)


def test_sizes_are_the_fewest_that_scipy_lets_pass():
    chance = random.Random(15)
    for _ in range(CASES // 10):
        tolerable, allowed = chance.randint(2, 20), chance.randint(0, 5)
        confidence = chance.randint(80, 99)
        size = statistical_size(Decimal(tolerable), Decimal(confidence), allowed)
        risk = 1 - confidence / 100
        assert binom.cdf(allowed, size, tolerable / 100) <= risk + 1e-12
        assert binom.cdf(allowed, size - 1, tolerable / 100) > risk - 1e-12


def test_one_deviation_of_forty_is_inside_ten_per_cent_and_of_twenty_five_is_not():
    assert round(upper_limit(40, 1, Decimal(90)), 1) == Decimal("9.4")
    limits = {"tolerable": Decimal(10), "confidence": Decimal(90)}
    assert is_tolerable(40, 1, **limits)
    assert not is_tolerable(25, 1, **limits)
    assert deviation_rate(25, 1) == Decimal("4.0000")  # the bare rate would have passed


def test_the_edges():
    assert upper_limit(7, 7, Decimal(90)) == Decimal("100.0000")
    assert upper_limit(1, 0, Decimal(90)) == Decimal("90.0000")
    assert deviation_rate(3, 1) == Decimal("33.3334")
    for tested, deviating in ((0, 0), (5, 6), (5, -1)):
        with pytest.raises(ValueError):
            upper_limit(tested, deviating, Decimal(90))
    with pytest.raises(ValueError, match="more than"):
        statistical_size(Decimal("0.01"), Decimal(95), 0)
