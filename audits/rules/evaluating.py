"""What deviations in a sample say of the whole: rate and upper limit, by the exact binomial.

No approximation: each probability is summed at sixty digits, whose error lies far below the four
places that are kept. Rates and limits are per cent, rounded up, so that none looks better than it
is. Source: soc.md, sections 13 and 14.
"""

from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, ROUND_CEILING, Context, Decimal, localcontext
from typing import Final

PLACES: Final = Decimal("0.0001")
STEPS: Final = 1_000_000
"""Steps between 0 and 100 per cent, at four places."""
EXACT: Final = Context(prec=60, Emin=MIN_EMIN, Emax=MAX_EMAX)


def at_most(deviating: int, tested: int, rate: Decimal) -> Decimal:
    """The chance of so many deviations or fewer, where `rate` (0 to 1) of all deviate.

    `rate` below 1. Raises ValueError for counts that make no sense.
    """
    _refuse_nonsense(tested, deviating)
    with localcontext(EXACT):
        term = total = (1 - rate) ** tested
        odds = rate / (1 - rate)
        for count in range(1, deviating + 1):
            term *= odds * (tested - count + 1) / count
            total += term
        return total


def deviation_rate(tested: int, deviating: int) -> Decimal:
    """Deviations of the items tested, in per cent. Raises ValueError when nothing was tested."""
    _refuse_nonsense(tested, deviating)
    return (Decimal(deviating) * 100 / tested).quantize(PLACES, ROUND_CEILING)


def upper_limit(tested: int, deviating: int, confidence: Decimal) -> Decimal:
    """The highest rate in per cent that the sample still allows, `confidence` per cent sure.

    Clopper and Pearson's, one-sided: the smallest step at which so few deviations would be
    seen with a chance of no more than 100 - confidence. Raises ValueError.
    """
    _refuse_nonsense(tested, deviating)
    if deviating == tested:
        return Decimal("100.0000")
    chance = (100 - confidence) / 100
    low, high = 0, STEPS  # at `low` the chance is above, at `high` it is not
    while high - low > 1:
        middle = (low + high) // 2
        if at_most(deviating, tested, Decimal(middle) / STEPS) <= chance:
            high = middle
        else:
            low = middle
    return (Decimal(high) * 100 / STEPS).quantize(PLACES)


def is_tolerable(tested: int, deviating: int, *, tolerable: Decimal, confidence: Decimal) -> bool:
    """Whether the upper limit, never the bare rate, lies within what is tolerated."""
    return upper_limit(tested, deviating, confidence) <= tolerable


def _refuse_nonsense(tested: int, deviating: int) -> None:
    if tested < 1:
        raise ValueError("nothing was tested")
    if not 0 <= deviating <= tested:
        raise ValueError("deviations are some of the items tested")
