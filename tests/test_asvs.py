"""OWASP ASVS 5.0: every requirement of levels 1 and 2 has its proof (OPS-10)."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAP = ROOT / "docs" / "security" / "asvs.md"
LEVELS_1_AND_2 = """1.1:1-2 1.2:1-9 1.3:1-11 1.4:1-3 1.5:1-2 2.1:1-3 2.2:1-3 2.3:1-4 2.4:1 3.2:1-2
3.3:1-4 3.4:1-6 3.5:1-5 3.7:1-2 4.1:1-3 4.2:1 4.3:1-2 4.4:1-4 5.1:1 5.2:1-3 5.3:1-2 5.4:1-3
6.1:1-3 6.2:1-12 6.3:1-4 6.4:1-4 6.5:1-5 6.6:1-3 6.8:1-4 7.1:1-3 7.2:1-4 7.3:1-2 7.4:1-5
7.5:1-2 7.6:1-2 8.1:1-2 8.2:1-3 8.3:1 8.4:1 9.1:1-3 9.2:1-4 10.1:1-2 10.2:1-2 10.3:1-4
10.4:1-11 10.5:1-5 10.6:1-2 10.7:1-3 11.1:1-2 11.2:1-3 11.3:1-3 11.4:1-4 11.5:1 11.6:1
12.1:1-3 12.2:1-2 12.3:1-4 13.1:1 13.2:1-5 13.3:1-2 13.4:1-5 14.1:1-2 14.2:1-4 14.3:1-3
15.1:1-3 15.2:1-3 15.3:1-7 16.1:1 16.2:1-5 16.3:1-4 16.4:1-3 16.5:1-3 17.1:1 17.2:1-4
17.3:1-2"""
"""Section:first-last, from the published list; what lies between is of level 3."""
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| (.+?) \| (.+) \|$", re.MULTILINE)
CODE = re.compile(r"\b(TEN|ACC|AUT|API|UPL|TSK|AUD|DAT|HDR|SUP|OPS)-(\d+)\b")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
WORDS = re.compile(r"\*\*(?:Decision|None here)\*\*:? (.{8,})")
ROWS = {number: proof for number, _, _, proof in ROW.findall(MAP.read_text(encoding="utf-8"))}


def wanted() -> list[str]:
    """The numbers of all requirements of levels 1 and 2."""
    found = []
    for section in LEVELS_1_AND_2.split():
        name, _, span = section.partition(":")
        first, _, last = span.partition("-")
        found += [f"{name}.{number}" for number in range(int(first), int(last or first) + 1)]
    return found


def names_of_tests() -> frozenset[str]:
    """The names of all test functions there are."""
    return frozenset(
        node.name
        for path in (ROOT / "tests").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


NAMES = names_of_tests()
LISTED = (MAP.parent / "requirements.md").read_text(encoding="utf-8")
"""Codes with the names of their tests, which `tests/test_security_map.py` checks."""


def proven(code: str, names: frozenset[str] = NAMES) -> bool:
    """Whether the name of a test carries `code`, as in `…_aut_10` for AUT-10, or it is listed."""
    mark = code.lower().replace("-", "_")
    return f"| {code} |" in LISTED or any(f"_{mark}_" in f"{name}_" for name in names)


def test_every_requirement_stands_once_in_the_map_ops_10():
    said = [number for number, *_ in ROW.findall(MAP.read_text(encoding="utf-8"))]
    assert len(said) == len(set(said)) == 253
    assert set(said) == set(wanted())


@pytest.mark.parametrize("number", sorted(ROWS))
def test_every_requirement_has_a_test_or_a_decision_ops_10(number):
    proof = ROWS[number]
    codes = ["-".join(parts) for parts in CODE.findall(proof)]
    tests = NAMED.findall(proof)
    assert codes or tests or WORDS.search(proof), "the cell proves nothing"
    assert not (unproven := [code for code in codes if not proven(code)]), unproven
    for path, name in tests:
        assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8")


def test_a_code_that_no_test_carries_is_noticed_ops_10():
    names = frozenset({"test_codes_count_once_aut_10"})
    assert proven("AUT-10", names)
    assert not proven("AUT-1", names)
