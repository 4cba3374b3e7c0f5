"""A grid goes into a spreadsheet and comes back; what does not fit is named by line and column."""

from __future__ import annotations

import pytest

from audits.rules import grid_text


def test_a_grid_comes_back_as_it_went():
    text = grid_text.written(["A", "B"], [(1, ["pass", ""]), (2, ["deviation", "na"])])
    assert text == "Item\tA\tB\n1\tP\t\n2\tD\tN"
    assert grid_text.read(text, ["A", "B"], [1, 2]) == {
        (1, "A"): "pass", (2, "A"): "deviation", (2, "B"): "na",
    }  # fmt: skip


def test_people_spell_results_in_their_ways():
    text = "Item\tA\n1\tPass\n2\tfail\n3\tn/a\n4\t\u2713"
    found = grid_text.read(text, ["A"], [1, 2, 3, 4])
    assert list(found.values()) == ["pass", "deviation", "na", "pass"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "nothing to read"),
        ("Item\tC\n1\tp", "Line 1, column 2: “C”"),
        ("Item\tA\tA\n1\tp\tp", "an attribute twice"),
        ("Item\tA\n9\tp", "Line 2: “9” is no item"),
        ("Item\tA\nx\tp", "Line 2: “x” is no item"),
        ("Item\tA\n1\tp\td", "Line 2 has more columns"),
        ("Item\tA\n\n1\tmaybe", "Line 3, column 2: “maybe”"),
        ("Item\tA\n1\tp\n1\td", "Line 3: item 1 stands there twice"),
    ],
)
def test_what_does_not_fit_is_named_by_its_place(text, said):
    with pytest.raises(ValueError, match=said):
        grid_text.read(text, ["A", "B"], [1, 2])
