"""The trail as a package carries it: one JSON object a line, each bound to the last."""

from __future__ import annotations

import hashlib
import json

import pytest

from evidence.rules.package_trail import trail_lines


def test_each_line_names_the_hash_of_the_line_before_it():
    content, head = trail_lines({"verb": "uploaded", "place": n} for n in range(3))
    lines = content.splitlines(keepends=True)
    assert [json.loads(line)["place"] for line in lines] == [0, 1, 2]
    previous = [json.loads(line)["previous"] for line in lines]
    assert previous == ["0" * 64, *(hashlib.sha256(line).hexdigest() for line in lines[:2])]
    assert head == hashlib.sha256(lines[2]).hexdigest()


def test_no_entries_are_no_lines():
    assert trail_lines([]) == (b"", "0" * 64)


@pytest.mark.parametrize(
    "text", ["two\nlines", '","previous":"', "\u2028", "\x1b[2J", "\u202e", "\u00e9"]
)
def test_no_text_in_an_entry_can_make_another_line(text):
    content, _ = trail_lines([{"note": text}])
    assert content.count(b"\n") == 1
    assert content.isascii()
    assert json.loads(content)["note"] == text


def test_an_entry_cannot_bring_its_own_link():
    with pytest.raises(ValueError, match="previous"):
        trail_lines([{"previous": "x"}])
