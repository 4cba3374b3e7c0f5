"""Who may sign what after whom: SO-02, SO-03, SO-04, SO-06, and what differs."""

from __future__ import annotations

from uuid import UUID

import pytest

from audits.rules.sign_offs import Change, Signed, differences, missing_levels, refusal

ANN, BEN, CYD = (UUID(int=n) for n in (1, 2, 3))
TWO, THREE = ("prepared", "reviewed"), ("prepared", "reviewed", "partner_reviewed")


def signed(level, who=ANN, role="staff", current=True):
    return Signed(level, who, role, current)


def asked(level, who, role, *before, levels=THREE, reviewer="senior"):
    return refusal(level, levels=levels, signer=who, role=role, signed=before, reviewer=reviewer)


@pytest.mark.parametrize(
    ("prepared_by", "reviewer", "allowed"),
    [
        ("staff", "senior", True), ("staff", "manager", True), ("staff", "partner", True),
        ("specialist", "senior", True), ("senior", "senior", False), ("senior", "manager", True),
        ("manager", "manager", False), ("manager", "partner", True), ("partner", "partner", False),
        ("staff", "staff", False),
    ],
)  # fmt: skip
def test_so_02_a_reviewer_is_of_a_higher_grade(prepared_by, reviewer, allowed):
    said = asked("reviewed", BEN, reviewer, signed("prepared", role=prepared_by), levels=TWO)
    assert (said == "") is allowed
    assert allowed or said.startswith("SO-02")


def test_so_02_one_person_signs_one_level_also_when_the_first_is_stale():
    for current in (True, False):
        before = signed("prepared", ANN, "senior", current)
        assert "SO-02" in asked("reviewed", ANN, "manager", before)
    assert asked("prepared", ANN, "senior", signed("prepared", ANN, "senior", False)) == ""


def test_so_02_a_partner_alone_reviews_what_a_manager_prepared():
    both = (signed("prepared", ANN, "manager"), signed("reviewed", BEN, "partner"))
    assert missing_levels(THREE, both) == ()
    assert missing_levels(THREE, (both[0], signed("reviewed", BEN, "manager"))) == (
        "partner_reviewed",
    )


def test_so_03_a_quality_reviewer_signs_their_own_and_nothing_else():
    assert asked("eqr", CYD, "quality_reviewer", levels=("eqr",)) == ""
    assert "SO-03" in asked("eqr", CYD, "partner", levels=("eqr",))
    assert "SO-03" in asked("prepared", CYD, "quality_reviewer")


def test_so_04_prepared_then_reviewed_then_the_partner_each_as_it_is_now():
    assert "SO-04" in asked("reviewed", BEN, "manager")
    assert "SO-04" in asked("reviewed", BEN, "manager", signed("prepared", current=False))
    prepared = signed("prepared")
    assert "SO-04" in asked("partner_reviewed", CYD, "partner", prepared)
    reviewed = signed("reviewed", BEN, "manager")
    assert asked("partner_reviewed", CYD, "partner", prepared, reviewed) == ""


def test_so_06_the_last_level_is_the_partner_s_and_a_level_a_paper_has_not_is_nobody_s():
    before = (signed("prepared"), signed("reviewed", BEN, "senior"))
    assert "SO-06" in asked("partner_reviewed", CYD, "manager", *before)
    assert asked("partner_reviewed", CYD, "partner", *before) == ""
    assert "is not quality reviewed" in asked("eqr", CYD, "quality_reviewer")


def test_some_papers_are_reviewed_by_a_manager_at_least():
    before = signed("prepared")
    assert "manager or above" in asked("reviewed", BEN, "senior", before, reviewer="manager")
    assert asked("reviewed", BEN, "manager", before, reviewer="manager") == ""


def test_differences_name_the_place_and_both_values():
    before = {"a": 1, "b": {"c": "x"}, "d": [1, 2], "e": None}
    after = {"a": 1, "b": {"c": "y"}, "d": [1, 2, 3], "e": ""}
    assert differences(before, after) == [
        Change("b.c", "x", "y"), Change("d.3", None, 3), Change("e", None, ""),
    ]  # fmt: skip
    assert differences(before, before) == []
