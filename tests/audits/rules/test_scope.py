"""What categories mean, and what a change of scope does, before anything is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.catalog import rows
from audits.rules import scope
from tenants.choices import Basis
from tenants.errors import Invalid, Refused


class Criterion:
    def __init__(self, row):
        self.identifier = row["identifier"]
        self.category = row["category"].lower().replace(" ", "_")
        self.common = row["common"] == "true"


ALL = [Criterion(row) for row in rows("trust-services-criteria")]
IDENTIFIERS = [criterion.identifier for criterion in ALL]


@pytest.mark.parametrize(
    ("categories", "count"),
    [
        (["security"], 33),
        (["availability"], 36),
        (["security", "confidentiality"], 35),
        (["processing_integrity"], 38),
        (["security", "privacy"], 51),
        (["security", "availability", "confidentiality", "processing_integrity", "privacy"], 61),
    ],
)
def test_rt_04_common_criteria_come_with_every_choice(categories, count):
    assert len(scope.in_scope(ALL, categories)) == count


@given(*(st.lists(st.sampled_from(IDENTIFIERS), unique=True) for _ in range(2)))
def test_a_change_adds_and_removes_exactly_the_difference(before, after):
    change = scope.scope_change(before, after, used=dict.fromkeys(IDENTIFIERS[:20], 2))
    assert set(before) - set(change.removed) | set(change.added) == set(after)
    assert not set(change.added) & set(before)
    assert set(change.orphaned) == set(change.removed) & set(IDENTIFIERS[:20])
    assert change.is_empty == (set(before) == set(after))


def test_a_refusal_lists_what_would_be_orphaned():
    change = scope.scope_change(["A1.1", "A1.2"], [], used={"A1.1": 1, "A1.2": 3})
    with pytest.raises(Refused, match=r"A1\.1 \(1 use\), A1\.2 \(3 uses\)"):
        scope.refuse_orphans(change)
    scope.refuse_orphans(scope.scope_change(["A1.1"], []))


def test_rt_02_and_rt_03_name_the_cure():
    with pytest.raises(Invalid, match=r"RT-02.*control objective, or open a SOC 2"):
        scope.refuse_other_basis(Basis.OBJECTIVE, Basis.CRITERION)
    with pytest.raises(Invalid, match=r"RT-03.*trust services criterion, or open a SOC 1"):
        scope.refuse_other_basis(Basis.CRITERION, Basis.OBJECTIVE)
    scope.refuse_other_basis(Basis.CRITERION, Basis.CRITERION)
