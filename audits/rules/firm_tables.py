"""The tables a firm may set for itself: what they hold, and what holds where it set none.

Number 0 of each is the platform's (soc.md, section 13); the number used is stamped where it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Self

from tenants.errors import Invalid

MOST_ITEMS: Final = 2_000
"""More sample items than this no table asks for, and no sample holds."""


@dataclass(frozen=True, slots=True)
class SampleSizes:
    """How many items are tested, by frequency: three sizes for lower, standard, higher risk.

    Where events are counted: all below `all_below` rows, `few` up to `share_from`, then a share in
    per cent, and `most` from `most_from` on; `higher_percent` of that at higher risk, up to
    `higher_most`. `automated` is per configuration (TP-06).
    """

    annual: tuple[int, int, int] = (1, 1, 1)
    semiannual: tuple[int, int, int] = (1, 2, 2)
    quarterly: tuple[int, int, int] = (2, 2, 3)
    monthly: tuple[int, int, int] = (2, 3, 5)
    weekly: tuple[int, int, int] = (5, 5, 10)
    daily: tuple[int, int, int] = (20, 25, 40)
    multiple_daily: tuple[int, int, int] = (25, 25, 60)
    automated: tuple[int, int, int] = (1, 1, 2)
    all_below: int = 5
    few: int = 5
    share_from: int = 50
    share_percent: int = 10
    most_from: int = 250
    most: int = 25
    higher_percent: int = 160
    higher_most: int = 60

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> Self:
        """The table as somebody sets it. Raises Invalid naming the field."""
        _refuse_strange(cls, content)
        given: dict[str, Any] = {}
        for each in fields(cls):
            value = content.get(each.name, each.default)
            if isinstance(each.default, tuple):
                given[each.name] = _three(each.name, value)
            else:
                given[each.name] = _whole(each.name, value)
        table = cls(**given)
        if not table.all_below <= table.share_from <= table.most_from:
            raise Invalid(
                "The numbers of rows must rise: all below, then a share from, then the most from.",
                code="bands_fall", field="share_from",
            )  # fmt: skip
        return table


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What deviations are judged by, in per cent: the rate one tolerates, and how sure one is."""

    tolerable_rate: Decimal = Decimal(10)
    confidence: Decimal = Decimal(90)

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> Self:
        """The table as somebody sets it. Raises Invalid naming the field."""
        _refuse_strange(cls, content)
        return cls(
            tolerable_rate=_percent("tolerable_rate", content.get("tolerable_rate", 10), 1, 50),
            confidence=_percent("confidence", content.get("confidence", 90), 50, 99),
        )


Values = SampleSizes | Evaluation
KINDS: Final[dict[str, Callable[[Mapping[str, Any]], Values]]] = {
    "sample_sizes": SampleSizes.read,
    "evaluation": Evaluation.read,
}
"""Kind of table → how its content is read."""


def content_of(values: Values) -> dict[str, Any]:
    """A table as it is kept: numbers and lists of numbers, a share in per cent as text."""
    return {
        name: format(value, "f") if isinstance(value, Decimal)
        else list(value) if isinstance(value, tuple) else value
        for name, value in asdict(values).items()
    }  # fmt: skip


def _refuse_strange(table: type[Values], content: Mapping[str, Any]) -> None:
    known = {each.name for each in fields(table)}
    for name in content:
        if name not in known:
            raise Invalid("The table has no such line.", code="unknown", field=str(name)[:40])


def _whole(field: str, value: Any) -> int:
    """A whole number from 1 to the most. Raises Invalid."""
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_ITEMS:
        return value
    raise Invalid(
        f"Give a whole number from 1 to {MOST_ITEMS:,}.", code="out_of_range", field=field
    )


def _three(field: str, value: Any) -> tuple[int, int, int]:
    """Sizes for lower, standard and higher risk, none smaller than the one before."""
    if not isinstance(value, list | tuple) or len(value) != 3:
        raise Invalid(
            "Give three sizes: lower, standard and higher risk.", code="not_three", field=field
        )
    low, standard, high = (_whole(field, each) for each in value)
    if not low <= standard <= high:
        raise Invalid("A higher risk never asks for fewer items.", code="sizes_fall", field=field)
    return low, standard, high


def _percent(field: str, value: Any, least: int, most: int) -> Decimal:
    """A share in per cent, with at most two places. Raises Invalid."""
    refusal = Invalid(
        f"Give a number from {least} to {most}, with at most two places.",
        code="out_of_range", field=field,
    )  # fmt: skip
    if not isinstance(value, int | str | Decimal) or isinstance(value, bool):
        raise refusal
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise refusal from None
    if not number.is_finite() or not least <= number <= most or number != round(number, 2):
        raise refusal
    return number
