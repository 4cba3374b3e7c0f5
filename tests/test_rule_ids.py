"""Every rule of docs/domain/soc.md has a test named after it, and no test a rule that is none.

    python -m tests.test_rule_ids          which tests each rule has

`test_rt_01_04_...` is named after RT-01 and RT-04.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
RULES = ROOT / "docs" / "domain" / "soc.md"
FAMILIES = ("RT", "NR", "TP", "SM", "DV", "OP", "SO", "LK", "CM")
NOT_EXAMINED = {f"CM-0{number}" for number in (1, 2, 3, 5, 6, 7, 8)}  # of the control library
NOT_BUILT = {"LK-02": "how long a file is kept, legal hold and disposal"}
_NAMED = re.compile(rf"(?<=_)({'|'.join(FAMILIES).lower()})((?:_\d\d)+)(?![0-9a-z])")


def rules() -> set[str]:
    """Every id the document speaks of."""
    return set(re.findall(rf"\b(?:{'|'.join(FAMILIES)})-\d\d\b", RULES.read_text("utf-8")))


def written() -> Iterator[tuple[str, str]]:
    """File and name of every test function."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield path.relative_to(ROOT).as_posix(), node.name


def named_after(name: str) -> list[str]:
    """The rules a test's name tells."""
    return [
        f"{family.upper()}-{number}"
        for family, numbers in _NAMED.findall(name)
        for number in re.findall(r"\d\d", numbers)
    ]


def found_by_rule() -> dict[str, list[str]]:
    """The tests of each rule, as `file::name`."""
    found: dict[str, list[str]] = defaultdict(list)
    for path, name in written():
        for rule in named_after(name):
            found[rule].append(f"{path}::{name}")
    return found


def test_every_rule_of_the_examination_has_a_test_of_its_name():
    wanted = rules() - NOT_EXAMINED
    assert len(wanted) == 81
    assert wanted - set(found_by_rule()) == set(NOT_BUILT)


def test_no_test_is_named_after_a_rule_that_is_none():
    assert set(found_by_rule()) <= rules()


def test_a_name_may_tell_several_rules_and_words_are_no_rules():
    assert named_after("test_rt_01_04_hold_and_so_05_too") == ["RT-01", "RT-04", "SO-05"]
    assert named_after("test_part_01_of_2026_op_2026_and_xrt_01") == []


if __name__ == "__main__":
    told = found_by_rule()
    for rule in sorted(rules() - NOT_EXAMINED):
        names = told.get(rule) or [f"none: {NOT_BUILT.get(rule, 'missing')}"]
        sys.stdout.write("\n    ".join([rule, *names]) + "\n")
