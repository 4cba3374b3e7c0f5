"""How many items the firm's table asks for (soc.md, section 13)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from audits.rules.firm_tables import Evaluation, SampleSizes, content_of
from audits.rules.sizing import size_of
from tenants.errors import Invalid

TABLE = SampleSizes()
MANY = 5_000


@pytest.mark.parametrize(
    ("frequency", "sizes"),
    [
        ("annual", (1, 1, 1)),
        ("semiannual", (1, 2, 2)),
        ("quarterly", (2, 2, 3)),
        ("monthly", (2, 3, 5)),
        ("weekly", (5, 5, 10)),
        ("daily", (20, 25, 40)),
        ("multiple_daily", (25, 25, 60)),
        ("event_driven", (25, 25, 40)),
        ("continuous", (1, 1, 2)),
    ],
)
def test_the_platforms_own_table(frequency, sizes):
    found = [
        size_of(frequency, "manual", risk, MANY, TABLE).size for risk in ("low", "standard", "high")
    ]
    assert tuple(found) == sizes


@pytest.mark.parametrize(
    ("rows", "standard", "high"),
    [
        (0, 0, 0),
        (4, 4, 4),
        (5, 5, 5),
        (49, 5, 8),
        (50, 5, 8),
        (51, 6, 10),
        (249, 25, 40),
        (250, 25, 40),
        (1_000_000, 25, 40),
    ],
)
def test_events_that_are_counted(rows, standard, high):
    assert size_of("event_driven", "manual", "standard", rows, TABLE).size == standard
    assert size_of("event_driven", "manual", "high", rows, TABLE).size == high


def test_never_more_than_there_are_and_the_row_of_the_table_is_kept():
    sized = size_of("daily", "manual", "high", 30, TABLE)
    assert sized.size == 30
    assert sized.row == {
        "line": "daily", "risk": "high", "rows": 30, "table_says": 40, "sizes": [20, 25, 40],
    }  # fmt: skip
    assert size_of("event_driven", "manual", "low", 60, TABLE).row["share_percent"] == 10


def test_tp_06_one_of_each_configuration_of_an_automated_control():
    assert size_of("daily", "automated", "standard", MANY, TABLE).size == 1
    assert size_of("daily", "automated", "high", MANY, TABLE).size == 2
    with pytest.raises(ValueError, match="fortnightly"):
        size_of("fortnightly", "manual", "standard", MANY, TABLE)


def test_a_firm_sets_its_own_lines():
    table = SampleSizes.read({"daily": [25, 30, 45], "most": 30})
    assert size_of("daily", "manual", "high", MANY, table).size == 45
    assert size_of("event_driven", "manual", "standard", 400, table).size == 30
    assert SampleSizes.read(content_of(table)) == table
    judged = Evaluation.read({"tolerable_rate": "5.00", "confidence": 95})
    assert judged == Evaluation(Decimal(5), Decimal(95))
    assert Evaluation.read(content_of(judged)) == judged


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"daily": [25, 20, 45]}, "daily"),
        ({"daily": [25, 45]}, "daily"),
        ({"daily": "25"}, "daily"),
        ({"weekly": [0, 1, 2]}, "weekly"),
        ({"weekly": [1, 2, 2_001]}, "weekly"),
        ({"most": 2.5}, "most"),
        ({"most": True}, "most"),
        ({"all_below": 300}, "share_from"),
        ({"fortnightly": [1, 1, 1]}, "fortnightly"),
    ],
)
def test_a_line_that_makes_no_sense_is_refused_by_its_name(content, field):
    with pytest.raises(Invalid) as refused:
        SampleSizes.read(content)
    assert refused.value.field == field


@pytest.mark.parametrize("value", ["", "x", "NaN", "0.5", "51", 10.5, True, None, "5.001", "1e400"])
def test_a_rate_that_makes_no_sense_is_refused(value):
    with pytest.raises(Invalid) as refused:
        Evaluation.read({"tolerable_rate": value})
    assert refused.value.field == "tolerable_rate"
