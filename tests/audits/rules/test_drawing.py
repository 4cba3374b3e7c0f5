"""Draws that anybody can repeat (SM-05, SM-06, SM-11)."""

from __future__ import annotations

import random
import runpy
import sys
from datetime import date
from hashlib import sha256
from pathlib import Path

from audits.rules.drawing import drawn, systematic
from audits.rules.population_rows import Layout, Rows

SCRIPT = Path(__file__).parents[3] / "docs/domain/repeat-a-draw.py"
SEED = "00112233445566778899aabbccddeeff"
PERIOD = (date(2025, 10, 1), date(2026, 9, 30))
STRANGE = ["ÄÖ-1", 'with "quotes"', "a,b", "  ", "x|y", "日本", "=1+1", "7"]


def population_of(chance, size):
    """The frozen text of a population of random rows, its keys, its hash."""
    rows = Rows(("Ticket", "Note"), Layout(("Ticket",)), PERIOD)
    keys = [f"{chance.choice(STRANGE).strip() or 'k'}{number}" for number in range(size)]
    content, held = b"", b""
    for key in keys:
        rows.write((key, chance.choice(["", "line\nbreak", 'said "so"', "a,b"])))
    chunk = rows.rest()
    content, held = chunk.content, chunk.keys
    assert held.decode().splitlines() == keys
    return content, held.splitlines(), sha256(content).hexdigest()


def test_sm_05_an_independent_script_repeats_a_hundred_draws(tmp_path, monkeypatch, capsys):
    chance = random.Random(5)
    for number in range(100):
        size = chance.randint(1, 80)
        count = chance.randint(1, size)
        content, keys, sha = population_of(chance, size)
        seed = f"{chance.getrandbits(128):032x}"
        path = tmp_path / f"{number}.csv"
        path.write_bytes(content)
        monkeypatch.setattr(sys, "argv", [str(SCRIPT), str(path), seed, str(count)])
        runpy.run_path(str(SCRIPT), run_name="__main__")
        told = capsys.readouterr().out
        assert told.split("\n")[:-1] == [key for _, key in drawn(keys, seed, sha, count)]


def test_sm_05_the_seed_the_population_and_every_key_decide():
    keys = [f"K{number}".encode() for number in range(500)]
    first = drawn(keys, SEED, "a" * 64, 25)
    assert drawn(keys, SEED, "a" * 64, 25) == first
    assert drawn(keys, SEED[::-1], "a" * 64, 25) != first
    assert drawn(keys, SEED, "b" * 64, 25) != first
    assert len({row for row, _ in first}) == 25
    assert all(keys[row - 1].decode() == key for row, key in first)


def test_sm_11_an_expansion_takes_the_next_items_of_the_same_list():
    keys = [f"K{number}".encode() for number in range(500)]
    whole = drawn(keys, SEED, "a" * 64, 40)
    first = whole[:25]
    more = drawn(keys, SEED, "a" * 64, 15, but=[row for row, _ in first])
    assert [*first, *more] == whole


def test_sm_06_even_steps_from_a_start_the_seed_decides():
    found = systematic(1_000, SEED, 10)
    start = int.from_bytes(sha256(SEED.encode()).digest(), "big") % 1_000
    assert found == [(start + step * 100) % 1_000 + 1 for step in range(10)]
    assert sorted(systematic(7, SEED, 7)) == [1, 2, 3, 4, 5, 6, 7]
    assert len(set(systematic(1_000_000, SEED, 2_000))) == 2_000
