"""docs/security/requirements.md names, for each requirement, tests there are or a decision."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "security" / "requirements.md"
ROW = re.compile(r"^\| ([A-Z]{2,4}-\d+) \|([^|]*)\|([^|]*)\|$", re.MULTILINE)
DECISION = re.compile(r"\]\((\.\./decisions/[\w.-]+\.md)\)")
ROWS = ROW.findall(PAGE.read_text(encoding="utf-8"))
TESTS = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(
        r"^(?:async )?def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE
    )
}
MAPPED = {
    *(f"HDR-{number}" for number in range(1, 11)), *(f"OPS-{number}" for number in range(1, 6)),
    *(f"SUP-{number}" for number in range(1, 6)), *(f"UPL-{number}" for number in range(12, 17)),
    "API-1", "API-2", "API-3", "API-8", "API-9", "API-11", "DAT-9",
}  # fmt: skip


def test_every_requirement_is_there_once() -> None:
    codes = [code for code, _, _ in ROWS]
    assert len(codes) == len(set(codes))
    assert set(codes) >= MAPPED
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    heads = [line for line in lines if line.startswith(("| Code", "|---"))]
    assert len(ROWS) + len(heads) == len(lines), "a row that cannot be read"


@pytest.mark.parametrize(("code", "about", "proof"), ROWS, ids=[row[0] for row in ROWS])
def test_a_requirement_is_proved_by_tests_there_are_or_by_a_decision(
    code: str, about: str, proof: str
) -> None:
    named = re.findall(r"`(test_\w+)`", proof)
    decided = DECISION.findall(proof)
    assert about.strip()
    assert named or decided, "an empty cell"
    assert not [name for name in named if name not in TESTS]
    assert not [path for path in decided if not (PAGE.parent / path).exists()]
