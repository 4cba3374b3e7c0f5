"""How many items of a population are tested: the firm's table, and what statistics would ask.

Nobody prescribes sizes; firms publish tables (soc.md, section 13). The row of the table that was
used goes into the sample's record.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from audits.rules.evaluating import at_most
from audits.rules.firm_tables import MOST_ITEMS, SampleSizes

RISKS: Final = ("low", "standard", "high")
"""In the order of a table's three columns."""
COUNTED: Final = "event_driven"
AUTOMATED: Final = ("continuous", "automated")


@dataclass(frozen=True, slots=True)
class Sized:
    """A sample's size, and the line of the table it was read from."""

    size: int
    row: dict[str, Any]


def size_of(frequency: str, nature: str, risk: str, rows: int, table: SampleSizes) -> Sized:
    """The size the table asks for: never more than there are `rows`; 0 for an empty population.

    `frequency`, `nature`, `risk`: values of ControlFrequency, ControlNature and a plan's risk.
    Raises ValueError for a word the table does not know.
    """
    if nature == AUTOMATED[1] or frequency == AUTOMATED[0]:
        line, wanted = "automated", _column(table.automated, risk)
    elif frequency == COUNTED:
        line, wanted = COUNTED, _of_events(rows, risk, table)
    else:
        line = frequency
        wanted = _column(getattr(table, _known(frequency)), risk)
    return Sized(
        min(rows, wanted),
        {"line": line, "risk": risk, "rows": rows, "table_says": wanted, **_copied(line, table)},
    )


def statistical_size(tolerable: Decimal, confidence: Decimal, allowed: int) -> int:
    """The fewest items of which `allowed` may deviate, all in per cent, by the exact binomial.

    Raises ValueError where more than the most a sample holds would be needed.
    """
    rate, chance = tolerable / 100, (100 - confidence) / 100
    low, high = allowed, MOST_ITEMS  # `low` items are too few
    if at_most(allowed, high, rate) > chance:
        raise ValueError(f"more than {MOST_ITEMS:,} items")
    while high - low > 1:
        middle = (low + high) // 2
        if at_most(allowed, middle, rate) <= chance:
            high = middle
        else:
            low = middle
    return high


def statistical_sizes(tolerable: Decimal, confidence: Decimal, most: int = 3) -> list[int]:
    """Sizes for 0, 1 … `most` deviations allowed; a shorter list where they grow too large."""
    sizes = []
    for allowed in range(most + 1):
        try:
            sizes.append(statistical_size(tolerable, confidence, allowed))
        except ValueError:
            break
    return sizes


def _of_events(rows: int, risk: str, table: SampleSizes) -> int:
    """The size for events that were counted."""
    if rows < table.all_below:
        wanted = rows
    elif rows < table.share_from:
        wanted = table.few
    elif rows < table.most_from:
        wanted = -(-rows * table.share_percent // 100)
    else:
        wanted = table.most
    if risk != "high":
        return wanted
    return min(-(-wanted * table.higher_percent // 100), table.higher_most)


def _column(sizes: tuple[int, int, int], risk: str) -> int:
    return sizes[RISKS.index(risk)]


def _known(frequency: str) -> str:
    if frequency not in SampleSizes.__dataclass_fields__ or frequency in ("few", "most"):
        raise ValueError(f"no line for {frequency}")
    return frequency


def _copied(line: str, table: SampleSizes) -> dict[str, Any]:
    """The line of the table itself, as it stood."""
    if line != COUNTED:
        return {"sizes": list(getattr(table, line))}
    names = (
        "all_below", "few", "share_from", "share_percent", "most_from", "most",
        "higher_percent", "higher_most",
    )  # fmt: skip
    return {name: getattr(table, name) for name in names}
