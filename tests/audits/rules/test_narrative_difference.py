"""Two versions side by side: what was taken out and what came in."""

from __future__ import annotations

from time import perf_counter

from hypothesis import given
from hypothesis import strategies as st

from audits.rules.narrative_difference import compare

PROSE = st.lists(st.sampled_from(["a", "b", "the list.", "Okta,", "\n\n", " "]), max_size=40)


def test_a_changed_word_is_shown_on_both_sides():
    found = compare("Reviewed each month by the CISO.", "Reviewed each quarter by the new CISO.")
    assert [piece.text for piece in found.before if piece.changed] == [" month"]
    assert [piece.text for piece in found.after if piece.changed] == [" quarter", " new"]
    assert (found.removed, found.added) == (1, 2)


def test_the_same_words_with_other_white_space_are_no_change():
    found = compare("One two\nthree.", "One  two three.")
    assert (found.removed, found.added) == (0, 0)


@given(PROSE, PROSE)
def test_the_pieces_join_to_the_whole_texts(before, after):
    old, new = "".join(before).rstrip(), "".join(after).rstrip()
    found = compare(old, new)
    assert "".join(piece.text for piece in found.before) == old
    assert "".join(piece.text for piece in found.after) == new


def test_long_and_repeating_texts_are_compared_at_once():
    began = perf_counter()
    found = compare("a b a c. " * 600, "b a c a. " * 600)
    compare("a b " * 200, "b a a " * 133)
    compare("a. " * 6_000, "a. b. " * 3_000)
    assert perf_counter() - began < 3
    assert found.removed
