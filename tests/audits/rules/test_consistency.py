"""CM-04: the same control told or done differently, as a list that names the cure."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from uuid import UUID

import pytest

from audits.rules.consistency import (
    ControlInLibrary,
    ControlTaken,
    in_the_engagement,
    in_the_library,
)
from audits.rules.narrative_likeness import shingles_of

TEXT = "Each month the CISO compares the account list of Okta with the HRIS and signs it."
ONE = ControlInLibrary(
    UUID(int=1), "AC-1", "monthly", TEXT, ("Okta", "HRIS"), True, shingles_of(TEXT)
)
TAKEN = ControlTaken(UUID(int=2), "AC-1", 2, 2, (2,))


def kinds(lines):
    return [line.kind for line in lines]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"frequency": "annual"}, "frequency"),
        ({"systems": ()}, "no_system"),
        ({"systems": ("Okta",)}, "unlisted_system"),
        ({"is_mapped": False}, "unmapped"),
    ],
)
def test_cm_04_a_control_that_disagrees_with_itself_is_listed(change, kind):
    inventory = ("Okta", "HRIS")
    assert in_the_library([ONE], inventory) == []
    found = in_the_library([replace(ONE, **change)], inventory)
    assert kind in kinds(found)
    assert all(line.key == ONE.key and line.cure for line in found if line.about == "control")


def test_cm_04_a_system_without_a_control_is_listed():
    assert in_the_library([ONE], ["okta", "HRIS"]) == []
    (line,) = in_the_library([ONE], ["Okta", "HRIS", "Vault"])
    assert (line.kind, line.subject, line.key) == ("idle_system", "Vault", None)


def test_cm_04_two_controls_told_by_the_same_words_are_listed_once():
    again = replace(ONE, key=UUID(int=3), ref="AC-2")
    (line,) = in_the_library([ONE, again], ["Okta", "HRIS"])
    assert (line.kind, line.subject) == ("told_twice", "AC-2")
    assert "like AC-1" in line.text
    other = replace(again, runs=shingles_of("Something else is told here altogether."))
    assert in_the_library([ONE, other], ["Okta", "HRIS"]) == []


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"library_number": None}, "retired"),
        ({"library_number": 3}, "moved_on"),
        ({"differs": True}, "walked_otherwise"),
        ({"walked": (1,)}, "walked_before"),
    ],
)
def test_cm_04_a_copy_that_disagrees_with_the_library_or_the_walk_is_listed(change, kind):
    assert in_the_engagement([TAKEN, replace(TAKEN, walked=())]) == []
    assert kinds(in_the_engagement([replace(TAKEN, **change)])) == [kind]


def test_a_library_of_thousands_is_compared_in_seconds():
    texts = [f"{TEXT} It is control number {n} of lot {n % 700}." for n in range(2_000)]
    many = [
        replace(ONE, key=UUID(int=n), ref=f"C-{n}", runs=shingles_of(text))
        for n, text in enumerate(texts)
    ]
    began = perf_counter()
    in_the_library(many, ["Okta", "HRIS"])
    assert perf_counter() - began < 5
